import type { RunOptions } from './arguments.js'
import { countStretches, type Stretches } from './fetch-bound.js'
import { healings, type Healing } from './healing.js'
import { startIssuer } from './issuer.js'
import { createClient, drawKind, fireBySchedule } from './load.js'
import { KNOWN_HEADER, type ServerReport } from './messages.js'
import { rightVerdicts, type Exchange } from './oracle.js'
import { seededRandom } from './random.js'
import { startServer, type Ending } from './server-process.js'
import { fastClock, type AdapterName } from './settings.js'
import { mustPass, Tally, type Row, type RowFigures } from './tally.js'
import { createMint } from './tokens.js'

/** All that a run found out. */
export interface Figures {
  readonly options: RunOptions
  readonly rows: Readonly<Record<Row, RowFigures>>
  /** The first wrong verdicts, in words. */
  readonly wrong: readonly string[]
  /** How many tokens each adapter accepted. */
  readonly accepted: Readonly<Partial<Record<AdapterName, number>>>
  /** Shots that started more than 250 ms after their time. */
  readonly late: { readonly shots: number; readonly worstMs: number }
  readonly fetches: {
    readonly total: number
    readonly fates: Readonly<Record<string, number>>
    readonly jwks: Stretches | undefined
    readonly metadata: Stretches | undefined
  }
  readonly healings: readonly Healing[]
  readonly heap: { readonly afterSeconds: number; readonly beforeBytes: number; readonly endBytes: number }
  readonly server: ServerReport
  readonly ending: Ending
}

const LATE_MS = 250

/** Runs the load to its end, closes everything, and gives the figures. */
export async function run(options: RunOptions): Promise<Figures> {
  const { seconds, adapters, rate, seed, plant } = options
  const random = seededRandom(seed)
  const start = Date.now()
  const issuer = await startIssuer(random)
  const { publications, fetches } = issuer
  const server = await startServer({ issuer: issuer.url, start, adapters, plant })
  const client = createClient()
  const mint = createMint(issuer.url, issuer.rotation, fastClock(start))
  const tally = new Tally()
  const accepted: Partial<Record<AdapterName, number>> = {}
  const late = { shots: 0, worstMs: 0 }
  const underWay = new Set<Promise<void>>()

  const shoot = async (number: number, scheduledAt: number): Promise<void> => {
    const sentAt = Date.now()
    const lateMs = sentAt - scheduledAt
    if (lateMs > LATE_MS) late.shots += 1
    late.worstMs = Math.max(late.worstMs, Math.round(lateMs))
    const { kind, kid, subject, text } = mint(drawKind(sentAt - start, random))
    const at = number % adapters.length
    const known = mustPass(rightVerdicts({ kind, kid, sentAt, answeredAt: sentAt }, publications))
    const headers = { authorization: `Bearer ${text}`, ...(known ? { [KNOWN_HEADER]: '1' } : undefined) }
    const answer = await client.get(`${server.urls[at]}/me`, headers)
    const exchange: Exchange = { kind, kid, sentAt, answeredAt: Date.now() }
    const verdicts = rightVerdicts(exchange, publications)
    tally.add(exchange, answer, { verdicts, subject, scheduledAt })
    const adapter = adapters[at]
    if (answer.status === 200 && adapter !== undefined) accepted[adapter] = (accepted[adapter] ?? 0) + 1
  }

  const afterSeconds = Math.min(60, seconds / 2)
  let before: Promise<number> | undefined
  await fireBySchedule(rate, seconds, (number, scheduledAt) => {
    if (number >= afterSeconds * rate) before ??= server.heapBytes()
    const shot = shoot(number, scheduledAt).finally(() => underWay.delete(shot))
    underWay.add(shot)
  })
  const end = Date.now()
  await Promise.all(underWay)
  const beforeBytes = (await before) ?? Number.NaN
  const endBytes = await server.heapBytes()
  const report = await server.report()
  const ending = await server.close()
  client.close()
  await issuer.close()

  return {
    options,
    rows: tally.figures(),
    wrong: tally.wrong,
    accepted,
    late,
    fetches: {
      total: fetches.length,
      fates: countBy(fetches.map(({ fate }) => fate)),
      jwks: countStretches(fetches),
      metadata: countStretches(issuer.discoveries),
    },
    healings: healings(issuer.rotation.changes, publications, fetches, end),
    heap: { afterSeconds, beforeBytes, endBytes },
    server: report,
    ending,
  }
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
