import type { CryptoKey } from 'jose'
import type { Algorithm } from '../signature/algorithms.js'

/** A usable key. Its object stays the same across refreshes while thumbprint, `kid` and `alg` do. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** RFC 7638 thumbprint (SHA-256, base64url); `undefined` for a secret, of which nothing is derived. */
  readonly thumbprint: string | undefined
  /** The one algorithm the JWK names; `undefined` where it names none. */
  readonly alg: Algorithm | undefined
  /** The key for one algorithm: a promise until it has been imported, then the key itself. */
  forAlgorithm(algorithm: Algorithm): ImportedKey | Promise<ImportedKey>
}

/** What jose verifies with: an asymmetric key, or the bytes of a secret. */
export type ImportedKey = CryptoKey | Uint8Array
