import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of a document. */
export interface Block {
  readonly document: string
  /** The line of the document on which the code starts, from 1. */
  readonly line: number
  /** The first word behind the fence: `ts`, `sh`, `json` … */
  readonly language: string
  /** What stands behind it, for example `run`. */
  readonly flags: readonly string[]
  readonly code: string
}

/** Reads the fenced blocks of every document that tells users or contributors what to write. */
export function documentBlocks(): readonly Block[] {
  return documents().flatMap((document) => blocksOf(document, readFileSync(join(ROOT, document), 'utf8')))
}

/** Reads the fenced blocks of one document. */
function blocksOf(document: string, markdown: string): readonly Block[] {
  const blocks: Block[] = []
  const fences = /^( *)(`{3,})([^\n`]*)\n([^]*?)^\1\2 *$/gm
  for (const { 1: indent = '', 3: info = '', 4: code = '', index } of markdown.matchAll(fences)) {
    const [language = '', ...flags] = info.trim().split(/\s+/)
    const line = markdown.slice(0, index).split('\n').length + 1
    blocks.push({
      document,
      line,
      language,
      flags,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    })
  }
  return blocks
}

function documents(): readonly string[] {
  const pattern =
    /^(?:README|ARCHITECTURE|CONTRIBUTING|SECURITY)\.md$|^docs\/|^(?:packages|examples)\/[^/]+\/README\.md$/
  return repositoryFiles('*.md', pattern)
}

/** Lists the files that are, or would be, in the repository, whose name has the form and whose path matches. */
export function repositoryFiles(form: string, pattern: RegExp): readonly string[] {
  const flags = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', form]
  const listed = execFileSync('git', flags, { cwd: ROOT, encoding: 'utf8' })
  return listed.split('\0').filter((path) => pattern.test(path) && existsSync(join(ROOT, path)))
}
