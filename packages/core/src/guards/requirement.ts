import { possessionOf, tokenClaims, type Auth, type ProofKind } from '../auth.js'
import { AuthError } from '../auth-error.js'
import { isScopeToken } from '../challenge.js'
import type { AuthErrorCode } from '../errors.js'
import { optionError } from '../option-checks.js'
import { refuse, type Refusal } from '../refusal.js'
import { checkClaimPath, readClaim, type ClaimPath } from '../rights/claim-path.js'

const JUDGE: unique symbol = Symbol.for('require-jwt.requirement')

/** A check of rights over `Auth`, made by `hasScope` and its siblings. Opaque: it knows its own refusal. */
export interface Requirement {
  readonly [JUDGE]: (auth: Auth<unknown>) => Refusal | undefined
}

/** Demands every named scope. The answer names them (RFC 6750 §3.1). @throws ConfigError */
export function hasScope(first: string, ...rest: string[]): Requirement {
  const scope = names('hasScope', [first, ...rest])
  const wrong = scope.find((name) => !isScopeToken(name))
  if (wrong !== undefined) {
    throw optionError('hasScope', wrong, "Pass one scope an argument, without spaces: hasScope('a', 'b').")
  }
  return requirement((auth) =>
    includesAll(auth.scopes, scope) ? undefined : refuse('scope_insufficient', missing(scope), { scope }),
  )
}

/** Demands every named role. The answer does not name them. @throws ConfigError */
export function hasRole(first: string, ...rest: string[]): Requirement {
  return hasNames('hasRole', 'role_insufficient', 'roles', [first, ...rest])
}

/** Demands every named permission. The answer does not name them. @throws ConfigError */
export function hasPermission(first: string, ...rest: string[]): Requirement {
  return hasNames('hasPermission', 'permission_insufficient', 'permissions', [first, ...rest])
}

/**
 * Demands membership in every named group. The answer does not name them. Groups that did not fit into the token
 * (`groupsOverage`) are not in `auth.groups`, so it refuses. @throws ConfigError
 */
export function hasGroup(first: string, ...rest: string[]): Requirement {
  return hasNames('hasGroup', 'group_insufficient', 'groups', [first, ...rest])
}

/**
 * Demands a claim of the token: one of the values, or, without values, that it is there and neither `null` nor
 * `false`. A claim that is a list needs one fitting entry. @throws ConfigError
 *
 * @example
 * hasClaim('email_verified', true)
 * hasClaim(['address', 'country'], 'AT', 'CH')
 */
export function hasClaim(path: ClaimPath, ...oneOf: (string | number | boolean)[]): Requirement {
  const checked = checkClaimPath(path, 'hasClaim')
  const allowed: ReadonlySet<unknown> = new Set(oneOf)
  return requirement((auth) => {
    const value = readClaim(tokenClaims(auth), checked)
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
    const granted = entries.some((entry) => (allowed.size === 0 ? isThere(entry) : allowed.has(entry)))
    return granted
      ? undefined
      : refuse('claims_insufficient', `the claim ${[checked].flat().join(' > ')} does not fit`)
  })
}

/**
 * Demands that the request has proven possession of the key which its token is bound to. The verifier checks the proof
 * (`proofs`); this demands it of a route. @throws ConfigError
 */
export function hasProof(kind: ProofKind): Requirement {
  if (kind !== 'dpop' && kind !== 'mtls') throw optionError('hasProof', kind, "Pass 'dpop' or 'mtls'.")
  return requirement((auth) =>
    possessionOf(auth)?.kinds.includes(kind) === true
      ? undefined
      : refuse('proof_required', `the route demands a proof of possession: ${kind}`),
  )
}

/** Demands all of the requirements. Refuses as the first that fails, and names the scopes of all that fail. */
export function allOf(first: Requirement, ...rest: Requirement[]): Requirement {
  const members = requirements('allOf', [first, ...rest])
  return requirement((auth) => {
    const refusals = members.flatMap((member) => member[JUDGE](auth) ?? [])
    const [refusal] = refusals
    if (!refusal) return undefined
    const scope = [...new Set(refusals.flatMap((other) => other.scope ?? []))]
    return scope.length === 0 ? refusal : refuse(refusal.code, refusal.detail, { scope })
  })
}

/** Demands one of the requirements. Refuses as the first: put first what a client can most easily repair. */
export function anyOf(first: Requirement, ...rest: Requirement[]): Requirement {
  const members = requirements('anyOf', [first, ...rest])
  return requirement((auth) => {
    const verdicts = members.map((member) => member[JUDGE](auth))
    return verdicts.includes(undefined) ? undefined : verdicts[0]
  })
}

/** Tells whether a result meets a requirement: for code that is no HTTP handler. */
export function isGranted(auth: Auth<unknown>, demanded: Requirement): boolean {
  return refusalOf(auth, demanded) === undefined
}

/** Lets only a result pass that meets a requirement. @throws AuthError with the code of the requirement */
export function assertGranted(auth: Auth<unknown>, demanded: Requirement): void {
  const refusal = refusalOf(auth, demanded)
  if (refusal) throw new AuthError(refusal)
}

/** Gives the refusal of a requirement, `undefined` where it is met. @throws ConfigError */
export function refusalOf(auth: Auth<unknown>, demanded: Requirement): Refusal | undefined {
  requirements('requirement', [demanded])
  return demanded[JUDGE](auth)
}

/** Tells whether a value is a requirement, also one made by another copy of this package. */
export function isRequirement(value: unknown): value is Requirement {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, JUDGE)
}

function requirement(judge: Requirement[typeof JUDGE]): Requirement {
  return Object.freeze({ [JUDGE]: judge })
}

function requirements(by: string, given: readonly unknown[]): readonly Requirement[] {
  const wrong = given.findIndex((item) => !isRequirement(item))
  if (wrong === -1) return given as readonly Requirement[]
  throw optionError(by, given[wrong], 'Pass requirements: hasScope(…), hasRole(…), allOf(…), anyOf(…).')
}

function hasNames(
  by: string,
  code: AuthErrorCode,
  kind: 'roles' | 'permissions' | 'groups',
  given: readonly string[],
): Requirement {
  const demanded = names(by, given)
  return requirement((auth) =>
    includesAll(auth[kind], demanded) ? undefined : refuse(code, missing(demanded)),
  )
}

function names(by: string, given: readonly unknown[]): readonly string[] {
  const wrong = given.findIndex(
    (name, index) => typeof name !== 'string' || name === '' || given.indexOf(name) < index,
  )
  if (wrong === -1) return Object.freeze([...given]) as readonly string[]
  throw optionError(by, given[wrong], 'Pass distinct names, one an argument, at least one.')
}

function includesAll(held: readonly string[], demanded: readonly string[]): boolean {
  return demanded.every((name) => held.includes(name))
}

function missing(demanded: readonly string[]): string {
  return `the route demands: ${demanded.join(', ')}`
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}
