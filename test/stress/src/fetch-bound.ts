import { KEY_SET, LIMITS, SPEED } from './settings.js'

/** A fetch as the issuer saw it; `at` is in milliseconds of the machine's clock. */
export interface SeenFetch {
  readonly at: number
  readonly failed: boolean
}

/** A stretch of time, how many fetches it had, and how many it may have. */
export interface FetchCount {
  readonly seconds: number
  readonly count: number
  readonly bound: number
}

/** What became of the bound in a run. */
export interface Stretches {
  /** The one that comes nearest to its bound, or is furthest beyond it. */
  readonly nearest: FetchCount
  readonly whole: FetchCount
}

/** How much later than it was sent a fetch may be seen, on a busy machine: the first of a long stretch, or of a run. */
const JITTER_MS = 500
const RUN_JITTER_MS = 100

/**
 * Looks at every stretch of time that begins and ends with a fetch. `undefined` where there was no fetch.
 *
 * The bound: 2 and one in 30 s (unknown keys), 1 and one in 60 s (bad signatures), 1 and one in each ttl, of which
 * keys are renewed at three quarters; one more for each failure, in a run of them no more than the back-off allows in
 * its time. All by the clock of the key set.
 */
export function countStretches(fetches: readonly SeenFetch[]): Stretches | undefined {
  const whole = stretchesFrom(fetches).at(-1)
  if (whole === undefined) return undefined
  const all = fetches.flatMap((_, start) => stretchesFrom(fetches.slice(start)))
  return { whole, nearest: all.reduce((one, other) => (roomIn(other) < roomIn(one) ? other : one)) }
}

/** The stretches that begin with the first fetch, the shortest first. */
function stretchesFrom(fetches: readonly SeenFetch[]): FetchCount[] {
  const since = fetches[0]?.at ?? 0
  let overRuns = 0 // what the runs of failures that are over may have cost
  let run: { readonly since: number; readonly failures: number } | undefined
  return fetches.map(({ at, failed }, index) => {
    if (failed) run = { since: run?.since ?? at, failures: (run?.failures ?? 0) + 1 }
    const thisRun = run === undefined ? 0 : Math.min(run.failures, attemptsIn(at - run.since))
    const bound = Math.floor(steadyBound(at - since)) + overRuns + thisRun
    if (!failed) {
      overRuns += thisRun
      run = undefined
    }
    return { seconds: (at - since) / 1000, count: index + 1, bound }
  })
}

function roomIn({ count, bound }: FetchCount): number {
  return bound - count
}

/** How many fetches there may be in a time of the machine's clock while none fails. */
export function steadyBound(ms: number): number {
  const elapsed = (ms + JITTER_MS) * SPEED
  const demand = LIMITS.demandCapacity + elapsed / LIMITS.demandRefillMs
  const signature = 1 + elapsed / LIMITS.signatureRefillMs
  const ttl = 1 + elapsed / (KEY_SET.ttlMs * LIMITS.aheadFrom)
  return demand + signature + ttl
}

/** How many fetches of one run of failures there may be in its time: the pauses are never shorter than half. */
export function attemptsIn(ms: number): number {
  const elapsed = (ms + RUN_JITTER_MS) * SPEED
  let attempts = 2 // the first, and its retry
  let paused = 0
  for (let failures = 1; ; failures += 1) {
    paused += Math.min(LIMITS.maxBackoffMs, LIMITS.firstBackoffMs * 2 ** (failures - 1)) / 2
    if (paused > elapsed) return attempts
    attempts += 1
  }
}
