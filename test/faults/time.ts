const STEP_MS = 100
const STEP_TAKES_MS = 10

interface Pending {
  readonly dueMs: number
  readonly run: () => void
}

/** Whatever in this process reads a clock or sets a timer is moved by it: libraries have no option for that. */
export interface Time {
  /** Milliseconds by which the clocks have been moved so far. */
  readonly movedMs: number
  /** Moves all clocks at once; timers that are due then fire, in their order. */
  jump(ms: number): void
  /** Lets time run ten times as fast, so that sockets keep up with it. */
  pass(ms: number): Promise<void>
  /** Lets real time pass while the clocks are not moved. */
  still(ms: number): Promise<void>
  /** Gives the process its own clocks and timers back. */
  restore(): void
}

/**
 * Takes over the clocks and the timers of the process. They run on as they did, and can be moved ahead.
 *
 * What Node itself times, the timeouts of sockets, is not moved.
 */
export function takeOverTime(): Time {
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  const real = { setTimeout, clearTimeout, Date, timeout, hrtime: process.hrtime }
  const pending = new Map<unknown, Pending>()
  const monotonic = performance.now.bind(performance)
  let movedMs = 0

  const later = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): NodeJS.Timeout => {
    const fire = (): void => {
      pending.delete(timer)
      run(...args)
    }
    const timer = real.setTimeout(fire, ms)
    pending.set(timer, { dueMs: monotonic() + movedMs + ms, run: fire })
    return timer
  }
  const still = (ms: number): Promise<void> => new Promise((resolve) => real.setTimeout(resolve, ms))
  const jump = (ms: number): void => {
    movedMs += ms
    const now = monotonic() + movedMs
    const due = [...pending].filter(([, { dueMs }]) => dueMs <= now)
    for (const [timer, { run }] of due.toSorted(([, a], [, b]) => a.dueMs - b.dueMs)) {
      // One that fired may have cleared the next.
      if (!pending.has(timer)) continue
      real.clearTimeout(timer as NodeJS.Timeout)
      run()
    }
  }

  globalThis.setTimeout = Object.assign(later, real.setTimeout)
  globalThis.clearTimeout = (timer) => {
    pending.delete(timer)
    real.clearTimeout(timer)
  }
  globalThis.Date = movedDate(() => real.Date.now() + movedMs)
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    later(() => controller.abort(new DOMException('The time is up', 'TimeoutError')), ms).unref()
    return controller.signal
  }
  Object.defineProperty(performance, 'now', { configurable: true, value: () => monotonic() + movedMs })
  process.hrtime = Object.assign(
    ([seconds, nanoseconds]: [number, number] = [0, 0]): [number, number] => {
      const now = real.hrtime.bigint() + BigInt(movedMs) * 1_000_000n
      const past = now - BigInt(seconds) * 1_000_000_000n - BigInt(nanoseconds)
      return [Number(past / 1_000_000_000n), Number(past % 1_000_000_000n)]
    },
    { bigint: () => real.hrtime.bigint() + BigInt(movedMs) * 1_000_000n },
  )

  return {
    get movedMs() {
      return movedMs
    },
    jump,
    still,
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        jump(Math.min(STEP_MS, left) - STEP_TAKES_MS)
        // oxlint-disable-next-line no-await-in-loop -- one step after the other
        await still(STEP_TAKES_MS)
      }
    },
    restore() {
      globalThis.setTimeout = real.setTimeout
      globalThis.clearTimeout = real.clearTimeout
      globalThis.Date = real.Date
      AbortSignal.timeout = real.timeout
      Reflect.deleteProperty(performance, 'now')
      process.hrtime = real.hrtime
    },
  }
}

/** A `Date` whose present is that of `now`. */
function movedDate(now: () => number): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  })
}
