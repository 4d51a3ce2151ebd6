import { defaultFetch } from '#fetch'
import type { TokenSource } from './credentials/token-source.js'
import { bearerHeader } from './credentials/bearer-header.js'
import { dpopHeader } from './credentials/dpop-header.js'
import { resolveClaims, resolveTimes, type ClaimsOptions, type ClaimsRules } from './claims/options.js'
import type { TimeOptions, TimeRules } from './claims/options.js'
import type { StandardSchema } from './claims/standard-schema.js'
import { ConfigError } from './errors.js'
import type { Observer } from './events.js'
import { algorithmsOf, checkFapi } from './fapi.js'
import { resolveTenants, type TenantSettings, type TenantsOptions } from './issuers/tenants-options.js'
import { checkSecretLength, resolveKeyLocation, type KeyLocation, type KeyOptions } from './keys/location.js'
import { isIsolate } from './keys/isolate.js'
import { checkKeySetOptions, type FetchLike, type ResolvedKeySetOptions } from './keys/options.js'
import type { Tenancy } from './keys/tenancy.js'
import {
  functionOption,
  join,
  optionError,
  optionsObject,
  refuseUnknownOptions,
  stringsOption,
} from './option-checks.js'
import { resolveBaseUrl } from './proof/base-url.js'
import { resolveProofs } from './proof/options.js'
import type { ProofFactory, ProofMethod } from './proof/proof-method.js'
import { resolveRights, type RightsOptions, type RightsRules } from './rights/options.js'
import type { Algorithm } from './signature/algorithms.js'
import type { MemoLimits } from './signature/memo.js'
import {
  resolveAlgorithms,
  resolveMemo,
  resolveOffload,
  type CheckingOptions,
  type Offload,
  type SignatureOptions,
} from './signature/options.js'

/** One issuer: who may have made a token, for whom, with which keys, and where it puts rights. */
export interface IssuerOptions extends ClaimsOptions, KeyOptions, SignatureOptions, RightsOptions {
  /**
   * The exact `iss` of accepted tokens, for example `https://login.example`; a trailing slash counts. A list where
   * one authorization server has several names: the first is the one that discovery uses.
   */
  issuer: string | readonly string[]
}

/** What holds for all issuers of a verifier. */
export interface SharedOptions<S extends StandardSchema | undefined = undefined>
  extends TimeOptions, CheckingOptions {
  /** A Standard Schema (zod, valibot, arktype …) for the claims: runs last, types `auth.claims`. Default: none. */
  claims?: S
  /**
   * Fetches metadata and keys. Part of the identity of the key cache: pass the same function. Default: the global
   * `fetch`. On Node, as long as nobody has used or replaced it, `node:http` does the same and starts sooner.
   */
  fetch?: FetchLike | undefined
  /** The clock, in milliseconds since the epoch. Default: `Date.now`. */
  now?: (() => number) | undefined
  /** Sees every verdict and what happens to the keys. Default: nobody. */
  observer?: Observer | undefined
  /**
   * The origin under which clients reach this API, for example `https://api.example`; with the path that a proxy cuts
   * off, if there is one. Proofs are made for a URL (`dpop`), and `Host` says what a stranger likes. Default: none.
   */
  baseUrl?: string | undefined
  /**
   * How clients prove that they have the key which a token is bound to: `[dpop('required')]`. Default: none, and tokens
   * that are bound to a key are refused.
   */
  proofs?: readonly ProofFactory[] | undefined
  /** Where a request may carry its token. Default: `[bearerHeader()]`. */
  tokenSources?: readonly TokenSource[] | undefined
  /** `pass` lets CORS preflights through without `auth`. Default: they are refused like any request without token. */
  preflight?: 'pass' | undefined
  /**
   * Whether requests may not share promises, as on Cloudflare Workers: each then fetches keys for itself, and
   * refreshes go on by the `waitUntil` of a request. Default `auto`: what the runtime says it is.
   */
  isolates?: boolean | 'auto' | undefined
}

/** The options of a verifier: of one issuer, of several in `issuers`, of those chosen per tenant in `tenants`. */
export type VerifierOptions<S extends StandardSchema | undefined = undefined> = SharedOptions<S> &
  (
    | (IssuerOptions & { issuers?: never; tenants?: never })
    | {
        /** Every issuer whose tokens are accepted, each with its own audience, keys and profile. */
        issuers: readonly IssuerOptions[]
        /** Issuers chosen per tenant, beside those of `issuers`, which come first. Default: none. */
        tenants?: TenantsOptions | undefined
        issuer?: never
        audience?: never
      }
    | {
        /** Issuers chosen per tenant, behind a mandatory allow-list. Default: none. */
        tenants: TenantsOptions
        issuers?: never
        issuer?: never
        audience?: never
      }
  )

/** One issuer, checked. */
export interface IssuerSettings {
  /** The first name: what events and `auth.issuer` of a single-named issuer say, and what discovery uses. */
  readonly issuer: string
  readonly names: readonly string[]
  readonly claims: ClaimsRules
  readonly rights: RightsRules
  readonly algorithms: ReadonlySet<Algorithm>
  readonly keys: KeyLocation
  readonly keySet: ResolvedKeySetOptions
  /** For an issuer that was chosen per tenant. */
  readonly tenancy?: Tenancy | undefined
}

/** The options of a verifier, checked. */
export interface Settings {
  readonly issuers: readonly IssuerSettings[]
  readonly tenants: TenantSettings | undefined
  readonly time: TimeRules
  readonly schema: StandardSchema | undefined
  readonly fetch: FetchLike
  readonly now: () => number
  readonly observer: Observer | undefined
  readonly tokenSources: readonly TokenSource[]
  readonly proofs: readonly ProofMethod[]
  readonly preflight: 'pass' | undefined
  readonly isolated: boolean
  readonly offload: Offload
  /** `undefined`: nothing is remembered. */
  readonly memo: MemoLimits | undefined
}

const ISSUER_NAMES = [
  'issuer',
  'audience',
  'clientId',
  'authorizedParty',
  'profile',
  'jwksUri',
  'jwks',
  'secret',
  'keySet',
  'algorithms',
  'scopesClaim',
  'rolesClaim',
  'permissionsClaim',
  'groupsClaim',
] as const satisfies readonly (keyof IssuerOptions)[]

const SHARED_NAMES = [
  'claims',
  'clockTolerance',
  'maxTokenAge',
  'fetch',
  'now',
  'observer',
  'baseUrl',
  'proofs',
  'tokenSources',
  'preflight',
  'isolates',
  'offload',
  'signatureMemo',
] as const satisfies readonly (keyof SharedOptions)[]

/**
 * Checks the options of a verifier and fills in the defaults.
 *
 * @throws ConfigError naming the option, what it got and the fix; an unknown name gets the nearest right one.
 */
export function resolveOptions(given: unknown): Settings {
  const options = optionsObject(given, 'options', 'Pass { issuer, audience }.')
  const isolated = resolveIsolates(options['isolates'])
  const now =
    functionOption(
      options['now'] as (() => number) | undefined,
      'now',
      'Pass a function that gives milliseconds.',
    ) ?? Date.now
  const proofs = resolveProofs(options['proofs'], {
    now,
    baseUrl: resolveBaseUrl(options['baseUrl'], 'baseUrl'),
  })
  const issuers = resolveIssuers(options)
  const tenants = options['tenants'] === undefined ? undefined : resolveTenants(options['tenants'], isolated)
  const time = resolveTimes(options)
  checkFapi({
    issuers: [...issuers, ...(tenants ? [{ ...tenants, keys: { kind: 'discovery' } as const }] : [])],
    proofs,
    tokenSources: options['tokenSources'],
    maxTokenAge: time.maxTokenAge,
  })
  return {
    issuers,
    tenants,
    time,
    schema: resolveSchema(options['claims']),
    fetch:
      functionOption(options['fetch'] as FetchLike | undefined, 'fetch', 'Pass a function.') ?? defaultFetch,
    now,
    observer: functionOption(
      options['observer'] as Observer | undefined,
      'observer',
      'Pass a function that takes an event.',
    ),
    tokenSources: resolveSources(options['tokenSources'], proofs),
    proofs,
    preflight: resolvePreflight(options['preflight']),
    isolated,
    offload: resolveOffload(options['offload']),
    memo: resolveMemo(options['signatureMemo']),
  }
}

function resolveIssuers(options: Readonly<Record<string, unknown>>): readonly IssuerSettings[] {
  if (options['issuers'] === undefined && options['tenants'] !== undefined) {
    refuseUnknownOptions(options, ['tenants', 'issuers', ...SHARED_NAMES])
    return []
  }
  if (options['issuers'] === undefined) {
    refuseUnknownOptions(options, [...ISSUER_NAMES, ...SHARED_NAMES, 'issuers', 'tenants'])
    return [resolveIssuer(options, '')]
  }
  refuseUnknownOptions(options, ['issuers', 'tenants', ...SHARED_NAMES])
  const { issuers: list } = options
  if (!Array.isArray(list) || list.length === 0) {
    throw optionError('issuers', list, 'Pass a list of { issuer, audience }, at least one.')
  }
  const issuers = list.map((item: unknown, index) => {
    const path = `issuers[${index}]`
    const issuer = optionsObject(item, path, 'Pass { issuer, audience }.')
    refuseUnknownOptions(issuer, ISSUER_NAMES, path)
    return resolveIssuer(issuer, path)
  })
  const names = issuers.flatMap((issuer) => issuer.names)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined)
    throw new ConfigError(`issuers: ${twice} is there twice. Give each issuer one entry.`)
  return issuers
}

function resolveIssuer(options: Readonly<Record<string, unknown>>, path: string): IssuerSettings {
  const names = stringsOption(
    options['issuer'],
    join(path, 'issuer'),
    "Pass the exact iss of your authorization server's tokens, for example 'https://login.example'.",
  )
  const [issuer = ''] = names
  const claims = resolveClaims(options, path)
  const keys = resolveKeyLocation(options, issuer, path)
  const algorithms = resolveAlgorithms(
    options['algorithms'],
    join(path, 'algorithms'),
    keys.kind === 'secret',
    algorithmsOf(claims.profile),
  )
  checkSecretLength(keys, algorithms, path)
  const rights = resolveRights(options, path)
  const keySet = checkKeySetOptions(options['keySet'], join(path, 'keySet'))
  return { issuer, names, claims, rights, algorithms, keys, keySet }
}

function resolveIsolates(value: unknown): boolean {
  if (value === undefined || value === 'auto') return isIsolate()
  if (typeof value === 'boolean') return value
  throw optionError('isolates', value, "Pass true, false or 'auto'.")
}

function resolveSchema(value: unknown): StandardSchema | undefined {
  if (value === undefined) return undefined
  // A function as well: arktype's schemas are functions.
  const { '~standard': standard } = Object(value) as Partial<StandardSchema>
  if (typeof standard?.validate === 'function') return value as StandardSchema
  throw optionError('claims', value, 'Pass a Standard Schema, for example z.object({ sub: z.string() }).')
}

function resolveSources(value: unknown, proofs: readonly ProofMethod[]): readonly TokenSource[] {
  const own = proofs.some(({ scheme }) => scheme === 'DPoP') ? [dpopHeader] : []
  if (value === undefined) return [bearerHeader(), ...own]
  if (Array.isArray(value) && value.length > 0 && value.every((source) => typeof source === 'function')) {
    return [...(value as readonly TokenSource[]), ...own]
  }
  throw optionError('tokenSources', value, 'Pass a list of token sources: [bearerHeader()].')
}

function resolvePreflight(value: unknown): 'pass' | undefined {
  if (value === undefined || value === 'pass') return value
  throw optionError('preflight', value, "Pass 'pass', or leave it out.")
}
