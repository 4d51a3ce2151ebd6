import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contender.js'
import { core } from './contenders/ours.js'
import { peers } from './contenders/peers.js'
import { describeResult, type Result } from './run.js'
import { TABLE } from './table/index.js'
import type { Row } from './table/row.js'

/** Where the page is. */
export const PAGE: string = fileURLToPath(new URL('../../docs/faults.md', import.meta.url))

/** What came of every row, by contender; a row that is not about a contender is left out. */
export type Results = ReadonlyMap<Contender, readonly Result[]>

/** Writes docs/faults.md from what a run has shown. */
export function writePage(results: Results): string {
  return [
    HEAD,
    ...sections((rows) => ours(rows, results)),
    ...writeContenders(),
    COMPARISON,
    ...sections((rows) => matrix(rows, results)),
    ...peers.map((peer) => failures(peer, results)),
    NOT_TESTED,
  ].join('\n')
}

/** Writes who is compared, in which version, and how each is set up: known without a run. */
export function writeContenders(): readonly string[] {
  const versioned = peers.map(({ packages, setup }) => {
    const versions = packages.map((name) => `${name} ${versionOf(name)}`).join(' and ')
    return `- **${versions}**: ${setup}.`
  })
  return ['## The same faults, other libraries\n', ...versioned, '']
}

/** Writes the cells of a table. */
export function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const HEAD = `# Keys under fire

<!-- Written by \`npx -y pnpm@10.34.8 faults\` from test/faults. Change it there. -->

What happens to good tokens, to forged ones and to the issuer when the keys cannot be fetched as they should. Each row
is played against a real HTTP server on loopback that misbehaves in this one way. The rows about require-jwt are tests
([test/faults](../test/faults)) and run with every change, twice in a row, and where the status matters on each
adapter as well.

## How long a key is trusted

| how long, at most, a key that the issuer withdrew is still accepted | by default | where the issuer sends a \`max-age\` of an hour or more | in general |
| --- | --- | --- | --- |
| under traffic, while keys can be fetched | 10 min | 1 h | \`ttlMs\` |
| without traffic: until the first requests after it have led to a fetch | 20 min | 2 h | \`ttlMs + staleWhileRevalidateMs\` |
| while the issuer cannot be reached | 70 min | 2 h | \`ttlMs + staleIfErrorMs\` |

Set \`keySet.ttlMs\` to have your own figure: then the issuer's \`max-age\` is not read. \`verifier.refreshKeys()\` and
\`verifier.revokeKey({ issuer, kid })\` make it immediate. After the last bound the answer is 503 with \`Retry-After\`, for
every token: an outage is nobody's bad token.

## What require-jwt does
`

const COMPARISON = `
**held** says that what the table above asks of require-jwt was seen here as well; **failed** that it was not, which may
be what the library means to do: what was seen is told below. **–** says that the row is not about the library: it has
no discovery. A function has no status, so that of jose, aws-jwt-verify and fast-jwt none is asked. Nobody is waited for
longer than 35 s: then this page says that it gave up waiting.

Time is moved, not waited for: the clocks and timers of the process run ahead. Timeouts of sockets cannot be moved, and
are set to a tenth, with time running ten times as fast. To see it all again, from a clone:
\`npx -y pnpm@10.34.8 faults\`. It takes minutes and writes this page.
`

const NOT_TESTED = `
## What is not tested

TLS, certificates and DNS; HTTP/2; networks that lose packets; other runtimes than Node; other versions, and set-ups
with code of one's own (a fetcher, a cache, a penalty box), which several of these libraries have room for; stores and
issuers chosen per tenant, which have tests of their own. Faults come one at a time here: \`pnpm stress\` mixes them.
`

function sections(write: (rows: readonly Row[]) => string): readonly string[] {
  return Object.entries(TABLE).flatMap(([section, rows]) => {
    const text = write(rows)
    return text === '' ? [] : [`### ${section}\n`, text, '']
  })
}

function ours(rows: readonly Row[], results: Results): string {
  const lines = rows.map((row) => {
    const result = resultOf(row, core, results)
    return [row.fault, row.must, result === undefined ? '' : describeResult(result)]
  })
  return table(['fault', 'what must come of it', 'seen'], lines)
}

function matrix(rows: readonly Row[], results: Results): string {
  const shared = rows.filter(({ needs }) => needs !== 'our options')
  if (shared.length === 0) return ''
  const all = [core, ...peers]
  return table(
    ['fault', ...all.map(({ name }) => name)],
    shared.map((row) => [row.fault, ...all.map((contender) => verdict(resultOf(row, contender, results)))]),
  )
}

function verdict(result: Result | undefined): string {
  if (result === undefined) return '–'
  return result.held ? 'held' : '**failed**'
}

function failures(peer: Contender, results: Results): string {
  const all = results.get(peer) ?? []
  const failed = all.filter(({ held }) => !held)
  const lines = failed.map((result) => [result.row.fault, describeResult(result)])
  const held = `${all.length - failed.length} of ${all.length} rows held.`
  return `### ${peer.name}\n\n${held} Of the others, what was seen:\n\n${table(['fault', 'seen'], lines)}\n`
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map(writeRow).join('\n')
}

function resultOf(row: Row, contender: Contender, results: Results): Result | undefined {
  return results.get(contender)?.find((result) => result.row === row)
}

function versionOf(name: string): string {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return version
}
