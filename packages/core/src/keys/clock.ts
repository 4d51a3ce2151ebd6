/** The two clocks of a key source, in milliseconds. */
export interface Clock {
  /** Since the epoch: the verifier's `now`. May be stepped back, and may be moved by a test. */
  readonly now: () => number
  /** Never goes back, but stands still while a machine is suspended. */
  readonly monotonic: () => number
}

/** A moment on both clocks. */
export interface Stamp {
  readonly wall: number
  readonly monotonic: number
}

/** Takes the present moment. */
export function stamp(clock: Clock): Stamp {
  return { wall: clock.now(), monotonic: clock.monotonic() }
}

/**
 * Tells how many milliseconds ago a moment was, never less than 0.
 *
 * The further clock wins: neither a suspended machine nor a clock that was stepped back makes a key live longer.
 */
export function elapsed(clock: Clock, since: Stamp): number {
  // A `now` that gives NaN leaves the decision to the monotonic clock.
  return Math.max(clock.monotonic() - since.monotonic, clock.now() - since.wall || 0, 0)
}

/** What a key source takes from the machine it runs on; tests put their own in its place. */
export interface Runtime {
  readonly monotonic: () => number
  /** From 0 up to, not including, 1. */
  readonly random: () => number
  /**
   * Calls `run` once after `ms` milliseconds, unless the returned function is called before.
   *
   * `hold` keeps the event loop alive until then. It is for pauses inside a fetch and for requests that wait on
   * one: a `fetch` of the user's own may hold nothing, and then the process would end with the request unanswered.
   */
  readonly after: (ms: number, run: () => void, hold: boolean) => () => void
}

/** The machine itself. */
export const RUNTIME: Runtime = {
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, run, hold) {
    const timer = setTimeout(run, ms)
    if (!hold) timer.unref?.() // a number, without `unref`, outside Node
    return () => clearTimeout(timer)
  },
}
