import { JOSEError } from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import type { SignatureCrypto } from './crypto.js'

/** Checks signatures with WebCrypto, by way of jose. It never blocks: there is nothing to offload. */
export const signatureCheck: SignatureCrypto['signatureCheck'] = (key, algorithm) => async (text) => {
  try {
    await compactVerify(text, key, { algorithms: [algorithm] })
    return true
  } catch (error) {
    // What jose says of the token refuses it; anything else is a bug and must not look like a bad token.
    if (error instanceof JOSEError) return false
    throw error
  }
}
