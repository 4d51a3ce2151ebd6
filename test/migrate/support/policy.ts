import type { Algorithm, IssuerOptions, SharedOptions } from '@require-jwt/core'
import type { TestIssuer } from '@require-jwt/testing'

/** What both libraries of a pair are set to, where they have an option for it. */
export const ALGORITHMS = ['RS256', 'ES256'] as const satisfies readonly Algorithm[]
/** Seconds. */
export const CLOCK_TOLERANCE = 5
/** Milliseconds for which fetched keys are fresh: our default, and theirs. */
export const TTL_MS = 600_000
/** Milliseconds after that for which known keys go on working while the issuer is down: our default. */
export const STALE_MS = 3_600_000

/** The policy as options of ours. */
export function policyOf(issuer: TestIssuer): IssuerOptions & SharedOptions & { issuers?: never } {
  return {
    ...issuer.options,
    jwksUri: `${issuer.issuer}/jwks`,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE,
  }
}
