/**
 * How many times faster than the machine's clock that of the tokens and of the key set runs: a `ttlMs` of 60 s, the
 * shortest there is, passes in 3 s, the refill of the demand bucket in 1.5 s. Timers are not sped up: a fetch takes
 * as long as it takes, and `fetchTimeoutMs` is 1.5 s of the machine's.
 */
export const SPEED = 20

/** The key set under test, in milliseconds of its own clock (`fetchTimeoutMs`: of the machine's). */
export const KEY_SET = {
  ttlMs: 60_000,
  staleWhileRevalidateMs: 40_000,
  staleIfErrorMs: 300_000,
  fetchTimeoutMs: 1_500,
} as const

/** The bounds of the key set that cannot be set, in milliseconds of its own clock. */
export const LIMITS = {
  demandCapacity: 2,
  demandRefillMs: 30_000,
  signatureRefillMs: 60_000,
  /** The earliest moment of a ttl at which keys are renewed, and the latest. */
  aheadFrom: 0.75,
  aheadTo: 0.85,
  firstBackoffMs: 1_000,
  maxBackoffMs: 60_000,
} as const

/** The identifier of the API under test. */
export const AUDIENCE = 'https://api.example'

/** The frameworks under test. */
export const ADAPTERS = ['express', 'koa', 'hono'] as const
export type AdapterName = (typeof ADAPTERS)[number]

/** Faults of a server, planted to see that a check notices them. */
export const PLANTS = ['accept', 'wait', 'flood', 'leak', 'open', 'tell'] as const
export type Plant = (typeof PLANTS)[number]

/** Makes the fast clock. Two processes that are given one `start` have one clock. */
export function fastClock(start: number): () => number {
  return () => start + (Date.now() - start) * SPEED
}

/** How long a time of the fast clock takes on the machine's, both in milliseconds. */
export function onMachine(ms: number): number {
  return ms / SPEED
}
