import { join } from '../option-checks.js'
import type { JwtClaims } from '../claims/standard-schema.js'
import { checkClaimPath, type ClaimPath } from './claim-path.js'

/** Where rights are read: a claim name, the segments of a nested one, or a function of the claims. */
export type ClaimReader = ClaimPath | ((claims: JwtClaims) => readonly string[])

/** Which claims hold the rights. They name claims; a demand is a guard on a route. */
export interface RightsOptions {
  /** Default: `scope`, else `scp`; a string is split at spaces (RFC 6749 §3.3, RFC 8693 §4.2). */
  scopesClaim?: ClaimReader | undefined
  /** Default: `roles` (RFC 9068 §2.2.3.1). A string is one role. */
  rolesClaim?: ClaimReader | undefined
  /** Default: `permissions`. A string is one permission. */
  permissionsClaim?: ClaimReader | undefined
  /** Default: `groups` (RFC 9068 §2.2.3.1). A string is one group. */
  groupsClaim?: ClaimReader | undefined
}

/** The claim readers of one issuer, checked; `undefined`: the default. */
export type RightsRules = Readonly<Record<keyof RightsOptions, ClaimReader | undefined>>

/** Tells whether a function of the user has a part in the rights: it is asked for each request. */
export function usesFunction(rules: RightsRules): boolean {
  return Object.values(rules).some((reader) => typeof reader === 'function')
}

/** Checks the claim readers of one issuer. @throws ConfigError */
export function resolveRights(options: Readonly<Record<string, unknown>>, path: string): RightsRules {
  const reader = (name: keyof RightsOptions): ClaimReader | undefined => {
    const value = options[name]
    if (value === undefined || typeof value === 'function') return value as ClaimReader | undefined
    return checkClaimPath(value, join(path, name))
  }
  return {
    scopesClaim: reader('scopesClaim'),
    rolesClaim: reader('rolesClaim'),
    permissionsClaim: reader('permissionsClaim'),
    groupsClaim: reader('groupsClaim'),
  }
}
