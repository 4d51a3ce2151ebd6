import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'
import type { Profile } from './options.js'

/**
 * Refuses tokens of another kind: a token made for one purpose must not pass for another (RFC 8725 §3.11,
 * §3.12). Refuses with `type_rejected`.
 *
 * Profile `at+jwt` takes only that `typ` (RFC 9068 §4). Profile `jwt` takes `JWT` and an absent `typ` as well,
 * unless the claims are those of an ID token.
 */
export function refuseType(token: UnverifiedToken, profile: Profile): Refusal | undefined {
  const { header, claims } = token
  const typ = ownMember(header, 'typ')
  const type = mediaType(typ)
  if (type === 'at+jwt') return undefined
  if (profile === 'at+jwt')
    return refuse('type_rejected', 'typ is not at+jwt, which the profile at+jwt demands')
  if (typ !== undefined && type !== 'jwt') {
    return refuse('type_rejected', 'typ is neither absent, JWT nor at+jwt')
  }
  // OpenID Connect Core §3.3.2.11: at_hash and c_hash tie an ID token to what came with it. A nonce alone is
  // no evidence: access tokens of older Keycloaks carry one.
  if (Object.hasOwn(claims, 'at_hash') || Object.hasOwn(claims, 'c_hash')) {
    const nonce = Object.hasOwn(claims, 'nonce') ? ' and nonce' : ''
    return refuse('type_rejected', `the claims are those of an ID token: at_hash or c_hash${nonce}`)
  }
  return undefined
}

/** Reads `typ` (RFC 7515 §4.1.9): a value without a slash stands for application/value, and media types ignore case. */
export function mediaType(typ: unknown): string | undefined {
  if (typeof typ !== 'string') return undefined
  const lower = typ.toLowerCase()
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower
}
