import { JOSEError } from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import type { VerificationKey } from '../keys/verification-key.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'
import type { Algorithm } from './algorithms.js'

declare const verified: unique symbol

/** A token that was signed by a key of its issuer. Only `verifySignature` makes one. */
export interface VerifiedToken extends UnverifiedToken {
  readonly [verified]: true
}

/** A signature that holds, and the key it was made with. */
export interface Signed {
  readonly token: VerifiedToken
  readonly key: VerificationKey
}

/**
 * Checks the signature with each candidate key until one fits (RFC 7515 §5.2). Refuses with
 * `signature_invalid` where none does.
 */
export async function verifySignature(
  token: UnverifiedToken,
  alg: Algorithm,
  candidates: readonly VerificationKey[],
): Promise<Signed | Refusal> {
  for (const key of candidates) {
    // One after the other: the candidates are few, and nearly always one.
    // oxlint-disable-next-line no-await-in-loop
    if (await signed(token, alg, key)) return { token: token as VerifiedToken, key }
  }
  return refuse('signature_invalid', 'no key of the issuer that fits kid and alg made this signature')
}

async function signed(token: UnverifiedToken, alg: Algorithm, key: VerificationKey): Promise<boolean> {
  const imported = await key.forAlgorithm(alg)
  try {
    await compactVerify(token.text, imported, { algorithms: [alg] })
    return true
  } catch (error) {
    // What jose says of the token refuses it; anything else is a bug and must not look like a bad token.
    if (error instanceof JOSEError) return false
    throw error
  }
}
