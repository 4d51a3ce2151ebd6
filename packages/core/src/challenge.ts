import { AUTH_ERRORS } from './errors.js'
import { optionError, stringsOption } from './option-checks.js'
import type { Refusal } from './refusal.js'
import { BEARER_ONLY, type Schemes } from './schemes.js'
import { wireText } from './wire-text.js'

/** The field that carries challenges (RFC 9110 §11.6.1). */
export const CHALLENGE = 'WWW-Authenticate'

/** What a challenge says of the configuration: only what the RFCs put there. */
export interface ChallengeOptions {
  /** The protection space (RFC 9110 §11.5). Default `"api"` for Bearer, which needs a parameter; none for DPoP. */
  realm?: string | undefined
  /** The scopes that the whole API needs, named to callers whose token is missing or invalid. Default: none. */
  scope?: readonly string[] | undefined
  /** URL of the protected resource metadata (RFC 9728 §5.1). Default: none. */
  resourceMetadata?: string | undefined
}

/** The checked form of `ChallengeOptions`. */
export interface ChallengeSettings {
  /** `undefined`: nobody said. */
  readonly realm: string | undefined
  readonly scope: readonly string[]
  readonly resourceMetadata: string | undefined
}

/** The challenge of somebody who set nothing. */
export const DEFAULT_CHALLENGE: ChallengeSettings = Object.freeze({
  realm: undefined,
  scope: Object.freeze([]) as readonly string[],
  resourceMetadata: undefined,
})

// RFC 6750 §3: the characters of error_description; a realm of them needs no escapes. And of a scope-token.
const QUOTABLE = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/
const UNQUOTABLE = /[^\x20\x21\x23-\x5B\x5D-\x7E]/g
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** Tells whether a name is a scope-token (RFC 6749 §3.3): visible ASCII without `"` and `\`. */
export function isScopeToken(name: string): boolean {
  return SCOPE_TOKEN.test(name)
}

/** Checks the options of a challenge. @throws ConfigError */
export function resolveChallenge(options: Readonly<Record<string, unknown>>): ChallengeSettings {
  const { realm, scope, resourceMetadata } = options
  if (realm !== undefined && (typeof realm !== 'string' || !QUOTABLE.test(realm))) {
    throw optionError('realm', realm, 'Pass printable ASCII without quotes and backslashes.')
  }
  return {
    realm,
    scope: scope === undefined ? DEFAULT_CHALLENGE.scope : resolveScope(scope),
    resourceMetadata: resourceMetadata === undefined ? undefined : resolveMetadataUrl(resourceMetadata),
  }
}

/**
 * Writes the `WWW-Authenticate` value of a refusal, a challenge for each scheme that is offered; `undefined` where the
 * answer has none (503).
 *
 * Each auth-param stands once, quoted, in the character set of RFC 6750 §3; nothing of the request is in it.
 *
 * @see RFC 6750 §3, RFC 9449 §7.1, RFC 9110 §11.6.1
 */
export function writeChallenge(
  refusal: Refusal,
  settings: ChallengeSettings,
  { offered, used }: Schemes = BEARER_ONLY,
): string | undefined {
  const { status, wire } = AUTH_ERRORS[refusal.code]
  if (status === 503) return undefined
  // A 403 names what this request needs; before it is known who asks, what the whole API needs.
  const scope = status === 403 ? (refusal.scope ?? []) : settings.scope
  const challenges = offered.map(({ scheme, params }) => {
    // RFC 9449 §7.2: the error is for the scheme that was used; where nobody can tell, for each.
    const isMeant = used === undefined || used === scheme
    return writeOne(scheme, [
      // RFC 6750 §3: a challenge of Bearer has a parameter at least.
      ['realm', settings.realm ?? (scheme === 'Bearer' ? 'api' : undefined)],
      ['scope', scope.length === 0 ? undefined : scope.join(' ')],
      ['error', isMeant ? wire : undefined],
      ['error_description', isMeant ? wireText(refusal.code) : undefined],
      // A nonce is all that is missing there (RFC 9449 §9).
      ...(isMeant && wire === 'use_dpop_nonce' ? [] : params),
      ['resource_metadata', settings.resourceMetadata],
    ])
  })
  return challenges.join(', ')
}

function writeOne(scheme: string, params: readonly (readonly [string, string | undefined])[]): string {
  const written = params.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  )
  return written.length === 0 ? scheme : `${scheme} ${written.join(', ')}`
}

// Every value was checked when it was set; this keeps the header whole whatever a later change forgets.
function quotable(value: string): string {
  return value.replace(UNQUOTABLE, '')
}

function resolveScope(scope: unknown): readonly string[] {
  const fix = "Pass a list of distinct scopes, each without spaces: ['orders:read', 'orders:write']."
  if (!Array.isArray(scope)) throw optionError('scope', scope, fix)
  const names = stringsOption(scope, 'scope', fix)
  if (!names.every(isScopeToken)) throw optionError('scope', scope, fix)
  return names
}

function resolveMetadataUrl(value: unknown): string {
  if (typeof value === 'string' && QUOTABLE.test(value) && URL.canParse(value)) return value
  throw optionError('resourceMetadata', value, 'Pass the URL of the protected resource metadata (RFC 9728).')
}
