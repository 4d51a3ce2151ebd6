import { parseArgs } from 'node:util'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'plant'; readonly name: string; readonly minutes: number }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

/** What a run is to be. */
export interface RunOptions {
  readonly minutes: number
  readonly seed: number
  readonly targets: readonly string[]
  /** Whether to stop at the first finding of a target. */
  readonly first: boolean
  /** Whether to measure which branches of the core the run took. */
  readonly coverage: boolean
}

const TEXT = { type: 'string' } as const
const FLAG = { type: 'boolean' } as const

/** Reads the command line; `targets` are the names that there are. */
export function readArguments(args: readonly string[], targets: readonly string[]): Command {
  let values
  try {
    const texts = { minutes: TEXT, seed: TEXT, target: TEXT, plant: TEXT } as const
    const flags = { first: FLAG, coverage: FLAG, help: FLAG } as const
    values = parseArgs({ args: [...args], options: { ...texts, ...flags } }).values
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  if (values.help) return { kind: 'help' }
  const minutes = Number(values.minutes ?? (values.plant === undefined ? 0.2 : 5))
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
  const chosen = targets.filter((name) => name === (values.target ?? name))
  if (!(minutes > 0)) return { kind: 'mistake', message: '--minutes takes a number above 0' }
  if (!Number.isInteger(seed)) return { kind: 'mistake', message: '--seed takes a whole number' }
  if (chosen.length === 0) return { kind: 'mistake', message: `--target takes ${targets.join(', ')}` }
  if (values.plant !== undefined) return { kind: 'plant', name: values.plant, minutes }
  const { first = false, coverage = false } = values
  return { kind: 'run', options: { minutes, seed, targets: chosen, first, coverage } }
}

/** Says how the command is used; `targets` are the names that there are. */
export function help(targets: readonly string[]): string {
  return `Gives the readers of hostile input broken input, and compares them with slow ones.

usage: npx -y pnpm@10.34.8 fuzz [option]

  --minutes N     how long; default 0.2, and at most 5 with --plant
  --seed N        where to begin; default: of the time
  --target NAME   only this one: ${targets.join(', ')}
  --first         stop each target at its first finding, not at its tenth
  --coverage      print which branches of the core the run did not take
  --plant NAME    plant a bug in a copy of the core, to see that it is found: a name in plants.json, or all
  --help          print this

Exit code: 0 nothing was found (with --plant: every bug was), 1 otherwise, 2 the arguments make no sense.
`
}
