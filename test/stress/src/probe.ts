import type { FetchLike } from '@require-jwt/core'
import type { Counts } from './messages.js'

/** How often the event loop is looked at: a tick. */
const TICK_MS = 5

/** More ticks than any token takes that waits for nothing but its signature. */
const TICKS_OF_A_WAIT = 30

/** Counts the requests that waited for the network, and the fetches past the caches on the way. */
export interface Probe {
  /** To be called when a request comes; what it gives, when its answer has gone. */
  begin(): () => void
  readonly counts: Counts
  readonly fetch: FetchLike
  stop(): void
}

/**
 * Makes a probe. A request has waited when a fetch was under way in its time and the event loop came round more
 * than 30 times, 5 ms apart, before it was answered. A process that the machine lets stand does not tick, so that a
 * busy machine counts for little, and no answer of the issuer takes less than 150 ms.
 */
export function createProbe(onFetch: () => void): Probe {
  const counts = { known: 0, waited: 0, longestTicks: 0, forced: 0 }
  let ticks = 0
  let fetches = 0
  let underWay = 0
  const timer = setInterval(() => {
    ticks += 1
  }, TICK_MS)
  return {
    counts,
    begin() {
      const begun = { ticks, fetches, underWay }
      return () => {
        const took = ticks - begun.ticks
        counts.known += 1
        counts.longestTicks = Math.max(counts.longestTicks, took)
        if (took > TICKS_OF_A_WAIT && (begun.underWay > 0 || fetches > begun.fetches)) counts.waited += 1
      }
    },
    async fetch(url, init) {
      onFetch()
      fetches += 1
      underWay += 1
      // Seen here: on the wire each conditional request has it, because `fetch` adds it.
      if (init.headers['cache-control'] === 'no-cache') counts.forced += 1
      try {
        return await globalThis.fetch(url, init)
      } finally {
        underWay -= 1
      }
    },
    stop: () => clearInterval(timer),
  }
}
