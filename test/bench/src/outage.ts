import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'
import { isChosen, type RunOptions } from './arguments.js'
import { reportOf, type Figure, type Participant, type Report, type RowReport } from './report.js'
import { spreadOf } from './statistics.js'

/** What one contender did: see outage/outage.ts. */
interface Seen extends Participant {
  readonly kind: 'ours' | 'peer'
  readonly fetches: readonly number[]
  readonly acceptedInFlood: number
  readonly accepted: ReadonlyMap<number, number>
  readonly fault: string | undefined
}

/** What outage/outage.ts exports. */
interface Plays {
  readonly OUTAGE_CONTENDERS: readonly { readonly name: string }[]
  readonly FLOOD: number
  readonly MINUTES: readonly number[]
  meetOutage(contender: { readonly name: string }): Promise<Seen>
}

const CONDITIONS = ['@require-jwt/source']

/** Counts fetches under a flood of unknown kids, and tokens accepted while the issuer is down. */
export async function benchOutage({ only }: RunOptions, tell: (line: string) => void): Promise<Report> {
  // The stage of the fault tests has no build: it is loaded from its sources, as its own tests load it.
  const server = await createViteServer({
    configFile: false,
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
    resolve: { conditions: CONDITIONS },
    ssr: { resolve: { conditions: CONDITIONS } },
  })
  try {
    const plays = (await server.ssrLoadModule('/test/bench/outage/outage.ts')) as Plays
    const all: Seen[] = []
    for (const contender of plays.OUTAGE_CONTENDERS.filter(({ name }) => isChosen(name, only))) {
      tell(`outage: ${contender.name} …`)
      // oxlint-disable-next-line no-await-in-loop -- each takes over the clock of the process
      all.push(await plays.meetOutage(contender))
    }
    const thrownOut = all.flatMap(({ name, fault }) => (fault === undefined ? [] : [{ name, why: fault }]))
    for (const { name, why } of thrownOut) tell(`!!! THROWN OUT: ${name} ${why}`)
    const seen = all.filter(({ fault }) => fault === undefined)
    const settings = { floodPerSecond: plays.FLOOD }
    return reportOf({ kind: 'outage', settings, thrownOut, rows: rowsOf(seen, plays) }, seen)
  } finally {
    await server.close()
  }
}

function rowsOf(seen: readonly Seen[], { FLOOD, MINUTES }: Plays): readonly RowReport[] {
  const flood = `outage · ${FLOOD} unknown kids a second`
  const figures = (value: (one: Seen) => number): readonly Figure[] =>
    seen.map((one) => ({ name: one.name, kind: one.kind, value: spreadOf([value(one)]) }))
  return [
    { row: `${flood} · first minute`, unit: 'fetches', figures: figures(({ fetches }) => fetches[0] ?? 0) },
    { row: `${flood} · third minute`, unit: 'fetches', figures: figures(({ fetches }) => fetches[2] ?? 0) },
    { row: `${flood} · good tokens accepted`, unit: '%', figures: figures((one) => one.acceptedInFlood) },
    ...MINUTES.map((minutes) => ({
      row: `outage · issuer down for ${minutes} min · good tokens accepted`,
      unit: '%',
      figures: figures(({ accepted }) => accepted.get(minutes) ?? 0),
    })),
  ]
}
