import type { RequestView } from '../request.js'
import { elapsed, stamp, type Clock, type Runtime, type Stamp } from './clock.js'
import { failure, type Attempt, type Failure, type Fetched, type Validators } from './fetch.js'
import type { Freshness } from './freshness.js'
import type { Backoff } from './limits.js'
import { stateAt, type Windows, type WindowState } from './window.js'

const BACKOFF_CAP_MS = 60_000

/** A fetch under way. `done` never rejects: `false` is a failure. */
export interface Flight {
  readonly startedAt: Stamp
  readonly done: Promise<boolean>
}

/** How a wait on a flight ended: `late` where the flight goes on without the one who waited. */
export type Landing = 'landed' | 'failed' | 'late'

/** The request that something is done for. Only asked for its `waitUntil`, and only when there is work for it. */
export type Occasion = Pick<RequestView, 'waitUntil'>

/** What a fetch brought. */
export interface Loaded<T> {
  readonly value: T
  /** The server said that the previous value is still the one. */
  readonly notModified: boolean
  readonly freshness: Freshness | undefined
  readonly validators: Validators | undefined
}

/** A value and all that is known of it. Never changed: the next one takes its place. */
export interface Snapshot<T> extends Omit<Loaded<T>, 'notModified'> {
  /** When the request was sent that brought it: its age counts the time on the way. */
  readonly sentAt: Stamp
  readonly windows: Windows
}

/** What a cache needs to fetch, to measure and to tell. */
export interface CacheParts<T> {
  readonly clock: Clock
  readonly runtime: Runtime
  /** No promise of one request may be awaited by another. */
  readonly isolated: boolean
  readonly windowsOf: (freshness: Freshness | undefined, random: number) => Windows
  /** How long a flight may take. */
  readonly timeoutMs: number
  readonly backoff: Backoff
  /** The longest back-off while there is no value that may be used; with one it is 60 s. */
  readonly emptyBackoffCapMs: number
  /** Puts what the present value has in common with a new one into the new one. Default: nothing. */
  readonly keep?: ((value: T, present: T) => T) | undefined
  readonly load: (attempt: Attempt, previous: Snapshot<T> | undefined) => Promise<Fetched<Loaded<T>>>
  /** What it returns is part of the work that outlives the request. */
  readonly onSuccess?:
    | ((snapshot: Snapshot<T>, previous: T | undefined) => Promise<void> | undefined)
    | undefined
  readonly onFailure?: (() => void) | undefined
}

/** What to start a flight for. */
export interface Launch {
  /** Caches on the way are to ask the issuer. Default: false. */
  readonly forced?: boolean | undefined
  /** The operator wants it: at once, whatever the back-off says, and `forced` as well. Default: false. */
  readonly ordered?: boolean | undefined
  /** The request that it is for; without one nothing outlives an isolate's answer. */
  readonly occasion?: Occasion | undefined
}

/**
 * One remote document: its windows, its flights, its back-off. It fetches when it is told to and decides nothing
 * about requests.
 */
export class Cache<T> {
  readonly #parts: CacheParts<T>
  readonly #aborts = new Set<() => void>()
  #snapshot: Snapshot<T> | undefined
  /** The moment of the value that expired last: nothing as old as that comes back. */
  #expired: Stamp | undefined
  /** The latest flight: the only one, except in an isolate. */
  #flight: Flight | undefined
  /** The flights under way, by the request that started them: in an isolate it waits for its own. */
  readonly #own = new WeakMap<Occasion, Flight>()
  #closed = false
  #launched = 0
  #judged = 0
  #sent = 0
  #evidence = 0
  #generation = 0
  #lastError: string | undefined

  constructor(parts: CacheParts<T>) {
    this.#parts = parts
  }

  /** The state of this moment. What has expired is dropped on sight: no clock brings it back. */
  state(): WindowState {
    if (this.#snapshot === undefined) return this.#expired ? 'EXPIRED' : 'EMPTY'
    const state = stateAt(elapsed(this.#parts.clock, this.#snapshot.sentAt), this.#snapshot.windows)
    if (state === 'EXPIRED') {
      this.#expired = this.#snapshot.sentAt
      this.#snapshot = undefined
    }
    return state
  }

  /** The snapshot, where there is one that may still be used. */
  snapshot(): Snapshot<T> | undefined {
    this.state()
    return this.#snapshot
  }

  /** The value, where there is one that may still be used. */
  value(): T | undefined {
    return this.snapshot()?.value
  }

  /** The age of the value in milliseconds, from the moment that its request was sent. */
  ageMs(): number | undefined {
    return this.#snapshot && elapsed(this.#parts.clock, this.#snapshot.sentAt)
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return this.#closed
  }

  /**
   * The fetch under way. In an isolate it may be another request's, which only `startedAt` may be read of, and which
   * may have ended together with that request: it counts for as long as a flight may take.
   */
  get flight(): Flight | undefined {
    const { isolated, clock, timeoutMs } = this.#parts
    if (isolated && this.#flight && elapsed(clock, this.#flight.startedAt) >= timeoutMs) return undefined
    return this.#flight
  }

  /** How many values were swapped in. */
  get generation(): number {
    return this.#generation
  }

  /** Why the last attempt failed; `undefined` after a success. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** Counts the requests sent. A success of a request numbered higher is evidence of what the issuer has now. */
  get sent(): number {
    return this.#sent
  }

  /** The number of the last request that succeeded. */
  get evidence(): number {
    return this.#evidence
  }

  /** Milliseconds until the next attempt is allowed; 0: at once. */
  nextAttemptMs(): number {
    const capMs = this.value() === undefined ? this.#parts.emptyBackoffCapMs : BACKOFF_CAP_MS
    return this.#parts.backoff.remainingMs(this.#parts.clock, capMs)
  }

  /**
   * Gives a flight to wait for: the one under way or, in an isolate, one's own. `undefined` in back-off and after
   * `close()`.
   */
  refresh(launch: Launch = {}): Flight | undefined {
    const { occasion } = launch
    const flight = this.#parts.isolated ? occasion && this.#own.get(occasion) : this.#flight
    if (flight !== undefined) return flight
    if (this.#closed || (launch.ordered !== true && this.nextAttemptMs() > 0)) return undefined
    return this.#start(launch)
  }

  /** Sees to it that a fetch is under way that nobody waits for. An isolate needs `waitUntil` for it. */
  refreshBeside(launch: Launch = {}): void {
    if (this.flight !== undefined || (this.#parts.isolated && !launch.occasion?.waitUntil)) return
    this.refresh(launch)
  }

  /** Waits until a flight lands or is `limitMs` old. `late` at once, not by a promise, where it is so old. */
  wait(flight: Flight, limitMs: number): 'late' | Promise<Landing> {
    const left = limitMs - elapsed(this.#parts.clock, flight.startedAt)
    if (left <= 0) return 'late'
    return new Promise((resolve) => {
      const cancel = this.#parts.runtime.after(left, () => resolve('late'), true)
      const land = (landed: boolean): void => {
        cancel()
        resolve(landed ? 'landed' : 'failed')
      }
      void flight.done.then(land)
    })
  }

  /**
   * Takes a value that was kept elsewhere, unless there is one or its time has passed. Tells whether it did. None that
   * is no newer than what has expired here: a clock that was set back makes it look young again.
   */
  restore(kept: Omit<Snapshot<T>, 'windows'>): boolean {
    const { clock, runtime, windowsOf } = this.#parts
    if (this.#closed || this.value() !== undefined) return false
    if (this.#expired && kept.sentAt.wall <= this.#expired.wall) return false
    const windows = windowsOf(kept.freshness, runtime.random())
    if (stateAt(elapsed(clock, kept.sentAt), windows) === 'EXPIRED') return false
    // Its freshness is what somebody else made of it: a 304 that says nothing new must not carry it on.
    this.#snapshot = { ...kept, freshness: undefined, windows }
    this.#generation += 1
    return true
  }

  /** Ends every flight and forgets the value, for good. */
  close(): void {
    this.#closed = true
    this.#snapshot = undefined
    for (const abort of this.#aborts) abort()
  }

  #start({ forced = false, ordered = false, occasion }: Launch): Flight {
    const { backoff, clock, load, runtime, timeoutMs } = this.#parts
    const controller = new AbortController()
    const { signal } = controller
    const launched = (this.#launched += 1)
    let sentAt = stamp(clock)
    let number = this.#sent
    const attempt: Attempt = {
      signal,
      forced: forced || ordered,
      ordered,
      mayRetry: backoff.failures === 0,
      sending: () => {
        sentAt = stamp(clock)
        number = this.#sent += 1
      },
    }
    // The race is ours: a `fetch` that does not listen to the signal must not make a flight endless.
    const aborted = new Promise<Failure>((resolve) => {
      signal.addEventListener('abort', () => resolve(failure('timeout')))
    })
    // A turn later, so that a `fetch` of the user's own finds this flight where it asks for keys itself.
    const loaded = Promise.resolve()
      .then(() => load(attempt, this.snapshot()))
      .catch(() => failure('unexpected error'))
    const abort = (): void => controller.abort()
    let aftermath: Promise<void> | undefined
    const cancelTimeout = runtime.after(timeoutMs, abort, false)
    this.#aborts.add(abort)

    const done = Promise.race([loaded, aborted]).then((result) => {
      cancelTimeout()
      this.#aborts.delete(abort)
      if (this.#flight === flight) this.#flight = undefined
      if (occasion !== undefined) this.#own.delete(occasion)
      if (this.#closed) return false
      if (result.ok) aftermath = this.#succeed(result.value, sentAt, number)
      // Of flights that were under way side by side one failure counts: they tell of the same trouble.
      else if (launched > this.#judged) this.#fail(result)
      this.#judged = this.#launched
      return result.ok
    })
    const flight: Flight = { startedAt: stamp(clock), done }
    this.#flight = flight
    if (occasion !== undefined) this.#own.set(occasion, flight)
    occasion?.waitUntil?.(done.then(() => aftermath))
    return flight
  }

  #succeed({ notModified, ...loaded }: Loaded<T>, sentAt: Stamp, number: number): Promise<void> | undefined {
    if (number <= this.#evidence) return undefined // a later request has answered already
    const { backoff, keep, onSuccess, runtime, windowsOf } = this.#parts
    const previous = this.value()
    // Once more now: where flights go side by side another one may have landed since this one began.
    const value = (previous === undefined ? undefined : keep?.(loaded.value, previous)) ?? loaded.value
    this.#snapshot = { ...loaded, value, sentAt, windows: windowsOf(loaded.freshness, runtime.random()) }
    this.#evidence = number
    if (!notModified) this.#generation += 1
    this.#lastError = undefined
    backoff.succeed()
    return onSuccess?.(this.#snapshot, previous)
  }

  #fail({ reason, retryAfterMs }: Failure): void {
    const { backoff, clock, onFailure, runtime } = this.#parts
    this.#lastError = reason
    backoff.fail(clock, runtime.random(), retryAfterMs)
    onFailure?.()
  }
}
