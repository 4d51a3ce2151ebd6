import { parseArgs } from 'node:util'
import type { Clock } from './turns.js'

/** The kinds of measurement. */
const KINDS = ['core', 'http', 'start', 'memory', 'outage'] as const

/** One of them. */
export type Kind = (typeof KINDS)[number]

/** What a run is to be. */
export interface RunOptions {
  /** How many turns each contender takes; undefined: as many as the kind needs. */
  readonly rounds: number | undefined
  readonly sliceMs: number
  /** What `core` measures time by. */
  readonly clock: Clock
  /** How many different tokens there are of each algorithm; undefined: as many as the kind needs. */
  readonly tokens: number | undefined
  /** Parts of the names of contenders; empty: all. */
  readonly only: readonly string[]
  /** Parts of the names of rows; empty: all. */
  readonly rows: readonly string[]
  /** The file for the figures. */
  readonly json: string | undefined
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'run'; readonly what: Kind; readonly options: RunOptions }
  | { readonly kind: 'page'; readonly files: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

export const HELP: string = `Measures what it costs to check a token, next to the bare signature check and to other libraries.

usage: npx -y pnpm@10.34.8 bench core|http|start|memory|outage [option]
       npx -y pnpm@10.34.8 bench page FILE…

  core      microseconds per token, in one process, from function call to verdict
  http      requests per second of whole servers
  start     milliseconds from the start of a process to its first verified request
  memory    heap after 100,000 different tokens
  outage    fetches under a flood of unknown kids, tokens accepted while the issuer is down
  page      writes docs/benchmark.md and its plots from files that --json wrote

  --rounds N     how many turns each contender takes
  --slice MS     how long a turn takes; default 10 (core), 150 (http)
  --clock cpu    core: time that the process computes, not time that passes: for a busy machine
  --tokens N     how many different tokens, at least 500; default 10000, memory 100000
  --only A,B     only contenders whose name contains one of these; limits stay
  --rows A,B     only rows whose name contains one of these
  --json FILE    write the figures there as well
  --help         print this

Exit code: 0 measured, 1 a contender was thrown out, 2 the arguments make no sense.
`

const TEXT = { type: 'string' } as const

/** Reads the command line. */
export function readArguments(args: readonly string[]): Command {
  let parsed
  try {
    const options = {
      rounds: TEXT,
      slice: TEXT,
      clock: TEXT,
      tokens: TEXT,
      only: TEXT,
      rows: TEXT,
      json: TEXT,
    } as const
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, help: { type: 'boolean' } },
    })
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  if (values.help) return { kind: 'help' }
  const [first, ...rest] = positionals
  if (first === 'page') {
    return rest.length > 0 ? { kind: 'page', files: rest } : { kind: 'mistake', message: 'page takes files' }
  }
  const what = KINDS.find((kind) => kind === first)
  if (what === undefined || rest.length > 0) {
    return { kind: 'mistake', message: `say what to measure: ${KINDS.join(', ')}` }
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  const sliceMs = Number(values.slice ?? (what === 'http' ? 150 : 10))
  const tokens = values.tokens === undefined ? undefined : Number(values.tokens)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    return { kind: 'mistake', message: '--rounds takes a whole number above 0' }
  }
  if (!(sliceMs > 0)) return { kind: 'mistake', message: '--slice takes milliseconds above 0' }
  if (tokens !== undefined && !(Number.isInteger(tokens) && tokens >= 500)) {
    return { kind: 'mistake', message: '--tokens takes a whole number from 500' }
  }
  const { clock = 'wall' } = values
  if (clock !== 'wall' && clock !== 'cpu') return { kind: 'mistake', message: '--clock takes wall or cpu' }
  const [only, rows] = [list(values.only), list(values.rows)]
  return { kind: 'run', what, options: { rounds, sliceMs, clock, tokens, only, rows, json: values.json } }
}

/** Says whether a name contains one of the parts; without parts, every name does. */
export function isChosen(name: string, parts: readonly string[]): boolean {
  return parts.length === 0 || parts.some((part) => name.includes(part))
}

function list(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((part) => part.trim())
}
