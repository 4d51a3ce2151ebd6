import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Spread } from './statistics.js'

/** What was measured of one contender. */
export interface Figure {
  readonly name: string
  readonly kind: 'noop' | 'limit' | 'peer' | 'ours'
  readonly value: Spread
  /** Next to the base of the row, round by round. */
  readonly ratio?: Spread | undefined
}

/** One row of the table. */
export interface RowReport {
  readonly row: string
  /** Of `value`. */
  readonly unit: string
  /** What `ratio` divides by. */
  readonly base?: string | undefined
  /** What else is to be known of it. */
  readonly note?: string | undefined
  readonly figures: readonly Figure[]
}

/** What one run of one kind has shown. */
export interface Report {
  readonly kind: string
  readonly date: string
  readonly node: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGiB: number
    readonly system: string
  }
  readonly versions: Readonly<Record<string, string>>
  readonly setups: Readonly<Record<string, string>>
  readonly settings: Readonly<Record<string, number | string>>
  readonly thrownOut: readonly { readonly name: string; readonly why: string }[]
  readonly rows: readonly RowReport[]
}

/** Who took part, for the head of a report. */
export interface Participant {
  readonly name: string
  readonly packages: readonly string[]
  readonly setup: string
}

/** Makes a report of what was measured, with the machine and the versions. */
export function reportOf(
  run: Pick<Report, 'kind' | 'settings' | 'thrownOut' | 'rows'>,
  participants: readonly Participant[],
): Report {
  const packages = [...new Set(participants.flatMap((each) => each.packages))].toSorted()
  return {
    kind: run.kind,
    date: new Date().toISOString(),
    node: process.version,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${process.arch}`,
    },
    versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
    setups: Object.fromEntries(participants.map(({ name, setup }) => [name, setup])),
    settings: run.settings,
    thrownOut: run.thrownOut,
    rows: run.rows,
  }
}

/** Draws a report for the terminal. */
export function drawReport({ kind, node, machine, rows, thrownOut }: Report): string {
  const head = `bench ${kind}: Node ${node}, ${machine.cores} × ${machine.cpu}`
  const expelled = thrownOut.map(({ name, why }) => `!!! thrown out: ${name} ${why}`)
  return [head, ...rows.map(drawRow), ...expelled, ''].join('\n\n')
}

function drawRow({ row, unit, base, note, figures }: RowReport): string {
  const width = Math.max(...figures.map(({ name }) => name.length))
  const lines = figures.map(({ name, value, ratio }) => {
    const times = ratio === undefined ? '' : drawSpread(ratio)
    return `  ${name.padEnd(width)}  ${drawSpread(value)}${times}`.trimEnd()
  })
  const columns = `${unit}: median (p10 … p90)${base === undefined ? '' : `, and times ${base}`}`
  return [`${row}   [${columns}]`, ...lines, ...(note === undefined ? [] : [`  ${note}`])].join('\n')
}

function drawSpread({ median, p10, p90 }: Spread): string {
  const range = p10 === p90 ? '' : `(${drawNumber(p10)} … ${drawNumber(p90)})`
  return `${drawNumber(median).padStart(10)} ${range.padEnd(24)}`
}

/** Writes a number as precisely as it means something. */
export function drawNumber(value: number): string {
  const size = Math.abs(value)
  if (size >= 1_000 || Number.isInteger(value)) return Math.round(value).toLocaleString('en')
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function versionOf(name: string): string {
  // Contenders of the fault table are installed there.
  const places = ['..', '../../faults'].map((place) => `${place}/node_modules/${name}/package.json`)
  const manifest = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url))
  if (manifest === undefined) throw new Error(`${name} is not installed`)
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return version
}
