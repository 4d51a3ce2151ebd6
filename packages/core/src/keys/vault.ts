import type { Runtime } from './clock.js'
import type { KeyStore } from './store.js'
import { decodeKeySet, encodeKeySet, type StoredKeySet } from './stored-key-set.js'

/** A request waits for it: longer than this, and asking the issuer is as good. */
const READ_MS = 250

/** What a vault is made of. */
export interface VaultParts {
  readonly store: KeyStore
  /** Under which the store keeps the one key set of this vault. */
  readonly key: string
  readonly runtime: Runtime
  /** Called once for each operation that the store threw in, rejected, or was too slow for. */
  readonly onError: (operation: 'get' | 'set') => void
}

/** The one key set that a key source keeps in a store. Whatever the store does, nothing is thrown. */
export class Vault {
  readonly #parts: VaultParts

  constructor(parts: VaultParts) {
    this.#parts = parts
  }

  /**
   * Reads the key set; `undefined` where the store has none, has something else, fails, or takes longer than
   * 250 ms. Does not look at its age, its URL or its keys.
   */
  async read(): Promise<StoredKeySet | undefined> {
    try {
      const text = await this.#getInTime()
      return typeof text === 'string' ? decodeKeySet(text) : undefined
    } catch {
      this.#parts.onError('get')
      return undefined
    }
  }

  /**
   * Writes the key set. The promise never rejects; it is there for a platform that ends what nobody waits for, and
   * no request has to.
   */
  async write(stored: StoredKeySet): Promise<void> {
    const { store, key, onError } = this.#parts
    try {
      await store.set(key, encodeKeySet(stored), Math.ceil(stored.ttlMs + stored.staleIfErrorMs))
    } catch {
      onError('set')
    }
  }

  #getInTime(): Promise<unknown> {
    const { store, key, runtime } = this.#parts
    return new Promise((resolve, reject) => {
      const callOff = runtime.after(READ_MS, () => reject(new Error('too slow')), true)
      Promise.resolve()
        .then(() => store.get(key))
        .then(resolve, reject)
        .finally(callOff)
    })
  }
}
