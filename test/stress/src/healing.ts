import type { SeenFetch } from './fetch-bound.js'
import type { Publication } from './oracle.js'
import type { Change } from './rotation.js'
import { KEY_SET, LIMITS, onMachine } from './settings.js'

/** How long good tokens could be refused after a change of the key, in milliseconds of the machine's clock. */
export interface Healing {
  readonly announced: boolean
  /** From the first token of the new key to the answer with which the server learnt it; 0 where it knew it before. */
  readonly tookMs: number
  readonly boundMs: number
}

/** A fetch and its answer at their slowest, and what a busy machine adds. */
const ANSWER_MS = 1_600

/**
 * Says for each change how long the server took to learn the new key, and how long it may take: a token of the demand
 * bucket, which a flood leaves empty, and one answer; for each attempt that the issuer let fail its time limit and the
 * pause after it. A change too near the end to be judged is left out.
 */
export function healings(
  changes: readonly Change[],
  publications: readonly Publication[],
  fetches: readonly SeenFetch[],
  end: number,
): Healing[] {
  return changes.flatMap(({ kid, at, announced }) => {
    const learntAt = publications.find(({ kids }) => kids.has(kid))?.answeredAt ?? end
    const boundMs = healingBound(failuresBetween(at - KEY_SET.fetchTimeoutMs, learntAt, fetches))
    const tookMs = Math.max(0, learntAt - at)
    const undecided = learntAt === end && tookMs < boundMs
    return undecided ? [] : [{ announced, tookMs, boundMs }]
  })
}

/** The bound for a number of failures in a row. */
export function healingBound(failures: number): number {
  let boundMs = onMachine(LIMITS.demandRefillMs) + ANSWER_MS
  for (let failure = 1; failure <= failures; failure += 1) {
    const pauseMs = Math.min(LIMITS.maxBackoffMs, LIMITS.firstBackoffMs * 2 ** (failure - 1))
    // After a success the next look-up needs a token of the bucket again.
    boundMs += KEY_SET.fetchTimeoutMs + onMachine(Math.max(pauseMs, LIMITS.demandRefillMs))
  }
  return boundMs
}

function failuresBetween(from: number, to: number, fetches: readonly SeenFetch[]): number {
  return fetches.filter(({ at, failed }) => failed && at >= from && at <= to).length
}
