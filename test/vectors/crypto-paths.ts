import { verifySignature } from '../../packages/core/src/signature/verify-signature.js'

/** A way to check signatures: every vector goes through each of them. */
export interface CryptoPath {
  readonly name: string
  readonly verify: typeof verifySignature
}

/** The ways that the core has. A new one is a line here. */
export const CRYPTO_PATHS: readonly CryptoPath[] = [{ name: 'WebCrypto', verify: verifySignature }]
