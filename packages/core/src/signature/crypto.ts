import type { CryptoKey } from 'jose'
import type { Algorithm } from './algorithms.js'
import type { Offload } from './options.js'

/**
 * Checks the signature of a token in compact serialization, `text`, whose last dot is at `dot`. Gives a promise only
 * where there is something to wait for. Throws for nothing that a token says.
 */
export type SignatureCheck = (text: string, dot: number, offload: Offload) => boolean | Promise<boolean>

/** What a platform checks signatures with. */
export interface SignatureCrypto {
  /** Joins a key that jose imported, or the bytes of a secret, with the one algorithm that it is for. */
  readonly signatureCheck: (key: CryptoKey | Uint8Array, algorithm: Algorithm) => SignatureCheck
}
