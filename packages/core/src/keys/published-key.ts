import { signatureCheck } from '#crypto'
import { importJWK } from 'jose/key/import'
import { ALGORITHMS, type Algorithm } from '../signature/algorithms.js'
import type { SignatureCheck } from '../signature/crypto.js'
import type { KeyQuery } from './key-source.js'
import type { VerificationKey } from './verification-key.js'

/** The members of a public JWK that make the key; nothing else of it reaches the crypto (RFC 7518 §6, RFC 8037 §2). */
export type PublicJwk =
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

/** A key that the issuer publishes. */
export interface PublishedKey extends VerificationKey {
  readonly jwk: PublicJwk
  readonly thumbprint: string
}

/**
 * Makes a key. Imports nothing yet: that happens when an algorithm is asked for the first time; those who ask together
 * import side by side, because in an isolate none may wait for the promise of another.
 */
export function publishedKey(parts: Pick<PublishedKey, 'kid' | 'alg' | 'thumbprint' | 'jwk'>): PublishedKey {
  const checks = new Map<Algorithm, SignatureCheck>()
  return Object.freeze({
    ...parts,
    forAlgorithm(algorithm: Algorithm) {
      const known = checks.get(algorithm)
      if (known !== undefined) return known
      return importJWK({ ...parts.jwk }, algorithm).then((key) => {
        const check = signatureCheck(key, algorithm)
        checks.set(algorithm, check)
        return check
      })
    },
  })
}

/** Tells the algorithm that a JWK without `alg` is tried with when it is read. */
export function ownAlgorithm(jwk: PublicJwk): Algorithm {
  switch (jwk.kty) {
    case 'RSA':
      return 'RS256'
    case 'OKP':
      return 'Ed25519'
    case 'EC':
      return jwk.crv === 'P-256' ? 'ES256' : jwk.crv === 'P-384' ? 'ES384' : 'ES512'
  }
}

/** Tells whether an algorithm works with keys of this type and curve (RFC 7518 §3.1, RFC 8037 §3.1). */
export function suits(algorithm: Algorithm, jwk: PublicJwk): boolean {
  const row = ALGORITHMS[algorithm]
  if (row.kty !== jwk.kty) return false
  return jwk.kty === 'RSA' || ('crv' in row && row.crv === jwk.crv)
}

/**
 * Tells whether a key may have signed a token: one key, one algorithm (RFC 8725 §3.1).
 *
 * A JWK that names no `alg` means its curve's own for EC and OKP; for RSA it means RS256, or the one RSA algorithm
 * where the issuer's list has exactly one. `EdDSA` and `Ed25519` are two names of one algorithm (RFC 9864 §2.2),
 * taken for each other where the list has both.
 */
export function fits(key: PublishedKey, { alg, algorithms }: KeyQuery): boolean {
  if (!suits(alg, key.jwk)) return false
  if (key.alg === undefined) return key.jwk.kty !== 'RSA' || alg === rsaAlgorithm(algorithms)
  if (key.alg === alg) return true
  return key.jwk.kty === 'OKP' && algorithms.has('EdDSA') && algorithms.has('Ed25519')
}

function rsaAlgorithm(algorithms: ReadonlySet<Algorithm>): Algorithm {
  const [only, another] = [...algorithms].filter((algorithm) => ALGORITHMS[algorithm].kty === 'RSA')
  return only !== undefined && another === undefined ? only : 'RS256'
}
