import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'

/**
 * Finds the configured issuer that a token names. An exact comparison of strings (RFC 7519 §4.1.1, RFC 9068
 * §4): `iss` is no URL here and is never fetched.
 *
 * Refuses with `issuer_unknown`; the detail says where only a trailing slash differs.
 */
export function selectIssuer<Issuer>(
  token: UnverifiedToken,
  issuers: ReadonlyMap<string, Issuer>,
): Issuer | Refusal {
  const iss = ownMember(token.claims, 'iss')
  if (typeof iss !== 'string') return refuse('issuer_unknown', 'iss is missing or no string')
  return issuers.get(iss) ?? refuse('issuer_unknown', explain(iss, issuers))
}

function explain(iss: string, issuers: ReadonlyMap<string, unknown>): string {
  const twin = iss.endsWith('/') ? iss.slice(0, -1) : `${iss}/`
  return issuers.has(twin)
    ? `iss differs from the configured issuer ${twin} by one trailing slash, which counts`
    : 'iss is no configured issuer'
}
