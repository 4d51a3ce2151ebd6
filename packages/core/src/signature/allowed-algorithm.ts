import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'
import { isAlgorithm, type Algorithm } from './algorithms.js'

/**
 * Reads `alg` if the issuer allows it, to the letter (RFC 8725 §3.1): an allow-list, never a block-list.
 *
 * Refuses with `algorithm_rejected`, which `none` in any spelling always is.
 */
export function allowedAlgorithm(
  token: UnverifiedToken,
  allowed: ReadonlySet<Algorithm>,
): Algorithm | Refusal {
  const alg = ownMember(token.header, 'alg')
  if (isAlgorithm(alg) && allowed.has(alg)) return alg
  return refuse('algorithm_rejected', 'alg is not in the list of algorithms of this issuer')
}
