import { elapsed, stamp, type Clock, type Runtime, type Stamp } from './clock.js'
import { failure, type Attempt, type Fetched } from './fetch.js'
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

/** What a cache needs to fetch, to measure and to tell. */
export interface CacheParts<T> {
  readonly clock: Clock
  readonly runtime: Runtime
  readonly windows: Windows
  /** How long a flight may take. */
  readonly timeoutMs: number
  readonly backoff: Backoff
  /** The longest back-off while there is no value that may be used; with one it is 60 s. */
  readonly emptyBackoffCapMs: number
  readonly load: (attempt: Attempt, previous: T | undefined) => Promise<Fetched<T>>
  readonly onSuccess?: ((value: T, previous: T | undefined) => void) | undefined
  readonly onFailure?: (() => void) | undefined
}

interface Snapshot<T> {
  readonly value: T
  /** When the request was sent that brought it: its age counts the time on the way. */
  readonly sentAt: Stamp
}

/**
 * One remote document: its windows, its one flight, its back-off. It fetches when it is told to and decides nothing
 * about requests.
 */
export class Cache<T> {
  readonly #parts: CacheParts<T>
  #snapshot: Snapshot<T> | undefined
  #dropped = false
  #flight: Flight | undefined
  #abort: (() => void) | undefined
  #closed = false
  #sent = 0
  #evidence = 0
  #generation = 0
  #lastError: string | undefined

  constructor(parts: CacheParts<T>) {
    this.#parts = parts
  }

  /** The state of this moment. What has expired is dropped on sight: no clock brings it back. */
  state(): WindowState {
    const age = this.ageMs()
    if (age === undefined) return this.#dropped ? 'EXPIRED' : 'EMPTY'
    const state = stateAt(age, this.#parts.windows)
    if (state === 'EXPIRED') {
      this.#snapshot = undefined
      this.#dropped = true
    }
    return state
  }

  /** The value, where there is one that may still be used. */
  value(): T | undefined {
    this.state()
    return this.#snapshot?.value
  }

  /** The age of the value in milliseconds, from the moment that its request was sent. */
  ageMs(): number | undefined {
    return this.#snapshot && elapsed(this.#parts.clock, this.#snapshot.sentAt)
  }

  /** Whether `close()` has been called. */
  get closed(): boolean {
    return this.#closed
  }

  /** The fetch under way. */
  get flight(): Flight | undefined {
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

  /** Joins the flight under way, or starts one; `undefined` in back-off and after `close()`. */
  refresh(forced = false): Flight | undefined {
    if (this.#flight !== undefined) return this.#flight
    if (this.#closed || this.nextAttemptMs() > 0) return undefined
    this.#flight = this.#start(forced)
    return this.#flight
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

  /** Ends the flight and forgets the value, for good. */
  close(): void {
    this.#closed = true
    this.#snapshot = undefined
    this.#abort?.()
  }

  #start(forced: boolean): Flight {
    const { backoff, clock, load, runtime, timeoutMs } = this.#parts
    const controller = new AbortController()
    const { signal } = controller
    let sentAt = stamp(clock)
    let number = this.#sent
    const attempt: Attempt = {
      signal,
      forced,
      mayRetry: backoff.failures === 0,
      sending: () => {
        sentAt = stamp(clock)
        number = this.#sent += 1
      },
    }
    // The race is ours: a `fetch` that does not listen to the signal must not make a flight endless.
    const aborted = new Promise<Fetched<T>>((resolve) => {
      signal.addEventListener('abort', () => resolve(failure('timeout')))
    })
    // A turn later, so that a `fetch` of the user's own finds this flight where it asks for keys itself.
    const loaded = Promise.resolve()
      .then(() => load(attempt, this.value()))
      .catch(() => failure('unexpected error'))
    const cancelTimeout = runtime.after(timeoutMs, () => controller.abort(), false)
    this.#abort = () => controller.abort()

    const done = Promise.race([loaded, aborted]).then((result) => {
      cancelTimeout()
      this.#flight = undefined
      this.#abort = undefined
      if (this.#closed) return false
      if (result.ok) this.#succeed(result.value, sentAt, number)
      else this.#fail(result.reason)
      return result.ok
    })
    return { startedAt: stamp(clock), done }
  }

  #succeed(value: T, sentAt: Stamp, number: number): void {
    const previous = this.value()
    this.#snapshot = { value, sentAt }
    this.#evidence = number
    this.#generation += 1
    this.#lastError = undefined
    this.#parts.backoff.succeed()
    this.#parts.onSuccess?.(value, previous)
  }

  #fail(reason: string): void {
    this.#lastError = reason
    this.#parts.backoff.fail(this.#parts.clock, this.#parts.runtime.random())
    this.#parts.onFailure?.()
  }
}
