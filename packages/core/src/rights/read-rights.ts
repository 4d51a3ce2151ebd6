import type { JwtClaims } from '../claims/standard-schema.js'
import { readClaim } from './claim-path.js'
import type { ClaimReader, RightsRules } from './options.js'

/** What a token allows, by kind; never merged with one another. */
export interface Rights {
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
  /** The subject has groups that did not fit into the token. */
  readonly groupsOverage: boolean
}

/** Reads scopes, roles, permissions and groups from a verified claims set. What has another shape is no right. */
export function readRights(claims: JwtClaims, rules: RightsRules): Rights {
  return {
    scopes: read(
      claims,
      rules.scopesClaim ?? (Object.hasOwn(claims, 'scope') ? 'scope' : 'scp'),
      scopeTokens,
    ),
    roles: read(claims, rules.rolesClaim ?? 'roles', single),
    permissions: read(claims, rules.permissionsClaim ?? 'permissions', single),
    groups: read(claims, rules.groupsClaim ?? 'groups', single),
    groupsOverage: hasGroupsOverage(claims),
  }
}

function read(claims: JwtClaims, reader: ClaimReader, split: (text: string) => string[]): readonly string[] {
  const value: unknown = typeof reader === 'function' ? reader(claims) : readClaim(claims, reader)
  if (value === undefined) return NONE
  if (typeof value === 'string') return namesIn(Object.freeze(split(value)))
  return Array.isArray(value) ? namesIn(value) : NONE
}

const NONE: readonly string[] = Object.freeze([])

/** Gives the list itself where it holds nothing but names and nobody can change it: that of the claims set. */
function namesIn(list: readonly unknown[]): readonly string[] {
  // oxlint-disable-next-line typescript/prefer-for-of -- this runs for every token, and is twice as fast
  for (let i = 0; i < list.length; i += 1) {
    if (!isName(list[i])) return Object.freeze(list.map(nameOf).filter(isName))
  }
  return (Object.isFrozen(list) ? list : Object.freeze([...list])) as readonly string[]
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

// A list holds strings, or objects with a `value` as SCIM has them (RFC 9068 §2.2.3.1, RFC 7643 §2.4).
function nameOf(item: unknown): string {
  const name = typeof item === 'string' ? item : readClaim(item, 'value')
  return typeof name === 'string' ? name : ''
}

// RFC 6749 §3.3: scope is a space-delimited list.
function scopeTokens(text: string): string[] {
  return text.split(' ')
}

function single(text: string): string[] {
  return [text]
}

const OVERAGE = ['_claim_names', 'groups'] as const

// Entra leaves out the groups of somebody who is in too many and says so in one of two ways.
function hasGroupsOverage(claims: JwtClaims): boolean {
  return readClaim(claims, 'hasgroups') === true || readClaim(claims, OVERAGE) !== undefined
}
