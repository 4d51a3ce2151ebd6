import { resolveClaims, type ClaimsOptions, type ClaimsRules } from '../claims/options.js'
import { algorithmsOf } from '../fapi.js'
import { checkKeySetOptions, type KeySetOptions, type ResolvedKeySetOptions } from '../keys/options.js'
import { Tenancy, type ResolveHost } from '../keys/tenancy.js'
import { checkKeysUrl } from '../keys/url.js'
import {
  functionOption,
  optionError,
  optionsObject,
  refuseUnknownOptions,
  stringsOption,
} from '../option-checks.js'
import { resolveRights, type RightsOptions, type RightsRules } from '../rights/options.js'
import type { Algorithm } from '../signature/algorithms.js'
import { resolveAlgorithms, type SignatureOptions } from '../signature/options.js'

/**
 * Issuers that are chosen per tenant: one set of rules for all of them, keys by discovery from each. What a token says
 * of its issuer is believed only as far as `allow` says so.
 */
export interface TenantsOptions extends ClaimsOptions, SignatureOptions, RightsOptions {
  /**
   * Which issuers are tenants: their exact identifiers, or a function that says `true` for one. Mandatory, and asked
   * for every token before anything is fetched. The function is asked only about https URLs of public names, written
   * in one way; strangers choose them, so it should know its tenants rather than a pattern.
   */
  allow: readonly string[] | ((issuer: string) => boolean | Promise<boolean>)
  /** Origins beside the issuer's own that its `jwks_uri` may be on. Default: none. */
  jwksOrigins?: readonly string[] | undefined
  /**
   * Gives the addresses of a host, before each fetch: one that is private, loopback, link-local or of another special
   * use refuses it. Default: names are not looked up. `@require-jwt/node` has one.
   */
  resolveHost?: ((host: string) => Promise<readonly string[]>) | undefined
  /** Windows and limits of the cached remote JWKS of each tenant. Default: what each of its options says. */
  keySet?: KeySetOptions | undefined
}

/** The rules of all tenants, checked. */
export interface TenantSettings {
  /** By name, or by a function of the user's, which may give anything. */
  readonly allow: ReadonlyMap<string, string> | ((issuer: string) => unknown)
  readonly claims: ClaimsRules
  readonly rights: RightsRules
  readonly algorithms: ReadonlySet<Algorithm>
  readonly keySet: ResolvedKeySetOptions
  readonly tenancy: Tenancy
  /** Whether names are looked up before a fetch. */
  readonly looksUp: boolean
}

const NAMES = [
  'allow',
  'jwksOrigins',
  'resolveHost',
  'keySet',
  'audience',
  'clientId',
  'authorizedParty',
  'profile',
  'algorithms',
  'scopesClaim',
  'rolesClaim',
  'permissionsClaim',
  'groupsClaim',
] as const satisfies readonly (keyof TenantsOptions)[]

/** Checks the option `tenants`. `isolated`: requests share no promises. @throws ConfigError */
export function resolveTenants(value: unknown, isolated: boolean): TenantSettings {
  const options = optionsObject(value, 'tenants', 'Pass { allow, audience }.')
  refuseUnknownOptions(options, NAMES, 'tenants')
  const resolveHost = functionOption(
    options['resolveHost'] as ResolveHost | undefined,
    'tenants.resolveHost',
    'Pass a function that gives the addresses of a host, like resolveHost of @require-jwt/node.',
  )
  const claims = resolveClaims(options, 'tenants')
  const jwksOrigins = resolveOrigins(options['jwksOrigins'])
  return {
    allow: resolveAllow(options['allow']),
    claims,
    rights: resolveRights(options, 'tenants'),
    algorithms: resolveAlgorithms(
      options['algorithms'],
      'tenants.algorithms',
      false,
      algorithmsOf(claims.profile),
    ),
    keySet: checkKeySetOptions(options['keySet'], 'tenants.keySet'),
    tenancy: new Tenancy({ jwksOrigins, resolveHost, isolated }),
    looksUp: resolveHost !== undefined,
  }
}

function resolveAllow(value: unknown): TenantSettings['allow'] {
  if (typeof value === 'function') return value as (issuer: string) => unknown
  const fix =
    'It is mandatory: without it any token could make this server fetch from any host. ' +
    'Pass a list of the exact iss of every tenant, or a function that gives true for one.'
  if (!Array.isArray(value)) throw optionError('tenants.allow', value, fix)
  const names = stringsOption(value, 'tenants.allow', fix)
  for (const [index, name] of names.entries()) checkKeysUrl(name, `tenants.allow[${index}]`)
  return new Map(names.map((name) => [name, name]))
}

function resolveOrigins(value: unknown): readonly string[] {
  if (value === undefined) return []
  const fix = 'Pass a list of origins, without a path: https://keys.example.'
  if (!Array.isArray(value)) throw optionError('tenants.jwksOrigins', value, fix)
  const origins = stringsOption(value, 'tenants.jwksOrigins', fix)
  for (const [index, origin] of origins.entries()) {
    const option = `tenants.jwksOrigins[${index}]`
    if (checkKeysUrl(origin, option).origin !== origin) throw optionError(option, origin, fix)
  }
  return origins
}
