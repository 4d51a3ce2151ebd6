import { isRefusal, refuse, type Refusal } from '../refusal.js'
import type { KeyLookup, KeyQuery } from './key-source.js'
import { fits, type PublishedKey } from './published-key.js'
import type { Revocations } from './revocations.js'
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

/** Gives a key set the key objects of another one, where they are the same keys: what holds one of them, holds it on. */
export function keepKeys(set: KeySet, present: KeySet): KeySet {
  return set === present
    ? set
    : keySetOf(set.keys.map((key) => present.byIdentity.get(identityOf(key)) ?? key))
}

/** Names a key by what makes it the same key in the next set. */
export function identityOf(key: Pick<PublishedKey, 'thumbprint' | 'kid' | 'alg'>): string {
  return JSON.stringify([key.thumbprint, key.kid, key.alg])
}

/**
 * Finds the keys that may have signed a token: those under its `kid` that fit its `alg` and are not revoked, at most
 * 4. Without a `kid` the one key that fits, where there is exactly one (RFC 7515 §6).
 *
 * @returns `undefined` where the set has no key under this `kid`: only then can asking the issuer help.
 */
export function selectKeys(
  set: KeySet,
  query: KeyQuery,
  revocations: Revocations,
): readonly PublishedKey[] | Refusal | undefined {
  const { kid } = query
  if (revocations.awaits(kid)) return refuse('key_unknown', REVOKED)
  const named = kid === undefined ? set.keys : set.byKid.get(kid)
  if (named === undefined) return undefined
  const [first] = named
  // Nearly always: one key, and it is the one.
  if (named.length === 1 && first && fits(first, query) && !revocations.has(first)) return named
  const fitting = named.filter((key) => fits(key, query))
  const trusted = fitting.filter((key) => !revocations.has(key)).slice(0, MAX_CANDIDATES)
  if (kid === undefined && trusted.length > 1) {
    return refuse('key_unknown', `the token names no key, and ${trusted.length} of the issuer's fit its alg`)
  }
  if (trusted.length > 0) return trusted
  if (fitting.length > 0) return refuse('key_unknown', REVOKED)
  return kid === undefined
    ? refuse('key_unknown', "the token names no key, and none of the issuer's fits its alg")
    : refuse('key_unknown', 'the key that the token names is not one for its alg')
}

const REVOKED = 'the key was revoked by revokeKey'

/** Names the keys that can be used; those without a `kid` are not listed. */
export function usableKids(set: KeySet | undefined, revocations: Revocations): readonly string[] {
  const kids = [...(set?.byKid ?? [])].filter(
    ([kid, keys]) => !revocations.awaits(kid) && keys.some((key) => !revocations.has(key)),
  )
  return kids.map(([kid]) => kid)
}

/** Tells whether a key, the very object, is among those that a look-up gave. */
export function isAmong(found: KeyLookup | undefined, key: VerificationKey): boolean {
  return found !== undefined && !isRefusal(found) && found.includes(key)
}
