import { decodeText, isCanonical } from '#base64url'
import { ownMember } from '../own-member.js'
import { isRefusal, refuse, type Refusal } from '../refusal.js'
import { allowedAlgorithm } from '../signature/allowed-algorithm.js'
import type { Algorithm } from '../signature/algorithms.js'
import type { HeaderMemo } from './header-memo.js'
import { parseJsonObject, type FrozenJson } from './json.js'

/** The longest token that is looked at, in characters: room for post-quantum signatures, none for floods. */
const MAX_TOKEN_LENGTH = 16_384

const NO_STRING = malformed('the token is no string')
const NOT_COMPACT = malformed('the token is no JWS in compact form: three segments')
const ENCRYPTED = malformed('the token is encrypted (JWE): only signed tokens are accepted')
const NOT_CANONICAL = malformed('a segment is no canonical base64url')
const TOO_LARGE = refuse('token_too_large', `the token is longer than ${MAX_TOKEN_LENGTH} characters`)

/** The longest `kid` that is looked up, in characters. */
const MAX_KID_LENGTH = 256

declare const unverified: unique symbol

/** A protected header that was read: it passed every rule for headers. */
export interface ProtectedHeader {
  readonly header: FrozenJson
  readonly alg: Algorithm
  readonly kid: string | undefined
}

/** A token that was read and not verified: `iss`, `alg` and `kid` may select, nothing may be believed. */
export interface UnverifiedToken extends ProtectedHeader {
  readonly [unverified]: true
  readonly text: string
  readonly claims: FrozenJson
  /** The header was read before, for a token whose signature held. */
  readonly isHeaderKnown: boolean
}

/**
 * Reads a JWS in compact serialization (RFC 7515 §3.1): three segments of canonical base64url, header and
 * claims set strict JSON objects, no critical extensions, and an `alg` of the list.
 *
 * Refuses with `token_too_large`, `token_malformed`, `algorithm_rejected`, `critical_header_rejected` or
 * `type_rejected`. Does not look at `typ` or any claim: those are the issuer's to allow. Headers that are `known` were
 * read before, under the same `algorithms`.
 */
export function decode(
  text: string,
  algorithms: ReadonlySet<Algorithm>,
  known?: HeaderMemo,
): UnverifiedToken | Refusal {
  // A message from a queue may carry anything in the place of a token.
  if (typeof text !== 'string') return NO_STRING
  if (text.length > MAX_TOKEN_LENGTH) return TOO_LARGE
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (second <= first || text.includes('.', second + 1)) return refuseShape(text)

  const headerSegment = text.slice(0, first)
  const found = known?.find(headerSegment)
  const read = found ?? readHeader(headerSegment, algorithms)
  if (isRefusal(read)) return read
  if (!isCanonical(text.slice(second + 1))) return NOT_CANONICAL
  const payload = text.slice(first + 1, second)
  const claims = parseSegment(payload)
  if (!claims) return refuseSegment(payload, 'claims set')
  const { header, alg, kid } = read
  return { text, header, alg, kid, claims, isHeaderKnown: found !== undefined } as UnverifiedToken
}

function readHeader(segment: string, algorithms: ReadonlySet<Algorithm>): ProtectedHeader | Refusal {
  const header = parseSegment(segment)
  if (!header) return refuseSegment(segment, 'protected header')
  const refusal = refuseHeader(header)
  if (refusal) return refusal
  // What no issuer allows needs no look at its claims.
  const alg = allowedAlgorithm(header, algorithms)
  return isRefusal(alg) ? alg : { header, alg, kid: ownMember(header, 'kid') as string | undefined }
}

/** Reads a segment that holds a strict JSON object; `undefined` for anything else. */
export function parseSegment(segment: string): FrozenJson | undefined {
  const text = decodeText(segment)
  return text === undefined ? undefined : parseJsonObject(text)
}

function refuseSegment(segment: string, what: string): Refusal {
  return isCanonical(segment) ? malformed(`the ${what} is no strict JSON object`) : NOT_CANONICAL
}

function refuseShape(text: string): Refusal {
  // One more than allowed is enough to see that there are too many.
  return text.split('.', 6).length === 5 ? ENCRYPTED : NOT_COMPACT
}

function refuseHeader(header: FrozenJson): Refusal | undefined {
  // RFC 7515 §4.1.11: what is critical and not understood refuses the token; we understand no extension.
  if (Object.hasOwn(header, 'crit'))
    return refuse('critical_header_rejected', 'the protected header has crit')
  // RFC 7797 §7: b64 does not belong into a JWT.
  if (Object.hasOwn(header, 'b64')) return refuse('critical_header_rejected', 'the protected header has b64')
  // RFC 7519 §5.2: cty announces that the payload is another token, not a claims set.
  if (Object.hasOwn(header, 'cty'))
    return refuse('type_rejected', 'the protected header has cty: a nested token')
  const kid = ownMember(header, 'kid')
  if (kid === undefined) return undefined
  if (typeof kid !== 'string') return malformed('kid is no string')
  if (kid.length > MAX_KID_LENGTH) return malformed(`kid is longer than ${MAX_KID_LENGTH} characters`)
  return undefined
}

function malformed(detail: string): Refusal {
  return refuse('token_malformed', detail)
}
