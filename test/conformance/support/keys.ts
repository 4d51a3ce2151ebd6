import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'

/** A key pair of the table. `jwk` is what an issuer would publish. */
export interface Pair {
  readonly alg: string
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly jwk: JsonWebKey & { readonly kid: string; readonly alg: string; readonly use: string }
}

/** The keys of the issuer that every app of the table trusts unless its row says otherwise. */
export const RSA: Pair = rsa('rsa', 'RS256')
export const P256: Pair = ec('p256', 'ES256', 'P-256')
export const P384: Pair = ec('p384', 'ES384', 'P-384')
export const P521: Pair = ec('p521', 'ES512', 'P-521')
export const ED25519: Pair = pair('ed25519', 'Ed25519', generateKeyPairSync('ed25519'))

/** Keys that no issuer of the table publishes, unless a row says so. */
export const STRANGER: Pair = rsa('rsa', 'RS256')
export const WEAK_RSA: Pair = rsa('weak', 'RS256', { modulusLength: 1024 })
export const SMALL_EXPONENT: Pair = rsa('exponent-3', 'RS256', { publicExponent: 3 })

/** The JWKS of the issuer. */
export const JWKS: { readonly keys: readonly object[] } = {
  keys: [RSA.jwk, P256.jwk, P384.jwk, P521.jwk, ED25519.jwk],
}

/** Publishes a key with other members; one that is `undefined` is left out. */
export function published(key: Pair, members: Readonly<Record<string, unknown>> = {}): object {
  return Object.fromEntries(
    Object.entries({ ...key.jwk, ...members }).filter(([, value]) => value !== undefined),
  )
}

/** Makes an EC key pair of its own. */
export function ec(kid: string, alg: string, namedCurve: string): Pair {
  return pair(kid, alg, generateKeyPairSync('ec', { namedCurve }))
}

function rsa(
  kid: string,
  alg: string,
  options: { modulusLength?: number; publicExponent?: number } = {},
): Pair {
  return pair(kid, alg, generateKeyPairSync('rsa', { modulusLength: 2048, ...options }))
}

function pair(kid: string, alg: string, keys: { privateKey: KeyObject; publicKey: KeyObject }): Pair {
  return { alg, kid, ...keys, jwk: { ...keys.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } }
}
