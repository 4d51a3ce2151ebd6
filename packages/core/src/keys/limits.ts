import { elapsed, stamp, type Clock, type Stamp } from './clock.js'

/** Says how often something may be done: some times at once, then once per refill. */
export class Bucket {
  readonly #capacity: number
  readonly #refillMs: number
  #tokens: number
  /** Since when the next token is being earned. */
  #since: Stamp = { wall: 0, monotonic: 0 }

  constructor(capacity: number, refillMs: number) {
    this.#capacity = capacity
    this.#refillMs = refillMs
    this.#tokens = capacity
  }

  /** Takes one token, where there is one. */
  take(clock: Clock): boolean {
    this.#refill(clock)
    if (this.#tokens === 0) return false
    // A full bucket earns nothing: its next token is earned from the moment that one is taken.
    if (this.#tokens === this.#capacity) this.#since = stamp(clock)
    this.#tokens -= 1
    return true
  }

  /** Tells in how many milliseconds there will be a token; 0: there is one. */
  nextMs(clock: Clock): number {
    this.#refill(clock)
    return this.#tokens > 0 ? 0 : this.#refillMs - elapsed(clock, this.#since)
  }

  #refill(clock: Clock): void {
    const earned = Math.floor(elapsed(clock, this.#since) / this.#refillMs)
    this.#tokens = Math.min(this.#capacity, this.#tokens + earned)
    this.#since = later(this.#since, earned * this.#refillMs)
  }
}

/**
 * Says how often unknown `kid`s may make us ask the issuer: twice at once, then once per 30 s. A rotation right after
 * a fill works at once, and a flood of invented `kid`s costs next to nothing.
 */
export function demandBucket(): Bucket {
  return new Bucket(2, 30_000)
}

/**
 * Says how often bad signatures may make us ask the issuer: once per 60 s. A new key under an old `kid` is found
 * soon, and a flood of forged signatures costs next to nothing.
 */
export function signatureBucket(): Bucket {
  return new Bucket(1, 60_000)
}

function later(moment: Stamp, ms: number): Stamp {
  return { wall: moment.wall + ms, monotonic: moment.monotonic + ms }
}

const FIRST_BACKOFF_MS = 1_000

/**
 * Says how long to leave an issuer alone after failures: 1 s, doubled by each failure up to a cap, times a random
 * factor between 0.5 and 1, so that a fleet does not come back as one.
 */
export class Backoff {
  #failures = 0
  #last: { readonly at: Stamp; readonly factor: number; readonly retryAfterMs: number } | undefined

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** Notes a failure; `random` is from 0 to 1, `retryAfterMs` the pause that the issuer asked for. */
  fail(clock: Clock, random: number, retryAfterMs = 0): void {
    this.#failures += 1
    this.#last = { at: stamp(clock), factor: 0.5 + random / 2, retryAfterMs }
  }

  /** Notes a success: the next failure is a first one. */
  succeed(): void {
    this.#failures = 0
    this.#last = undefined
  }

  /**
   * Tells in how many milliseconds the next attempt is allowed; 0: at once.
   *
   * The cap belongs to the question, not to the failure: when keys run out, the pause gets shorter. It holds for
   * what the issuer asked for as well: a `Retry-After` of an hour does not make an outage of minutes one of an hour.
   */
  remainingMs(clock: Clock, capMs: number): number {
    if (this.#last === undefined) return 0
    const { at, factor, retryAfterMs } = this.#last
    const pause = Math.min(capMs, FIRST_BACKOFF_MS * 2 ** (this.#failures - 1)) * factor
    return Math.max(0, Math.max(pause, Math.min(capMs, retryAfterMs)) - elapsed(clock, at))
  }
}

const NEGATIVE_MS = 30_000
const NEGATIVE_ENTRIES = 256

/** Remembers for 30 s the `kid`s that the issuer was seen not to publish; at most 256, the oldest leave first. */
export class NegativeKids {
  readonly #seen = new Map<string, Stamp>()

  /** Tells whether the issuer was asked for this `kid` within the last 30 s and did not publish it. */
  has(kid: string, clock: Clock): boolean {
    const at = this.#seen.get(kid)
    return at !== undefined && elapsed(clock, at) < NEGATIVE_MS
  }

  /** Notes a `kid` that the issuer does not publish. */
  add(kid: string, clock: Clock): void {
    this.#seen.delete(kid) // to the end of the line
    this.#seen.set(kid, stamp(clock))
    if (this.#seen.size <= NEGATIVE_ENTRIES) return
    for (const oldest of this.#seen.keys()) {
      this.#seen.delete(oldest)
      return
    }
  }

  /** Forgets all: the issuer publishes other keys now. */
  clear(): void {
    this.#seen.clear()
  }
}
