import { optionError } from '../option-checks.js'
import { ALGORITHMS, ASYMMETRIC_ALGORITHMS, isAlgorithm, isSymmetric, type Algorithm } from './algorithms.js'

/** Which algorithms a token of this issuer may be signed with. */
export interface SignatureOptions {
  /**
   * The `alg` values to accept (RFC 8725 §3.1). Default with a JWKS: RS, PS and ES 256/384/512, `Ed25519` and
   * `EdDSA`; with a `secret`: `HS256`. Signatures and MACs cannot be mixed; `none` cannot be listed.
   */
  algorithms?: readonly Algorithm[] | undefined
}

/** Checks `algorithms`. `symmetric`: the issuer has a `secret`, not a JWKS. */
export function resolveAlgorithms(
  value: unknown,
  option: string,
  symmetric: boolean,
): ReadonlySet<Algorithm> {
  if (value === undefined) return new Set(symmetric ? ['HS256'] : ASYMMETRIC_ALGORITHMS)
  const known = Object.keys(ALGORITHMS).join(', ')
  if (!Array.isArray(value) || value.length === 0)
    throw optionError(option, value, `Pass a list of: ${known}.`)
  const algorithms = value.filter(isAlgorithm)
  if (algorithms.length !== value.length) throw optionError(option, value, `Pass only names of: ${known}.`)
  if (algorithms.some((algorithm) => isSymmetric(algorithm) !== symmetric)) {
    const fix = symmetric
      ? 'A secret goes with HS256, HS384 and HS512 only.'
      : 'Keys from a JWKS never go with HS256, HS384 or HS512: those take a secret.'
    throw optionError(option, value, fix)
  }
  return new Set(algorithms)
}
