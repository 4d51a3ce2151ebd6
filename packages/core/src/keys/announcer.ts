import type { AuthEvent, Observer } from '../events.js'
import { elapsed, stamp, type Clock, type Stamp } from './clock.js'
import type { KeySet } from './key-set.js'

const TALLY_MS = 10_000

/** Events of which one comes for many: with the first, and with the next one 10 s after the last event. */
type Counted = Extract<AuthEvent, { readonly type: `keys.${string}`; readonly count: number }>
type Tallied = Counted extends infer E ? (E extends Counted ? Omit<E, 'issuer' | 'count'> : never) : never

/** How far an outage has come that an operator was told of: it began, half of the time is over, no keys are left. */
type Stage = 'begun' | 'half' | 'gone'
const STAGES: readonly Stage[] = ['begun', 'half', 'gone']

/** Turns what happens to a key set into events, so many as an operator can read. */
export class Announcer {
  readonly #issuer: string
  readonly #clock: Clock
  readonly #emit: Observer
  readonly #tallies = new Map<string, { count: number; at: Stamp | undefined }>()
  #outage: { readonly since: Stamp; readonly remainingMs: number; stage: Stage } | undefined

  constructor(issuer: string, clock: Clock, emit: Observer) {
    this.#issuer = issuer
    this.#clock = clock
    this.#emit = emit
  }

  /** Counts what may happen with every request. */
  tally(what: Tallied): void {
    const name = JSON.stringify(what)
    const tally = this.#tallies.get(name) ?? { count: 0, at: undefined }
    this.#tallies.set(name, tally)
    tally.count += 1
    if (tally.at !== undefined && elapsed(this.#clock, tally.at) < TALLY_MS) return
    this.#emit({ ...what, issuer: this.#issuer, count: tally.count })
    tally.count = 0
    tally.at = stamp(this.#clock)
  }

  /** A key set came from the store; its age is in milliseconds. */
  restored(keys: KeySet, ageMs: number): void {
    this.#emit({ type: 'keys.restored', issuer: this.#issuer, keys: keys.keys.length, ageMs })
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
   * long they may still be used, 0 where there are none. Said on entry, at half time, and when no keys are left.
   */
  outage(remainingMs: number, reason: string): void {
    const known = this.#outage
    const half = (known?.remainingMs ?? Number.POSITIVE_INFINITY) / 2
    const stage: Stage = remainingMs === 0 ? 'gone' : known && remainingMs <= half ? 'half' : 'begun'
    if (known !== undefined && STAGES.indexOf(stage) <= STAGES.indexOf(known.stage)) return
    this.#outage = known ?? { since: stamp(this.#clock), remainingMs, stage }
    this.#outage.stage = stage
    const severity = stage === 'begun' ? 'warning' : 'critical'
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
