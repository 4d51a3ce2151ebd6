import type { VerificationKey } from '../keys/verification-key.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'
import type { Offload } from './options.js'

declare const verified: unique symbol

/** A token that was signed by a key of its issuer: `verifySignature` makes one, and the memo of what it said. */
export interface VerifiedToken extends UnverifiedToken {
  readonly [verified]: true
}

/** A signature that holds, and the key it was made with. */
export interface Signed {
  readonly token: VerifiedToken
  readonly key: VerificationKey
}

const INVALID = refuse('signature_invalid', 'no key of the issuer that fits kid and alg made this signature')

/**
 * Checks the signature with each candidate key until one fits (RFC 7515 §5.2). Refuses with
 * `signature_invalid` where none does. Gives a promise only where there is something to wait for.
 */
export function verifySignature(
  token: UnverifiedToken,
  candidates: readonly VerificationKey[],
  offload: Offload,
): Signed | Refusal | Promise<Signed | Refusal> {
  const [only] = candidates
  // Nearly always there is one.
  if (only === undefined || candidates.length > 1) return tryEach(token, candidates, offload)
  const verdict = check(token, only, offload)
  if (typeof verdict === 'boolean') return verdict ? signedBy(only, token) : INVALID
  return verdict.then((holds) => (holds ? signedBy(only, token) : INVALID))
}

async function tryEach(
  token: UnverifiedToken,
  candidates: readonly VerificationKey[],
  offload: Offload,
): Promise<Signed | Refusal> {
  for (const key of candidates) {
    // One after the other: they are few, and the first one that fits is enough.
    // oxlint-disable-next-line no-await-in-loop
    if (await check(token, key, offload)) return signedBy(key, token)
  }
  return INVALID
}

function check(
  { text, alg }: UnverifiedToken,
  key: VerificationKey,
  offload: Offload,
): boolean | Promise<boolean> {
  const dot = text.lastIndexOf('.')
  const found = key.forAlgorithm(alg)
  return typeof found === 'function'
    ? found(text, dot, offload)
    : found.then((holds) => holds(text, dot, offload))
}

function signedBy(key: VerificationKey, token: UnverifiedToken): Signed {
  return { token: token as VerifiedToken, key }
}
