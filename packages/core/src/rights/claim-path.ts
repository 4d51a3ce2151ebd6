import { optionError } from '../option-checks.js'
import { ownMember } from '../own-member.js'

/** A top-level claim name, or the segments of a nested one: `['realm_access', 'roles']`. No dotted strings. */
export type ClaimPath = string | readonly [string, ...string[]]

/** Reads the claim at a path; own members only, `undefined` where a segment is missing. */
export function readClaim(claims: unknown, path: ClaimPath): unknown {
  if (typeof path === 'string') return ownMember(claims, path)
  let value = claims
  for (const segment of path) {
    value = ownMember(value, segment)
  }
  return value
}

/** Checks that a value is a claim path. @throws ConfigError */
export function checkClaimPath(path: unknown, option: string): ClaimPath {
  const segments: readonly unknown[] = Array.isArray(path) ? [...(path as readonly unknown[])] : [path]
  if (segments.length > 0 && segments.every((segment) => typeof segment === 'string' && segment !== '')) {
    return segments as readonly [string, ...string[]]
  }
  throw optionError(
    option,
    path,
    "Pass a claim name, or the segments of a nested one: ['realm_access', 'roles'].",
  )
}
