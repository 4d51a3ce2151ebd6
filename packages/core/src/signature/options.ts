import { numberOption, optionError, optionsObject, refuseUnknownOptions } from '../option-checks.js'
import { ALGORITHMS, ASYMMETRIC_ALGORITHMS, isAlgorithm, isSymmetric, type Algorithm } from './algorithms.js'
import type { MemoLimits } from './memo.js'

/** Which algorithms a token of this issuer may be signed with. */
export interface SignatureOptions {
  /**
   * The `alg` values to accept (RFC 8725 §3.1). Default with a JWKS: RS, PS and ES 256/384/512, `Ed25519` and
   * `EdDSA`; with a `secret`: `HS256`. Signatures and MACs cannot be mixed; `none` cannot be listed.
   */
  algorithms?: readonly Algorithm[] | undefined
}

/** Where a signature is checked: in place, or in the thread pool. */
export type Offload = 'auto' | 'never' | 'always'

/** How signatures are checked: the same for all issuers. */
export interface CheckingOptions {
  /**
   * Where signatures are checked on Node. `never`: in place, one after the other. `always`: in the thread pool, all
   * but HMAC. Default `auto`: the first of a turn of the event loop in place, the others of EC, Ed25519 and RSA keys
   * of more than 3072 bits in the pool. Other runtimes decide by themselves.
   */
  offload?: Offload | undefined
  /**
   * Signatures that hold are remembered, so that a token which comes again is not checked again; everything that can
   * change is. `maxEntries`: tokens, default 10,000. `maxBytes`: characters of them all, default 16 MiB. `false`: none.
   */
  signatureMemo?: false | SignatureMemoOptions | undefined
}

/** How much a verifier remembers. */
export interface SignatureMemoOptions {
  /** Tokens. Default 10,000. */
  readonly maxEntries?: number | undefined
  /** Characters of all tokens together. Default 16 MiB. */
  readonly maxBytes?: number | undefined
}

/**
 * Checks `algorithms`. `symmetric`: the issuer has a `secret`, not a JWKS. `published`: the default for those of a JWKS.
 */
export function resolveAlgorithms(
  value: unknown,
  option: string,
  symmetric: boolean,
  published: readonly Algorithm[] = ASYMMETRIC_ALGORITHMS,
): ReadonlySet<Algorithm> {
  if (value === undefined) return new Set(symmetric ? ['HS256'] : published)
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

/** Checks `offload`. @throws ConfigError */
export function resolveOffload(value: unknown): Offload {
  if (value === undefined) return 'auto'
  if (value === 'auto' || value === 'never' || value === 'always') return value
  throw optionError('offload', value, "Pass 'auto', 'never' or 'always'.")
}

/** Checks `signatureMemo`; `undefined`: nothing is remembered. @throws ConfigError */
export function resolveMemo(value: unknown): MemoLimits | undefined {
  if (value === false) return undefined
  const options = value === undefined ? {} : optionsObject(value, 'signatureMemo', FIX)
  refuseUnknownOptions(options, ['maxEntries', 'maxBytes'], 'signatureMemo')
  return {
    maxEntries: numberOption(options['maxEntries'], 'signatureMemo.maxEntries', {
      default: 10_000,
      min: 1,
      max: 1_000_000,
      unit: 'tokens',
    }),
    maxBytes: numberOption(options['maxBytes'], 'signatureMemo.maxBytes', {
      default: 16 * 1024 * 1024,
      min: 1,
      max: 1024 * 1024 * 1024,
      unit: 'characters',
    }),
  }
}

const FIX = 'Pass false to remember nothing, or { maxEntries, maxBytes }.'
