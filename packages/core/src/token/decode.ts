import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import { decodeBase64url } from './base64url.js'
import { parseJsonObject, type FrozenJson } from './json.js'

/** The longest token that is looked at, in characters: room for post-quantum signatures, none for floods. */
const MAX_TOKEN_LENGTH = 16_384

/** The longest `kid` that is looked up, in characters. */
const MAX_KID_LENGTH = 256

declare const unverified: unique symbol

/** A token that was read and not verified: `iss`, `alg` and `kid` may select, nothing may be believed. */
export interface UnverifiedToken {
  readonly [unverified]: true
  readonly text: string
  readonly header: FrozenJson
  readonly kid: string | undefined
  readonly claims: FrozenJson
}

/**
 * Reads a JWS in compact serialization (RFC 7515 §3.1): three segments of canonical base64url, header and
 * claims set strict JSON objects, no critical extensions.
 *
 * Refuses with `token_too_large`, `token_malformed`, `critical_header_rejected` or `type_rejected`. Does not
 * look at `alg`, `typ` or any claim: those are the issuer's to allow.
 */
export function decode(text: string): UnverifiedToken | Refusal {
  // A message from a queue may carry anything in the place of a token.
  if (typeof text !== 'string') return malformed('the token is no string')
  if (text.length > MAX_TOKEN_LENGTH) {
    return refuse('token_too_large', `the token is longer than ${MAX_TOKEN_LENGTH} characters`)
  }
  // One more than allowed is enough to see that there are too many.
  const segments = text.split('.', 6)
  if (segments.length === 5) return malformed('the token is encrypted (JWE): only signed tokens are accepted')
  if (segments.length !== 3) return malformed('the token is no JWS in compact form: three segments')
  const [protectedHeader, payload, signature] = segments as [string, string, string]
  const headerBytes = decodeBase64url(protectedHeader)
  const claimsBytes = decodeBase64url(payload)
  if (!headerBytes || !claimsBytes || !decodeBase64url(signature)) {
    return malformed('a segment is no canonical base64url')
  }
  const header = parseJsonObject(headerBytes)
  if (!header) return malformed('the protected header is no strict JSON object')
  const refusal = refuseHeader(header)
  if (refusal) return refusal
  const claims = parseJsonObject(claimsBytes)
  if (!claims) return malformed('the claims set is no strict JSON object')
  return { text, header, kid: ownMember(header, 'kid') as string | undefined, claims } as UnverifiedToken
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
