import { isRefusal, refuse, type Refusal } from '../refusal.js'
import type { KeyLookup, KeyQuery } from './key-source.js'
import { fits, type PublishedKey } from './published-key.js'
import type { VerificationKey } from './verification-key.js'

const MAX_CANDIDATES = 4

/** The usable keys of one issuer at one time. Never changed: the next set takes its place. */
export interface KeySet {
  readonly keys: readonly PublishedKey[]
  readonly byKid: ReadonlyMap<string, readonly PublishedKey[]>
  /** Every key by what makes it itself: thumbprint, `kid` and `alg`. */
  readonly byIdentity: ReadonlyMap<string, PublishedKey>
}

/** Makes a key set. A key that is listed twice counts once; different keys under one `kid` are all kept. */
export function keySetOf(listed: readonly PublishedKey[]): KeySet {
  const byIdentity = new Map(listed.map((key) => [identityOf(key), key]))
  const keys = Object.freeze([...byIdentity.values()])
  const byKid = new Map<string, PublishedKey[]>()
  for (const key of keys) {
    if (key.kid !== undefined) byKid.set(key.kid, [...(byKid.get(key.kid) ?? []), key])
  }
  return { keys, byIdentity, byKid }
}

/** Names a key by what makes it the same key in the next set. */
export function identityOf(key: Pick<PublishedKey, 'thumbprint' | 'kid' | 'alg'>): string {
  return JSON.stringify([key.thumbprint, key.kid, key.alg])
}

/**
 * Finds the keys that may have signed a token: those under its `kid` that fit its `alg`, at most 4. Without a `kid`
 * the one key that fits, where there is exactly one (RFC 7515 §6).
 *
 * @returns `undefined` where the set has no key under this `kid`: only then can asking the issuer help.
 */
export function selectKeys(set: KeySet, query: KeyQuery): readonly PublishedKey[] | Refusal | undefined {
  if (query.kid === undefined) {
    const fitting = set.keys.filter((key) => fits(key, query))
    if (fitting.length === 1) return fitting
    return refuse('key_unknown', `the token names no key, and ${fitting.length} of the issuer's fit its alg`)
  }
  const named = set.byKid.get(query.kid)
  if (named === undefined) return undefined
  const fitting = named.filter((key) => fits(key, query)).slice(0, MAX_CANDIDATES)
  return fitting.length > 0
    ? fitting
    : refuse('key_unknown', 'the key that the token names is not one for its alg')
}

/** Tells whether a key, the very object, is among those that a look-up gave. */
export function isAmong(found: KeyLookup | undefined, key: VerificationKey): boolean {
  return found !== undefined && !isRefusal(found) && found.includes(key)
}
