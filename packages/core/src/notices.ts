import type { ClaimsRules } from './claims/options.js'
import type { AuthEvent } from './events.js'
import type { TenantSettings } from './issuers/tenants-options.js'
import type { IssuerSettings, Settings } from './options.js'

/** Finds the options that an operator should know to be set: said once, when the verifier is made. */
export function noticesOf({ issuers, tenants }: Settings): readonly AuthEvent[] {
  return [
    ...issuers.flatMap((issuer) => detailsOf(issuer).map((detail) => noticeOf(issuer.issuer, detail))),
    ...(tenants ? tenantsDetails(tenants).map((detail) => noticeOf(undefined, detail)) : []),
  ]
}

const ANY_AUDIENCE =
  'audience: null without clientId or authorizedParty: tokens made for any other API are accepted'
const OVER_HTTP = 'keys are fetched over http from a loopback host: for development only'
const NAMES_INSIDE =
  'tenants.allow is a function and there is no tenants.resolveHost: names may resolve to addresses inside your network'

function noticeOf(issuer: string | undefined, detail: string): AuthEvent {
  return { type: 'config.notice', issuer, detail }
}

function detailsOf({ issuer, claims, keys }: IssuerSettings): readonly string[] {
  const url = keys.kind === 'jwksUri' ? keys.url : keys.kind === 'discovery' ? issuer : ''
  return [...(acceptsAny(claims) ? [ANY_AUDIENCE] : []), ...(url.startsWith('http:') ? [OVER_HTTP] : [])]
}

function tenantsDetails({ allow, claims, looksUp }: TenantSettings): readonly string[] {
  const overHttp = typeof allow !== 'function' && [...allow.keys()].some((name) => name.startsWith('http:'))
  return [
    ...(acceptsAny(claims) ? [`tenants: ${ANY_AUDIENCE}`] : []),
    ...(overHttp ? [`tenants: ${OVER_HTTP}`] : []),
    ...(typeof allow === 'function' && !looksUp ? [NAMES_INSIDE] : []),
  ]
}

function acceptsAny({ audience, clientId, authorizedParty }: ClaimsRules): boolean {
  return !audience && !clientId && !authorizedParty
}
