import { optionError } from '../option-checks.js'

/**
 * Keeps key sets beyond the life of a process: in a file, in Redis, in the key-value store of a platform.
 *
 * What it gives is trusted as if the issuer had sent it: whoever can write to it can mint tokens. Seal it with
 * `sealedKeyStore` where others can write.
 */
export interface KeyStore {
  /**
   * Gives the text that was set last, to the letter; `undefined` or `null` where there is none. What takes longer
   * than 250 ms, and what fails, counts as none.
   */
  get(key: string): string | undefined | null | Promise<string | undefined | null>
  /**
   * Keeps a text in place of the one before. After `ttlMs`, whole milliseconds, nobody has a use for it: it
   * may be dropped. No request waits for it; when it fails, the keys go on.
   */
  set(key: string, value: string, ttlMs: number): unknown
}

/** Checks that a value can be used as a store. @throws ConfigError */
export function checkKeyStore(value: unknown, option: string): KeyStore {
  if (typeof value === 'object' && value !== null) {
    const store = value as Partial<KeyStore>
    if (typeof store.get === 'function' && typeof store.set === 'function') return value as KeyStore
  }
  throw optionError(option, value, 'Pass an object with the functions get(key) and set(key, value, ttlMs).')
}
