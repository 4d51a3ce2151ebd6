import { numberOption, optionError } from '../option-checks.js'

/**
 * Remembers which proofs were used: in memory, in Redis, in the key-value store of a platform.
 */
export interface ReplayStore {
  /**
   * Tells whether a key is claimed for the first time, and claims it for `ttlMs`, whole milliseconds. Must be atomic:
   * of any number of claims at once, in any number of processes, one gets `true`. In Redis: `SET key 1 NX PX ttlMs`.
   */
  claim(key: string, ttlMs: number): boolean | Promise<boolean>
}

/** What a memory store may hold. */
export interface MemoryReplayStoreOptions {
  /** Keys remembered at most. Default 1,000,000; 1 to 10,000,000. */
  readonly maxEntries?: number | undefined
}

/** Thrown by a memory store that has no room for one more key. */
export class ReplayStoreFull extends Error {
  override readonly name: string = 'ReplayStoreFull'
}

/** As many keys as a memory store remembers where nobody says otherwise. */
const DEFAULT_ENTRIES = 1_000_000

/** Of the expired keys so many leave with each claim: more than come with it, so that the rest gets fewer. */
const SWEEP = 4

/** How many keys the memory stores remember. */
const capacities = new WeakMap<ReplayStore, number>()

/**
 * Makes a store that lives as long as the process, and knows of no other process.
 *
 * It never forgets a key before its time: when full, it throws `ReplayStoreFull`. Starts no timer; a claim drops a few
 * expired keys, however many there are. A million keys of 43 characters take about 120 MB.
 *
 * `now` gives milliseconds of a clock that never goes back.
 *
 * @throws ConfigError for a number out of bounds.
 */
export function memoryReplayStore(
  options: MemoryReplayStoreOptions = {},
  now: () => number = () => performance.now(),
): ReplayStore {
  const maxEntries = numberOption(options.maxEntries, 'memoryReplayStore({ maxEntries })', {
    default: DEFAULT_ENTRIES,
    min: 1,
    max: 10_000_000,
    unit: 'entries',
  })
  const claimed = new Map<string, number>()
  const queue = new ExpiryQueue()

  function sweep(at: number): void {
    for (let left = SWEEP; left > 0 && queue.nextMs <= at; left -= 1) {
      const { nextMs } = queue
      const key = queue.shift()
      // One that was claimed anew stands in the queue twice.
      if (claimed.get(key) === nextMs) claimed.delete(key)
    }
  }

  const store: ReplayStore = {
    claim(key, ttlMs) {
      const at = now()
      sweep(at)
      const until = claimed.get(key)
      if (until !== undefined && at < until) return false
      // What is in the queue counts, and after the sweep it is full only of what has not expired.
      if (queue.size >= maxEntries) throw new ReplayStoreFull(`All ${maxEntries} entries are in use.`)
      claimed.set(key, at + ttlMs)
      queue.add(key, at + ttlMs)
      return true
    },
  }
  capacities.set(store, maxEntries)
  return store
}

/** Tells how many keys a store remembers; of one that is not ours, what ours does by default. */
export function capacityOf(store: ReplayStore): number {
  return capacities.get(store) ?? DEFAULT_ENTRIES
}

/** Checks that a value can be used as a store. @throws ConfigError */
export function checkReplayStore(value: unknown, option: string): ReplayStore {
  if (typeof value === 'object' && value !== null) {
    if (typeof (value as Partial<ReplayStore>).claim === 'function') return value as ReplayStore
  }
  throw optionError(option, value, 'Pass an object with the function claim(key, ttlMs).')
}

/**
 * Keys by the time at which they expire, a binary heap: to add one or to take the first costs the logarithm of their
 * number. Two lists, not one of pairs: that takes a third of the memory.
 */
class ExpiryQueue {
  readonly #keys: string[] = []
  readonly #untils: number[] = []

  get size(): number {
    return this.#keys.length
  }

  /** When the first one expires; never, where there is none. */
  get nextMs(): number {
    return this.#untils[0] ?? Infinity
  }

  add(key: string, until: number): void {
    let at = this.#keys.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#until(parent) <= until) break
      this.#move(parent, at)
      at = parent
    }
    this.#put(at, key, until)
  }

  /** Takes the one that expires first. */
  shift(): string {
    const [first = ''] = this.#keys
    const key = this.#keys.pop() ?? ''
    const until = this.#untils.pop() ?? Infinity
    if (this.#keys.length > 0) this.#sink(key, until)
    return first
  }

  /** Puts in what was the last one, from the top. */
  #sink(key: string, until: number): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const child = this.#until(left + 1) < this.#until(left) ? left + 1 : left
      if (this.#until(child) >= until) break
      this.#move(child, at)
      at = child
    }
    this.#put(at, key, until)
  }

  #until(at: number): number {
    return this.#untils[at] ?? Infinity
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#keys[from] ?? '', this.#until(from))
  }

  #put(at: number, key: string, until: number): void {
    this.#keys[at] = key
    this.#untils[at] = until
  }
}
