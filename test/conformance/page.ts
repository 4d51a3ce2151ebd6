import { ADAPTERS } from './adapters/index.js'
import { SECTIONS, type Rule, type RuleId } from './rules.js'
import type { Row } from './support/table.js'
import { TABLE } from './table/index.js'
import { startUp, type StartUpRow } from './table/start-up.js'

const HEAD = `# Conformance

<!-- Written by \`npx -y pnpm@10.34.8 docs:conformance\` from test/conformance. Change it there. -->

What the specifications ask of an API that accepts access tokens, and which test keeps each rule. A row of the table
is a few requests that must be refused and their neighbours, which differ in one thing and must be accepted. Each goes
over a real socket to ${listed(ADAPTERS.map(({ name }) => name))}, on a route of its own and behind a mount
path; guards also with \`requireJwt\` outside of the mount path. Of every answer the status, the challenge to the letter,
the body and \`Cache-Control\` are compared, the code that the operator is told, and whether the handler ran.

"All" stands for these frameworks; "start-up" for a \`ConfigError\`, in the core and through one adapter. A level in
capitals is the specification's; "own" is ours.
`

/** Writes docs/conformance.md from the rules and the table. */
export function writeConformancePage(): string {
  const sections = Object.entries(SECTIONS).map(
    ([section, rules]) => `## ${section}\n\n${table(Object.entries(rules) as [RuleId, Rule][])}\n`,
  )
  return [HEAD, ...sections].join('\n')
}

/** Gives the rows about a rule: those with requests, and those about start-up. */
export function rowsOf(id: RuleId): {
  readonly requests: readonly Row[]
  readonly starts: readonly StartUpRow[]
} {
  return {
    requests: TABLE.filter(({ rules }) => rules.includes(id)),
    starts: startUp.filter(({ rules }) => rules.includes(id)),
  }
}

function table(rules: readonly (readonly [RuleId, Rule])[]): string {
  const head = ['rule', 'level', 'what is asked', 'what is tested', 'on']
  return [head, head.map(() => '---'), ...rules.map(([id, rule]) => cells(id, rule))].map(writeRow).join('\n')
}

function cells(id: RuleId, { level, source, text, without }: Rule): readonly string[] {
  const { requests, starts } = rowsOf(id)
  const asked = source === '' ? text : `${text} (${source})`
  if (without !== undefined) return [id, level, asked, `Nothing: ${without}`, '']
  const on = [requests.length > 0 ? 'all' : '', starts.length > 0 ? 'start-up' : '']
  const tested = [...requests, ...starts].map(describeRow)
  return [id, level, asked, tested.join('<br>'), on.filter((place) => place !== '').join(', ')]
}

function describeRow({ about, refuses, accepts }: Row | StartUpRow): string {
  return `${about} (${refuses.length} refused, ${accepts.length} accepted)`
}

function writeRow(row: readonly string[]): string {
  return `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
