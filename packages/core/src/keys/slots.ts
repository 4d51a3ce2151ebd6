import type { Runtime } from './clock.js'

const ALL = 8
const OF_ONE_ORIGIN = 2
const WAIT_MS = 1_000

/** Gives a place back. */
export type Leave = () => void

interface Waiter {
  readonly origin: string
  readonly admit: () => void
}

/**
 * Says how many fetches run at once: 8, and 2 of them at one origin. Whoever finds no place waits in line for 1 s, but
 * not behind those whose own origin is full.
 */
export class Slots {
  readonly #busy = new Map<string, number>()
  readonly #line = new Set<Waiter>()
  #all = 0

  /** Takes a place; `signal` gives it back, or ends the wait. Gives `undefined` where there was none in time. */
  async take(origin: string, runtime: Runtime, signal: AbortSignal): Promise<Leave | undefined> {
    if (signal.aborted) return undefined
    if (this.#hasRoom(origin)) this.#count(origin, 1)
    else if (!(await this.#wait(origin, runtime, signal))) return undefined
    let inside = true
    const leave = (): void => {
      if (!inside) return
      inside = false
      this.#count(origin, -1)
      this.#admitNext()
    }
    // A `fetch` that does not listen to the signal must not keep its place for ever.
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    return leave
  }

  #wait(origin: string, runtime: Runtime, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (admitted: boolean): void => {
        this.#line.delete(waiter)
        cancel()
        resolve(admitted)
      }
      const waiter: Waiter = {
        origin,
        admit: () => {
          this.#count(origin, 1)
          end(true)
        },
      }
      const cancel = runtime.after(WAIT_MS, () => end(false), true)
      signal.addEventListener('abort', () => end(false))
      this.#line.add(waiter)
    })
  }

  #hasRoom(origin: string): boolean {
    return this.#all < ALL && (this.#busy.get(origin) ?? 0) < OF_ONE_ORIGIN
  }

  #count(origin: string, change: 1 | -1): void {
    const busy = (this.#busy.get(origin) ?? 0) + change
    this.#all += change
    if (busy === 0) this.#busy.delete(origin)
    else this.#busy.set(origin, busy)
  }

  #admitNext(): void {
    for (const waiter of this.#line) {
      if (!this.#hasRoom(waiter.origin)) continue
      waiter.admit()
      return
    }
  }
}
