import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url))

/** The compilers that a user may have: the one of this repository, and the last one before it. */
export const COMPILERS: Readonly<Record<string, string>> = {
  'TypeScript 7': join(ROOT, 'node_modules/typescript/bin/tsc'),
  'TypeScript 5.9': createRequire(import.meta.url).resolve('typescript5/bin/tsc'),
}

/** A tarball for each package, by name. */
export type Tarballs = ReadonlyMap<string, string>

/** Makes a folder outside the repository, so that nothing in it resolves by accident. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'require-jwt-packaging-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Packs every package as it would be published. */
export function pack(folder: string): Tarballs {
  const output = execFileSync(process.execPath, [join(ROOT, 'scripts/pack.mjs'), folder], {
    encoding: 'utf8',
  })
  const packed: readonly { readonly name: string; readonly tarball: string }[] = JSON.parse(output)
  return new Map(packed.map(({ name, tarball }) => [name, tarball]))
}

/**
 * Installs packages into a new, empty project as a user would, by npm. Those of ours come from the tarballs,
 * also where one of them asks for another; the versions of the rest are the ones that are tested here.
 */
export async function install(
  folder: string,
  dependencies: readonly string[],
  tarballs: Tarballs,
): Promise<void> {
  const ours = (name: string): string | undefined => {
    const tarball = tarballs.get(name)
    return tarball && `file:${tarball}`
  }
  await installManifest(folder, {
    private: true,
    dependencies: Object.fromEntries(dependencies.map((name) => [name, ours(name) ?? testedVersion(name)])),
    overrides: Object.fromEntries(
      [...tarballs.keys()].filter((name) => !dependencies.includes(name)).map((name) => [name, ours(name)]),
    ),
  })
}

async function installManifest(folder: string, manifest: object): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
  const flags = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error']
  await promisify(execFile)('npm', flags, { cwd: folder })
}

/** Copies what a user would have written into a project. */
export function addFixtures(folder: string, name: string): void {
  cpSync(join(FIXTURES, name), folder, { recursive: true })
  for (const file of ['issuer.mjs', 'tsconfig.json']) cpSync(join(FIXTURES, file), join(folder, file))
}

/** Compiles a project and gives what the compiler complains of, one text for each place. */
export function compile(folder: string, compiler: string): readonly string[] {
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout.split(/\n(?=\S)/).filter((complaint) => complaint !== '')
}

/**
 * Copies examples out of the repository, as somebody would who starts from them, and installs what they ask for
 * by npm: one install for all, which is the dear part of it. Packages of ours come from the tarballs.
 */
export async function installExamples(
  folder: string,
  names: readonly string[],
  tarballs: Tarballs,
): Promise<void> {
  for (const name of names) {
    const example = join(ROOT, 'examples', name)
    const made = [join(example, 'node_modules'), join(example, 'dist')]
    cpSync(example, join(folder, name), { recursive: true, filter: (path) => !made.includes(path) })
  }
  const overrides = Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]))
  await installManifest(folder, { private: true, workspaces: names, overrides })
}

/** Builds an example as its `npm start` does and gives the file that is run then. */
export async function buildExample(folder: string): Promise<string> {
  const { scripts }: { readonly scripts: { readonly start: string } } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  const { 1: build, 2: file } = /^(tsc\b.*) && node (\S+)$/.exec(scripts.start) ?? []
  if (build === undefined || file === undefined) throw new Error(`${folder}: what does npm start do?`)
  await promisify(execFile)('npm', ['exec', '--offline', '--', ...build.split(' ')], { cwd: folder })
  return file
}

/** A process of the project that said where it can be found. */
export interface Running {
  readonly said: string
  stop(): Promise<void>
}

/** Starts a file of a project with Node and waits for the first line, or the first that matches `ready`. */
export async function start(
  folder: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
  ready: RegExp = /^/,
): Promise<Running> {
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const ended = once(child, 'exit').then(() => undefined)
  const said = await Promise.race([readUntil(createInterface(child.stdout), ready), ended])
  if (said === undefined) throw new Error(`${file} ended before it was ready:\n${complaints}`)
  return { said, stop: () => stop(child, ended) }
}

function readUntil(lines: Interface, ready: RegExp): Promise<string> {
  const read: string[] = []
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      read.push(line)
      if (ready.test(line)) resolve(read.join('\n'))
    })
  })
}

async function stop(child: ChildProcess, ended: Promise<undefined>): Promise<void> {
  child.kill()
  await ended
}

/** The version that the packages of this repository are tested with: the one that is installed for them. */
function testedVersion(name: string): string {
  for (const from of ['packages/express', 'packages/koa', 'packages/hono', 'packages/testing', '.'])
    try {
      const path = join(ROOT, from, 'node_modules', name, 'package.json')
      const { version }: { readonly version: string } = JSON.parse(readFileSync(path, 'utf8'))
      return version
    } catch {
      continue
    }
  throw new Error(`${name} is not installed`)
}
