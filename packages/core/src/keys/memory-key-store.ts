import { numberOption } from '../option-checks.js'
import type { KeyStore } from './store.js'

/** What a memory store may hold. */
export interface MemoryKeyStoreOptions {
  /** Key sets kept at most; the one written longest ago goes first. Default 1,000; 1 to 1,000,000. */
  readonly maxEntries?: number | undefined
}

interface Entry {
  readonly value: string
  readonly until: number
}

/**
 * Makes a store that lives as long as the process: for tests, and for verifiers that come and go in one process.
 *
 * `now` gives milliseconds since the epoch, by default the clock of the machine. Starts no timer.
 *
 * @throws ConfigError for a number out of bounds.
 */
export function memoryKeyStore(
  options: MemoryKeyStoreOptions = {},
  now: () => number = () => Date.now(),
): KeyStore {
  const maxEntries = numberOption(options.maxEntries, 'memoryKeyStore({ maxEntries })', {
    default: 1000,
    min: 1,
    max: 1_000_000,
    unit: 'entries',
  })
  const entries = new Map<string, Entry>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry !== undefined && now() < entry.until) return entry.value
      entries.delete(key)
      return undefined
    },
    set(key, value, ttlMs) {
      entries.delete(key) // a Map keeps the place of a key that it has
      entries.set(key, { value, until: now() + ttlMs })
      const [oldest] = entries.keys()
      if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest)
    },
  }
}
