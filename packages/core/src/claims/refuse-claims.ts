import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { FrozenJson } from '../token/json.js'
import type { ClaimsRules, TimeRules } from './options.js'

/** How far ahead an `iat` may be, in seconds: clocks differ by minutes, not more. */
const MAX_IAT_AHEAD = 300

/** 9999-12-31T23:59:59Z as NumericDate: no token means a date beyond it. */
const MAX_NUMERIC_DATE = 253_402_300_799

/** Required of a JWT access token (RFC 9068 §2.2), beside `iss` and `exp`, which every token needs. */
const REQUIRED_AT_JWT = ['aud', 'sub', 'client_id', 'iat', 'jti']

/** Where providers put the client's identifier, the first found counts: RFC 8693 §4.3, Okta, Entra. */
const CLIENT_ID_CLAIMS = ['client_id', 'cid', 'appid']

/**
 * Checks the registered claims against the rules of the issuer at a moment (`now`, seconds since the epoch).
 *
 * Refuses with `claim_missing`, `claim_invalid`, `token_expired`, `token_not_yet_valid`, `token_too_old`,
 * or `audience_mismatch`. It can only refuse, so it runs before the signature is checked.
 *
 * @see RFC 7519 §4.1, RFC 9068 §4
 */
export function refuseClaims(
  claims: FrozenJson,
  rules: ClaimsRules,
  time: TimeRules,
  now: number,
): Refusal | undefined {
  return (
    // First: only to a caller with a token for this API is it told apart that the token expired.
    refuseAudience(claims, rules.audience) ??
    refuseShape(claims, rules) ??
    refuseTimes(claims, time, now) ??
    refuseParty(claims, CLIENT_ID_CLAIMS, rules.clientId) ??
    refuseParty(claims, ['azp'], rules.authorizedParty)
  )
}

/** Reads the client's identifier: `client_id`, else `cid`, else `appid`. */
export function readClientId(claims: FrozenJson): unknown {
  return firstOf(claims, CLIENT_ID_CLAIMS)
}

function refuseShape(claims: FrozenJson, rules: ClaimsRules): Refusal | undefined {
  if (rules.profile === 'at+jwt') {
    const missing = REQUIRED_AT_JWT.find((name) => !Object.hasOwn(claims, name))
    if (missing !== undefined)
      return refuse('claim_missing', `${missing} is missing, which the profile at+jwt demands`)
    const empty = ['sub', 'client_id', 'jti'].find((name) => !isNonEmptyString(claims[name]))
    if (empty !== undefined) return refuse('claim_invalid', `${empty} is no string, or empty`)
  }
  return refuseNonString(claims, 'sub') ?? refuseNonString(claims, 'jti')
}

// RFC 7519 §4.1.2, §4.1.7: a string wherever it stands.
function refuseNonString(claims: FrozenJson, name: string): Refusal | undefined {
  const value = ownMember(claims, name)
  return value === undefined || typeof value === 'string'
    ? undefined
    : refuse('claim_invalid', `${name} is no string`)
}

const EXPIRED = refuse('token_expired', 'exp has passed')

/** Checks `exp`, `nbf` and `iat` alone: asked again after a wait. The same codes, about time only. */
export function refuseTimes(claims: FrozenJson, time: TimeRules, now: number): Refusal | undefined {
  const exp = ownMember(claims, 'exp')
  const nbf = ownMember(claims, 'nbf')
  const iat = ownMember(claims, 'iat')
  if (!isAbsentOrDate(exp)) return refuseDate('exp')
  if (!isAbsentOrDate(nbf)) return refuseDate('nbf')
  if (!isAbsentOrDate(iat)) return refuseDate('iat')
  const { clockTolerance, maxTokenAge } = time
  if (exp === undefined)
    return refuse('claim_missing', 'exp is missing: a token that never expires is refused')
  // RFC 7519 §4.1.4: "on or after" the expiration time. Said so that a clock which gives no number refuses.
  if (!(now < exp + clockTolerance)) return EXPIRED
  if (nbf !== undefined && nbf > now + clockTolerance)
    return refuse('token_not_yet_valid', 'nbf is in the future')
  if (iat !== undefined && iat > now + MAX_IAT_AHEAD) {
    return refuse('token_not_yet_valid', `iat is more than ${MAX_IAT_AHEAD} s in the future`)
  }
  if (maxTokenAge === Number.POSITIVE_INFINITY) return undefined
  if (iat === undefined) return refuse('claim_missing', 'iat is missing, which maxTokenAge needs')
  if (now - iat > maxTokenAge + clockTolerance)
    return refuse('token_too_old', 'iat is longer ago than maxTokenAge')
  return undefined
}

function refuseAudience(claims: FrozenJson, audience: ReadonlySet<string> | undefined): Refusal | undefined {
  const aud = ownMember(claims, 'aud')
  if (aud === undefined) return audience && refuse('audience_mismatch', 'aud is missing')
  if (typeof aud === 'string') return audience === undefined || audience.has(aud) ? undefined : MISMATCH
  if (!Array.isArray(aud)) return NO_AUDIENCE
  // Where it is not asked for an audience, a list of none is as good as no list: some providers send it.
  let isNamed = audience === undefined
  for (const value of aud as readonly unknown[]) {
    if (typeof value !== 'string') return NO_AUDIENCE
    isNamed ||= audience?.has(value) === true
  }
  return isNamed ? undefined : MISMATCH
}

const NO_AUDIENCE = refuse('claim_invalid', 'aud is neither a string nor a list of strings')

const MISMATCH = refuse('audience_mismatch', 'aud does not name this API')

function refuseParty(
  claims: FrozenJson,
  names: readonly string[],
  allowed: ReadonlySet<string> | undefined,
): Refusal | undefined {
  if (!allowed) return undefined
  const value = firstOf(claims, names)
  if (value === undefined)
    return refuse('claim_missing', `${names.join(', ')}: none is there, and one is demanded`)
  if (typeof value === 'string' && allowed.has(value)) return undefined
  return refuse('claim_invalid', `${names.join(', ')}: the value is not one of those allowed`)
}

function firstOf(claims: FrozenJson, names: readonly string[]): unknown {
  for (const name of names) {
    const value = ownMember(claims, name)
    if (value !== undefined) return value
  }
  return undefined
}

// A NumericDate wherever it stands (RFC 7519 §4.1.4 to §4.1.6); JSON has no `undefined`.
function isAbsentOrDate(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= MAX_NUMERIC_DATE)
}

function refuseDate(name: string): Refusal {
  return refuse('claim_invalid', `${name} is no NumericDate (RFC 7519 §2)`)
}

function isNonEmptyString(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
