import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { FrozenJson } from '../token/json.js'
import { isAlgorithm, type Algorithm } from './algorithms.js'

/** The refusal of an `alg` that is not in the list. */
export const ALGORITHM_REJECTED: Refusal = refuse(
  'algorithm_rejected',
  'alg is not in the list of algorithms of this issuer',
)

/**
 * Reads `alg` if the issuer allows it, to the letter (RFC 8725 §3.1): an allow-list, never a block-list.
 *
 * Refuses with `algorithm_rejected`, which `none` in any spelling always is.
 */
export function allowedAlgorithm(header: FrozenJson, allowed: ReadonlySet<Algorithm>): Algorithm | Refusal {
  const alg = ownMember(header, 'alg')
  return isAlgorithm(alg) && allowed.has(alg) ? alg : ALGORITHM_REJECTED
}
