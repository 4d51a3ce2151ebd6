import { ownMember } from '../own-member.js'
import { isValidator } from './freshness.js'
import type { KeySet } from './key-set.js'

/** A key set as a store keeps it. */
export interface StoredKeySet {
  /** Where the keys were fetched from. */
  readonly url: string
  readonly jwks: { readonly keys: readonly object[] }
  /** When the request for it was sent, in milliseconds since the epoch. */
  readonly fetchedAt: number
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly ttlMs: number
  readonly staleIfErrorMs: number
}

/** The form of the text. A store outlives a release: what another form means, only its own release knows. */
const VERSION = 1

/** Characters: more than the largest JWKS that is fetched can need. */
const MAX_LENGTH = 4 * 1024 * 1024

/** Writes a key set as text for a store. */
export function encodeKeySet(stored: StoredKeySet): string {
  return JSON.stringify({ v: VERSION, ...stored })
}

/**
 * Reads what `encodeKeySet` wrote; `undefined` for anything else. Does not look at the age, nor at what is inside
 * of the keys: for that the filter of fetched keys is there.
 */
export function decodeKeySet(text: string): StoredKeySet | undefined {
  const json = parse(text)
  if (ownMember(json, 'v') !== VERSION) return undefined
  const url = ownMember(json, 'url')
  const keys = ownMember(ownMember(json, 'jwks'), 'keys')
  const fetchedAt = ownMember(json, 'fetchedAt')
  const etag = ownMember(json, 'etag')
  const lastModified = ownMember(json, 'lastModified')
  const ttlMs = ownMember(json, 'ttlMs')
  const staleIfErrorMs = ownMember(json, 'staleIfErrorMs')

  if (typeof url !== 'string' || !isListOfObjects(keys)) return undefined
  if (!isDuration(fetchedAt) || !isDuration(ttlMs) || !isDuration(staleIfErrorMs)) return undefined
  if (!isOptionalValidator(etag) || !isOptionalValidator(lastModified)) return undefined
  return { url, jwks: { keys }, fetchedAt, etag, lastModified, ttlMs, staleIfErrorMs }
}

/** Writes the keys of a set as a JWK Set: their public members, `kid` and `alg`, whatever else the issuer sent. */
export function jwksOf(set: KeySet): StoredKeySet['jwks'] {
  return { keys: set.keys.map(({ jwk, kid, alg }) => ({ ...jwk, kid, alg })) }
}

function parse(text: string): unknown {
  if (text.length > MAX_LENGTH) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isListOfObjects(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)
}

// JSON has no NaN, but 1e999 is Infinity.
function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isOptionalValidator(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && isValidator(value))
}
