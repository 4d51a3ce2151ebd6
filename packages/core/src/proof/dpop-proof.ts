import { isCanonical } from '#base64url'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { mediaType } from '../claims/refuse-type.js'
import { readPublicJwk } from '../keys/parse.js'
import { publishedKey, suits, type PublicJwk } from '../keys/published-key.js'
import { ownMember } from '../own-member.js'
import { isRefusal, refuse, type Refusal } from '../refusal.js'
import { isAlgorithm, isSymmetric, type Algorithm } from '../signature/algorithms.js'
import type { SignatureCheck } from '../signature/crypto.js'
import { parseSegment } from '../token/decode.js'
import type { FrozenJson } from '../token/json.js'
import { normalizeUri } from './request-uri.js'
import { sha256 } from './sha256.js'

/** The algorithms that a DPoP proof may be signed with, unless an option says otherwise. */
export const DPOP_ALGORITHMS: readonly Algorithm[] = /* @__PURE__ */ Object.freeze([
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
] satisfies Algorithm[])

/** The longest proof that is looked at, in characters: an RSA key of 16,384 bits and its signature fit. */
const MAX_PROOF_LENGTH = 8 * 1024

/** The longest `jti` that is remembered, in characters. */
const MAX_JTI_LENGTH = 256

const MISMATCH = refuse('proof_mismatch', 'the token is bound to another key than that of the proof')
const NO_NONCE = refuse('dpop_nonce_required', 'the proof has no nonce')
const OLD_NONCE = refuse('dpop_nonce_required', 'the nonce of the proof is none that is accepted now')

/** A DPoP proof as it was sent, and what it is checked against. */
export interface DpopProofInput {
  /** Every value of the `DPoP` field of the request. */
  readonly values: readonly string[]
  /** The method of the request, to the letter. */
  readonly method: string
  /** The URI of the request, as `requestUri` gives it. */
  readonly uri: string
  /** The access token as it was sent. */
  readonly token: string
  /** The `cnf.jkt` of the token (RFC 9449 §6.1). */
  readonly thumbprint: string
  /** The algorithms that a proof may be signed with. One with a shared secret is refused also where it is among them. */
  readonly algorithms: ReadonlySet<string>
  /** The time, in seconds since the epoch. */
  readonly nowSeconds: number
  /** So many seconds ago `iat` may be. */
  readonly maxAge: number
  /** So many seconds in the future `iat` may be. */
  readonly maxAhead: number
  /** Tells whether a nonce is one to accept; `undefined`: none is demanded. */
  readonly nonce: ((nonce: string) => boolean | Promise<boolean>) | undefined
}

/** What a proof that holds says of itself: what a replay is known by. */
export interface ReadProof {
  readonly jti: string
  readonly iat: number
  readonly nonce: string | undefined
}

interface ProofHeader {
  readonly alg: Algorithm
  readonly jwk: PublicJwk
}

interface UnverifiedProof extends ProofHeader {
  readonly text: string
  readonly said: ReadProof
  readonly ath: unknown
}

/**
 * Checks the DPoP proof of a request (RFC 9449 §4.3): cheap rules first, then the signature, then the nonce. Does not
 * look whether the proof was used before.
 *
 * Refuses with `dpop_proof_invalid`, with `proof_mismatch` for a key that the token is not bound to, and with
 * `dpop_nonce_required` only where everything else holds.
 */
export async function checkDpopProof(input: DpopProofInput): Promise<ReadProof | Refusal> {
  const proof = readProof(input)
  if (isRefusal(proof)) return proof
  const { text, alg, jwk, said, ath } = proof
  // RFC 9449 §4.2.
  if (ath !== (await sha256(input.token))) return invalid('ath is not the hash of the token')
  // Before the key is imported: only a key that an authorization server bound a token to costs more than a hash.
  const thumbprint = await calculateJwkThumbprint({ ...jwk })
  if (thumbprint !== input.thumbprint) return MISMATCH
  const check = await importKey(jwk, alg, thumbprint)
  if (check === undefined) return invalid('jwk is no key that can be imported')
  if (!(await check(text, text.lastIndexOf('.'), 'auto')))
    return invalid('the signature is not that of the key in jwk')
  return (await refuseNonce(said.nonce, input.nonce)) ?? said
}

/** Reads a proof and applies every rule that takes nothing but a look. */
function readProof(input: DpopProofInput): UnverifiedProof | Refusal {
  const text = readField(input.values)
  if (isRefusal(text)) return text
  const segments = text.split('.', 4)
  const [header = '', payload = '', signature = ''] = segments
  if (segments.length !== 3) return invalid('the proof is no JWS in compact form: three segments')
  if (!isCanonical(header) || !isCanonical(payload) || !isCanonical(signature))
    return invalid('a segment is no canonical base64url')
  const read = readHeader(parseSegment(header), input.algorithms)
  if (isRefusal(read)) return read
  const claims = parseSegment(payload)
  if (!claims) return invalid('the claims set is no strict JSON object')
  const said = readClaims(claims, input)
  return isRefusal(said) ? said : { text, ...read, said, ath: ownMember(claims, 'ath') }
}

/** Takes the one proof of a request. Node joins doubled fields with a comma, which no proof has. */
function readField(values: readonly string[]): string | Refusal {
  const [text] = values
  if (text === undefined) return invalid('the request has no DPoP field')
  if (values.length > 1) return invalid('the request has more than one DPoP field')
  if (text.length > MAX_PROOF_LENGTH)
    return invalid(`the proof is longer than ${MAX_PROOF_LENGTH} characters`)
  return text.includes(',') ? invalid('the DPoP field is a list') : text
}

function readHeader(header: FrozenJson | undefined, algorithms: ReadonlySet<string>): ProofHeader | Refusal {
  if (!header) return invalid('the protected header is no strict JSON object')
  for (const name of ['crit', 'b64', 'cty'])
    if (Object.hasOwn(header, name)) return invalid(`the protected header has ${name}`)
  if (mediaType(ownMember(header, 'typ')) !== 'dpop+jwt') return invalid('typ is not dpop+jwt')
  const alg = ownMember(header, 'alg')
  // Whatever the list says: whoever knows a shared secret proves nothing with it.
  if (!isAlgorithm(alg) || isSymmetric(alg)) return invalid('alg is no asymmetric algorithm that is known')
  if (!algorithms.has(alg)) return invalid('alg is not among the algorithms for proofs')
  const jwk = readPublicJwk(ownMember(header, 'jwk'))
  if (typeof jwk === 'string') return invalid(`jwk is no public key to verify with: ${jwk}`)
  return suits(alg, jwk) ? { alg, jwk } : invalid('jwk is no key for alg')
}

function readClaims(claims: FrozenJson, input: DpopProofInput): ReadProof | Refusal {
  const { method, uri } = input
  const jti = ownMember(claims, 'jti')
  if (typeof jti !== 'string' || jti === '') return invalid('jti is no string, or empty')
  if (jti.length > MAX_JTI_LENGTH) return invalid(`jti is longer than ${MAX_JTI_LENGTH} characters`)
  if (ownMember(claims, 'htm') !== method) return invalid('htm is not the method of the request')
  const htu = ownMember(claims, 'htu')
  if (typeof htu !== 'string' || normalizeUri(htu) !== uri)
    return invalid('htu is not the URI of the request without query and fragment')
  const iat = ownMember(claims, 'iat')
  if (typeof iat !== 'number') return invalid('iat is no number')
  const age = input.nowSeconds - iat
  if (age > input.maxAge) return invalid('iat is too long ago')
  if (age < -input.maxAhead) return invalid('iat is in the future')
  const nonce = ownMember(claims, 'nonce')
  if (nonce !== undefined && typeof nonce !== 'string') return invalid('nonce is no string')
  return Object.freeze({ jti, iat, nonce })
}

async function importKey(
  jwk: PublicJwk,
  alg: Algorithm,
  thumbprint: string,
): Promise<SignatureCheck | undefined> {
  try {
    return await publishedKey({ kid: undefined, alg, thumbprint, jwk }).forAlgorithm(alg)
  } catch {
    return undefined // a point off its curve, or a curve that this runtime does not have
  }
}

async function refuseNonce(
  nonce: string | undefined,
  accepts: DpopProofInput['nonce'],
): Promise<Refusal | undefined> {
  if (!accepts) return undefined
  if (nonce === undefined) return NO_NONCE
  return (await accepts(nonce)) ? undefined : OLD_NONCE
}

function invalid(detail: string): Refusal {
  return refuse('dpop_proof_invalid', detail)
}
