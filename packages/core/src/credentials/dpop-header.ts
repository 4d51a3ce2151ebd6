import { authorization } from './authorization.js'
import type { TokenSource } from './token-source.js'

const read = authorization('DPoP')

/**
 * Reads `Authorization: DPoP <token>`. On where `proofs` has `dpop(…)`, beside the sources of the options.
 *
 * @see RFC 9449 §7.1
 */
export const dpopHeader: TokenSource = (request) => {
  const found = read(request.values('authorization'))
  return typeof found === 'string' ? { scheme: 'DPoP', token: found } : found
}
