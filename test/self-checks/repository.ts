import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of this repository, with a slash at the end. */
export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url))

/** What the checks read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly imports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Lists the folders of `packages` or `examples` that hold a package. */
export function packageFolders(parent: 'packages' | 'examples'): readonly string[] {
  return readdirSync(join(ROOT, parent))
    .filter((name) => existsSync(join(ROOT, parent, name, 'package.json')))
    .toSorted()
}

/** Reads the package.json of a folder such as `packages/core`. */
export function readManifest(folder: string): Manifest {
  const manifest: Manifest = JSON.parse(readText(join(folder, 'package.json')))
  return manifest
}

/** Reads a file as text. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Lists the files that are, or would be, in the repository and whose path matches. */
export function repositoryFiles(pattern: RegExp): readonly string[] {
  return allFiles().filter((path) => pattern.test(path))
}

/** Lists the TypeScript sources of a package, without its tests. */
export function sourceFiles(folder: string): readonly string[] {
  return repositoryFiles(/\.ts$/).filter(
    (path) => path.startsWith(`${folder}/src/`) && !/\.test(?:-\w+)?\.ts$/.test(path),
  )
}

let files: readonly string[] | undefined

function allFiles(): readonly string[] {
  files ??= execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(ROOT, path)))
  return files
}
