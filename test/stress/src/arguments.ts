import { parseArgs } from 'node:util'
import { ADAPTERS, PLANTS, type AdapterName, type Plant } from './settings.js'

/** What a run is to be. */
export interface RunOptions {
  readonly seconds: number
  readonly adapters: readonly AdapterName[]
  /** Requests a second, over all adapters. */
  readonly rate: number
  readonly seed: number
  /** The file for the figures. */
  readonly json: string | undefined
  readonly plant: Plant | undefined
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

export const HELP: string = `Loads an API on Express, Koa and Hono while its issuer rotates keys, hangs and fails.

usage: npx -y pnpm@10.34.8 stress [option]

  --seconds N        how long, at least 45; default 60
  --adapter NAME     ${ADAPTERS.join(', ')} or all; default all, at once
  --rate N           requests a second, over all adapters; default 120
  --seed N           of the faults, the rotations and the tokens; default: of the time
  --json FILE        write the figures there as well
  --plant FAULT      plant a fault, to see that a check fails: ${PLANTS.join(', ')}
  --help             print this

Exit code: 0 every check passed, 1 not every check did, 2 the arguments make no sense.
`

const TEXT = { type: 'string' } as const

/** Reads the command line. */
export function readArguments(args: readonly string[]): Command {
  let values
  try {
    const options = { seconds: TEXT, adapter: TEXT, rate: TEXT, seed: TEXT, json: TEXT, plant: TEXT } as const
    values = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean' } } }).values
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  if (values.help) return { kind: 'help' }
  const seconds = Number(values.seconds ?? 60)
  const rate = Number(values.rate ?? 120)
  const seed = Number(values.seed ?? Date.now() % 1_000_000)
  const adapters = ADAPTERS.filter((name) => name === values.adapter || (values.adapter ?? 'all') === 'all')
  const plant = PLANTS.find((name) => name === values.plant)
  // Shorter, and the outage of the first minute has no end.
  if (!(seconds >= 45)) return { kind: 'mistake', message: '--seconds takes a number from 45' }
  if (!(rate >= 30)) return { kind: 'mistake', message: '--rate takes a number from 30' }
  if (!Number.isInteger(seed)) return { kind: 'mistake', message: '--seed takes a whole number' }
  if (adapters.length === 0)
    return { kind: 'mistake', message: `--adapter takes ${ADAPTERS.join(', ')} or all` }
  if (plant !== values.plant) return { kind: 'mistake', message: `--plant takes ${PLANTS.join(', ')}` }
  return { kind: 'run', options: { seconds, adapters, rate, seed, json: values.json, plant } }
}
