import type { Algorithm } from '../signature/algorithms.js'
import type { SignatureCheck } from '../signature/crypto.js'

/** A usable key. Its object stays the same across refreshes while thumbprint, `kid` and `alg` do. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** RFC 7638 thumbprint (SHA-256, base64url); `undefined` for a secret, of which nothing is derived. */
  readonly thumbprint: string | undefined
  /** The one algorithm the JWK names; `undefined` where it names none. */
  readonly alg: Algorithm | undefined
  /** The check with this key by one algorithm: a promise until the key has been imported, then the check itself. */
  forAlgorithm(algorithm: Algorithm): SignatureCheck | Promise<SignatureCheck>
}
