import type { AuthEvent, Observer } from '../events.js'
import { elapsed, stamp, type Clock, type Stamp } from './clock.js'
import type { KeySet } from './key-set.js'

const TALLY_MS = 10_000

/** Turns what happens to a key set into events, so many as an operator can read. */
export class Announcer {
  readonly #issuer: string
  readonly #clock: Clock
  readonly #emit: Observer
  readonly #tallies = {
    'keys.unknown': { count: 0, at: undefined as Stamp | undefined },
    'keys.suppressed': { count: 0, at: undefined as Stamp | undefined },
  }
  #outage: { readonly since: Stamp; readonly remainingMs: number; critical: boolean } | undefined

  constructor(issuer: string, clock: Clock, emit: Observer) {
    this.#issuer = issuer
    this.#clock = clock
    this.#emit = emit
  }

  /** Counts a refused look-up; the event comes with the first, and with the next one 10 s after the last event. */
  tally(type: 'keys.unknown' | 'keys.suppressed'): void {
    const tally = this.#tallies[type]
    tally.count += 1
    if (tally.at !== undefined && elapsed(this.#clock, tally.at) < TALLY_MS) return
    this.#emit({ type, issuer: this.#issuer, count: tally.count })
    tally.count = 0
    tally.at = stamp(this.#clock)
  }

  /** A new key set is in use. Tells whether its keys are others than the previous ones. */
  refreshed(keys: KeySet, previous: KeySet | undefined): boolean {
    const issuer = this.#issuer
    this.#emit({ type: 'keys.refreshed', issuer, keys: keys.keys.length })
    if (this.#outage !== undefined) {
      this.#emit({ type: 'keys.recovered', issuer, outageMs: elapsed(this.#clock, this.#outage.since) })
      this.#outage = undefined
    }
    const added = missing(keys, previous)
    const removed = previous === undefined ? 0 : missing(previous, keys)
    if (previous !== undefined && added + removed > 0)
      this.#emit({ type: 'keys.changed', issuer, added, removed })
    return added + removed > 0
  }

  /**
   * An attempt failed, and the keys at hand are past the window in which that goes unnoticed; `remainingMs` is how
   * long they may still be used, 0 where there are none. Said on entry and at half time.
   */
  outage(remainingMs: number, reason: string): void {
    const critical = remainingMs <= (this.#outage?.remainingMs ?? 0) / 2
    if (this.#outage !== undefined && (this.#outage.critical || !critical)) return
    this.#outage ??= { since: stamp(this.#clock), remainingMs, critical }
    this.#outage.critical = critical
    const severity = critical ? 'critical' : 'warning'
    this.#emit({ type: 'keys.outage', issuer: this.#issuer, remainingMs, severity, reason })
  }
}

/** How many keys of one set the other one does not have. */
function missing(keys: KeySet, other: KeySet | undefined): number {
  return [...keys.byIdentity.keys()].filter((identity) => !other?.byIdentity.has(identity)).length
}

/** Tells every observer; one that throws does not keep an event from the others, nor a request from its answer. */
export function tellAll(observers: Iterable<Observer>, event: AuthEvent): void {
  for (const observer of observers) {
    try {
      observer(event)
    } catch {
      // The verifier counts what its observer throws; a key source has nobody to tell.
    }
  }
}
