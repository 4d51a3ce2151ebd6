import { ConfigError } from '../../packages/core/src/errors.js'
import type { KeySource } from '../../packages/core/src/keys/key-source.js'
import { checkSecretLength, resolveKeyLocation } from '../../packages/core/src/keys/location.js'
import { Revocations } from '../../packages/core/src/keys/revocations.js'
import { secretKeySource, staticKeySource } from '../../packages/core/src/keys/static.js'
import { isRefusal, type Refusal } from '../../packages/core/src/refusal.js'
import { ALGORITHMS, type Algorithm } from '../../packages/core/src/signature/algorithms.js'
import { ALGORITHM_REJECTED } from '../../packages/core/src/signature/allowed-algorithm.js'
import { resolveAlgorithms } from '../../packages/core/src/signature/options.js'
import { verifySignature } from '../../packages/core/src/signature/verify-signature.js'
import { decode, type UnverifiedToken } from '../../packages/core/src/token/decode.js'
import type { Jwk, Vector } from './vectors.js'

/** What the core makes of a vector, and where it refused. */
export type Verdict =
  | { readonly verified: true; readonly lifted?: string }
  | { readonly verified: false; readonly at: Stage; readonly reason: string }

/** A layer that refuses. `set-up`: the keys cannot be configured at all, a `ConfigError`. */
export type Stage = 'decode' | 'set-up' | 'algorithm' | 'keys' | 'signature'

const ISSUER = 'https://issuer.example'

/** So that the issuer's own list is what refuses. */
const EVERY_ALGORITHM: ReadonlySet<Algorithm> = new Set(Object.keys(ALGORITHMS) as Algorithm[])

/** The last thing that `decode` looks at: what fails it passed everything else. */
export const NO_CLAIMS_SET = 'the claims set is no strict JSON object'

/**
 * Takes a vector through the layers of the core, in the order of the verifier. Most vectors sign a few bytes and no
 * claims set, which the core refuses before it looks at the signature: this one rule is lifted here, and `lifted` says
 * where. Everything else is the core's own.
 */
export async function judge(vector: Vector): Promise<Verdict> {
  const decoded = decode(vector.token, EVERY_ALGORITHM)
  const lift = isRefusal(decoded) && decoded.detail === NO_CLAIMS_SET
  const token = lift ? withEmptyClaims(vector.token) : decoded
  if (isRefusal(token)) return refused('decode', token)
  try {
    const { algorithms, source } = setUp(vector)
    const { alg } = token
    if (!algorithms.has(alg)) return refused('algorithm', ALGORITHM_REJECTED)
    const candidates = await source.find({ kid: token.kid, alg, algorithms })
    if (isRefusal(candidates)) return refused('keys', candidates)
    const signed = await verifySignature(token, candidates, 'auto')
    if (isRefusal(signed)) return refused('signature', signed)
    return lift ? { verified: true, lifted: NO_CLAIMS_SET } : { verified: true }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { verified: false, at: 'set-up', reason: error.message }
  }
}

/** Reads the header of a token whose payload is no claims set. The signature is still that of its own text. */
function withEmptyClaims(text: string): UnverifiedToken | Refusal {
  const [header, , signature] = text.split('.')
  const token = decode([header, 'e30', signature].join('.'), EVERY_ALGORITHM)
  return isRefusal(token) ? token : { ...token, text }
}

/** Reads the keys as the options of an issuer. @throws ConfigError */
function setUp({ keys, algorithms }: Vector): {
  readonly algorithms: ReadonlySet<Algorithm>
  readonly source: KeySource
} {
  const symmetric = keys.every(({ kty }) => kty === 'oct')
  const named = algorithms ?? (symmetric ? keys.map(({ alg }) => alg) : undefined)
  const allowed = resolveAlgorithms(named, 'algorithms', symmetric)
  const options = symmetric ? { secret: keys.map(secretOf) } : { jwks: { keys } }
  const location = resolveKeyLocation(options, ISSUER, '')
  checkSecretLength(location, allowed, '')
  if (location.kind === 'secret')
    return { algorithms: allowed, source: secretKeySource(ISSUER, location.secrets) }
  const source = staticKeySource(ISSUER, options.jwks, new Revocations(ISSUER, new Map()))
  return { algorithms: allowed, source }
}

function secretOf({ k }: Jwk): Uint8Array {
  return Buffer.from(String(k), 'base64url')
}

function refused(at: Stage, { code, detail }: Refusal): Verdict {
  return { verified: false, at, reason: detail ?? code }
}
