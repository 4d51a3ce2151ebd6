import type { KeySet } from './key-set.js'
import type { PublishedKey } from './published-key.js'

/** The revoked keys of every issuer that has some. */
export type RevokedKeys = Map<string, Revoked>

interface Revoked {
  readonly thumbprints: Set<string>
  /** `kid`s revoked while no key under them was at hand: what they name is seen in the next set. */
  readonly awaited: Set<string>
}

/**
 * The keys of one issuer that the operator does not trust any more. They stay so until the process ends: no refresh
 * that still lists them brings them back, under whatever `kid`.
 */
export class Revocations {
  readonly #issuer: string
  readonly #all: RevokedKeys

  constructor(issuer: string, all: RevokedKeys) {
    this.#issuer = issuer
    this.#all = all
  }

  /** Revokes the keys published under a `kid` now or, where there are none, in the next set that has some. */
  revoke(kid: string, keys: KeySet | undefined): void {
    const revoked = this.#all.get(this.#issuer) ?? { thumbprints: new Set(), awaited: new Set() }
    this.#all.set(this.#issuer, revoked)
    const named = keys?.byKid.get(kid)
    if (named === undefined) revoked.awaited.add(kid)
    for (const { thumbprint } of named ?? []) revoked.thumbprints.add(thumbprint)
  }

  /** Sees what a new key set has under the `kid`s that were revoked before. */
  see(keys: KeySet): void {
    const { awaited } = this.#all.get(this.#issuer) ?? {}
    for (const kid of awaited ?? []) {
      if (!keys.byKid.has(kid)) continue
      awaited?.delete(kid)
      this.revoke(kid, keys)
    }
  }

  /** Tells whether a `kid` was revoked of which no key has been seen yet. */
  awaits(kid: string | undefined): boolean {
    return kid !== undefined && (this.#all.get(this.#issuer)?.awaited.has(kid) ?? false)
  }

  /** Tells whether a key is revoked. */
  has(key: PublishedKey): boolean {
    return this.#all.get(this.#issuer)?.thumbprints.has(key.thumbprint) ?? false
  }
}
