import type { Auth } from '../auth.js'
import type { JwtClaims } from '../claims/standard-schema.js'
import { optionError } from '../option-checks.js'
import { refuse, type Refusal } from '../refusal.js'
import type { ClaimPath } from '../rights/claim-path.js'
import { isVerifier, type Verifier } from '../verifier.js'
import {
  anyOf,
  hasClaim,
  hasGroup,
  hasPermission,
  hasRole,
  hasScope,
  isRequirement,
  refusalOf,
  type Requirement,
} from './requirement.js'

/** A user's own check. Only `true` grants: `undefined`, a forgotten `return` or a truthy object refuse. */
export type Check<Claims, Req> = (auth: Auth<Claims>, request: Req) => boolean | Promise<boolean>

/** What a guard asks of the result of a request. */
export type Judge<Req> = (
  auth: Auth<unknown>,
  request: Req,
) => Refusal | undefined | Promise<Refusal | undefined>

/** The guards of every adapter, made once here. `Req` is the framework's request or context. */
export interface Guards<Handler, Req> {
  readonly requireScope: (first: string, ...rest: string[]) => Handler
  readonly requireAnyScope: (first: string, ...rest: string[]) => Handler
  readonly requireRole: (first: string, ...rest: string[]) => Handler
  readonly requireAnyRole: (first: string, ...rest: string[]) => Handler
  readonly requirePermission: (first: string, ...rest: string[]) => Handler
  readonly requireAnyPermission: (first: string, ...rest: string[]) => Handler
  readonly requireGroup: (first: string, ...rest: string[]) => Handler
  readonly requireAnyGroup: (first: string, ...rest: string[]) => Handler
  readonly requireClaim: (path: ClaimPath, ...oneOf: (string | number | boolean)[]) => Handler
  readonly requireThat: RequireThat<Handler, Req>
}

/** Demands a requirement or a check of one's own; of the latest verifier, or of the one that is named. */
export interface RequireThat<Handler, Req> {
  <Claims>(verifier: Verifier<Claims>, check: Requirement | Check<Claims, Req>): Handler
  (check: Requirement | Check<JwtClaims, Req>): Handler
}

/**
 * Makes every guard out of one: the adapter's way to run a judge behind `requireJwt`. `verifier` is the one
 * whose result is judged; `undefined`: the latest that ran.
 */
export function createGuards<Handler, Req>(
  guard: (judge: Judge<Req>, verifier: Verifier<unknown> | undefined) => Handler,
): Guards<Handler, Req> {
  const demand = (requirement: Requirement): Handler =>
    guard((auth) => refusalOf(auth, requirement), undefined)
  return {
    requireScope: (...names) => demand(hasScope(...names)),
    requireAnyScope: (...names) => demand(anyName(hasScope, names)),
    requireRole: (...names) => demand(hasRole(...names)),
    requireAnyRole: (...names) => demand(anyName(hasRole, names)),
    requirePermission: (...names) => demand(hasPermission(...names)),
    requireAnyPermission: (...names) => demand(anyName(hasPermission, names)),
    requireGroup: (...names) => demand(hasGroup(...names)),
    requireAnyGroup: (...names) => demand(anyName(hasGroup, names)),
    requireClaim: (path, ...oneOf) => demand(hasClaim(path, ...oneOf)),
    requireThat: (...args: readonly unknown[]): Handler => {
      if (args.length < 2) return guard(judgeOf<Req>(args[0]), undefined)
      const [verifier, check] = args
      if (!isVerifier(verifier)) {
        throw optionError('requireThat', verifier, 'Pass a verifier first, then the check.')
      }
      return guard(judgeOf<Req>(check), verifier)
    },
  }
}

type Names = [first: string, ...rest: string[]]

// `has` sees all names together first: one that is empty or stands twice is a mistake here as well.
function anyName(has: (...names: Names) => Requirement, names: Names): Requirement {
  has(...names)
  const [first, ...rest] = names
  return anyOf(has(first), ...rest.map((name) => has(name)))
}

function judgeOf<Req>(check: unknown): Judge<Req> {
  if (isRequirement(check)) return (auth) => refusalOf(auth, check)
  if (typeof check !== 'function') {
    throw optionError(
      'requireThat',
      check,
      'Pass a requirement such as hasScope(…), or (auth, request) => boolean.',
    )
  }
  return (auth, request) => {
    const granted: unknown = (check as Check<unknown, Req>)(auth, request)
    return granted instanceof Promise ? granted.then(verdict) : verdict(granted)
  }
}

function verdict(granted: unknown): Refusal | undefined {
  return granted === true
    ? undefined
    : refuse('claims_insufficient', "the API's own check did not return true")
}
