import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Block, documentBlocks } from './blocks.js'
import { docstringBlocks } from './docstrings.js'
import { asModule } from './preamble.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// Inside this folder, so that imports find its dependencies; with a dot, so that nothing else picks it up.
const FOLDER = mkdtempSync(fileURLToPath(new URL('./.blocks-', import.meta.url)))

const blocks = [...documentBlocks(), ...docstringBlocks()]
const written = blocks.filter(({ language }) => language === 'ts')
const files = new Map(written.map((block, index) => [block, `block-${index}.ts`]))

// A block that must not compile, so that the tests below cannot pass because nothing was checked.
const BROKEN = 'broken.ts'

let complaints: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  for (const [block, file] of files) writeFileSync(join(FOLDER, file), asModule(block.code))
  writeFileSync(join(FOLDER, BROKEN), asModule("const port: number = '3000'"))
  complaints = compile()
}, 60_000)

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true })
})

test('the compiler was asked: it complains of a block that is wrong', () => {
  expect(complaints.get(BROKEN)).toEqual([expect.stringContaining('TS2322')])
})

test('there are documents and docstrings to check', () => {
  const sources = written.map(({ document }) => document)
  expect(sources).toEqual(expect.arrayContaining(['README.md', 'packages/core/src/verifier.ts']))
})

test.each(cases(written))('%s compiles alone', (_, block) => {
  expect(complaints.get(files.get(block) ?? '') ?? []).toEqual([])
})

test.each(cases(written.filter(({ flags }) => flags.includes('run'))))('%s runs', async (_, block) => {
  const url = pathToFileURL(join(FOLDER, files.get(block) ?? '')).href
  await expect(import(url)).resolves.toBeDefined()
})

test.each(cases(blocks.filter(({ language }) => language === 'json')))('%s parses', (_, { code }) => {
  expect(() => JSON.parse(code) as unknown).not.toThrow()
})

/** Blocks by name: where they start, so that a failure names a line to go to. */
function cases(selected: readonly Block[]): [string, Block][] {
  return selected.map((block) => [`${block.document}:${block.line}`, block])
}

/** Compiles all blocks in one go and sorts the compiler's complaints by file, with the block's own lines. */
function compile(): ReadonlyMap<string, readonly string[]> {
  const config = {
    extends: '../../../tsconfig.test.json',
    compilerOptions: { noEmit: true },
    include: ['*.ts'],
    exclude: [],
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', FOLDER, '--pretty', 'false'], {
    cwd: FOLDER,
    encoding: 'utf8',
  })
  const found = new Map<string, string[]>()
  for (const line of stdout.split('\n')) {
    const { 1: file = '', 2: row = '', 3: text = '' } = /^(\S+?)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    if (text !== '') found.set(file, [...(found.get(file) ?? []), `line ${Number(row) - 1}: ${text}`])
  }
  return found
}
