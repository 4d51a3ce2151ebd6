import {
  createAdapter,
  type Adapter,
  type Auth,
  type ClaimsOf,
  type Guards,
  type ResponseOptions,
  type ShadowOptions,
  type StandardSchema,
  type Verdict,
  type Verifier,
  type VerifierInput,
  type VerifierOptions,
} from '@require-jwt/core'
import type { Context, MiddlewareHandler } from 'hono'
import { requestView } from './request-view.js'
import { RefusalException, sendAnswer } from './send-answer.js'

/** The environment of a handler behind `requireJwt`: `c.var.auth`. */
export interface AuthEnv<Claims> {
  Variables: { auth: Auth<Claims> }
}

/** The environment of a handler behind `optionalJwt`. */
export interface OptionalAuthEnv<Claims> {
  Variables: { auth?: Auth<Claims> }
}

/** The environment for an app that is not chained: `new Hono<AuthEnvOf<typeof verifier>>()`. */
export type AuthEnvOf<V> = V extends Verifier<infer Claims> ? AuthEnv<Claims> : never

const adapter: Adapter<MiddlewareHandler, Context> = createAdapter<MiddlewareHandler, Context>({
  view: requestView,
  middleware: (step) => (c, next) => {
    // No async function: it would cost a promise where there is nothing to wait for.
    const go = ({ answer, auth, fields }: Verdict): Promise<Response | void> => {
      if (answer) return Promise.resolve(sendAnswer(c, answer))
      if (fields) for (const [name, value] of Object.entries(fields)) c.header(name, value)
      if (auth) c.set('auth', auth)
      return next()
    }
    const verdict = step(c)
    return verdict instanceof Promise ? verdict.then(go) : go(verdict)
  },
  toThrow: (error, answer, c) => new RefusalException(c, error, answer),
})

/**
 * Demands a valid access token: without one the request is answered with 401 and the handlers behind it never
 * run. Takes a verifier, or the options to make one.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function requireJwt<Claims>(
  verifier: Verifier<Claims>,
  response?: ResponseOptions,
): MiddlewareHandler<AuthEnv<Claims>>
export function requireJwt<const S extends StandardSchema | undefined = undefined>(
  options: VerifierOptions<S>,
  response?: ResponseOptions,
): MiddlewareHandler<AuthEnv<ClaimsOf<S>>>
export function requireJwt(verifier: VerifierInput, response?: ResponseOptions): MiddlewareHandler {
  return adapter.requireJwt(verifier, response)
}

/**
 * Lets requests without a token through as anonymous. A token that is there must be valid: a bad one is answered
 * with 401.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function optionalJwt<Claims>(
  verifier: Verifier<Claims>,
  response?: ResponseOptions,
): MiddlewareHandler<OptionalAuthEnv<Claims>>
export function optionalJwt<const S extends StandardSchema | undefined = undefined>(
  options: VerifierOptions<S>,
  response?: ResponseOptions,
): MiddlewareHandler<OptionalAuthEnv<ClaimsOf<S>>>
export function optionalJwt(verifier: VerifierInput, response?: ResponseOptions): MiddlewareHandler {
  return adapter.optionalJwt(verifier, response)
}

/**
 * Gives the result of the latest `requireJwt` or `optionalJwt`, or of the one with this verifier.
 *
 * @throws HTTPException (its cause the AuthError `token_missing`) for an anonymous request; ConfigError where no such middleware ran
 */
export function getAuth(c: Context): Auth
export function getAuth<Claims>(c: Context, verifier: Verifier<Claims>): Auth<Claims>
export function getAuth(c: Context, verifier?: Verifier<unknown>): Auth<unknown> {
  return adapter.getAuth(c, verifier)
}

/**
 * As `getAuth`, with `undefined` for an anonymous request.
 *
 * @throws ConfigError where no `requireJwt` or `optionalJwt` ran
 */
export function getOptionalAuth(c: Context): Auth | undefined
export function getOptionalAuth<Claims>(c: Context, verifier: Verifier<Claims>): Auth<Claims> | undefined
export function getOptionalAuth(c: Context, verifier?: Verifier<unknown>): Auth<unknown> | undefined {
  return adapter.getOptionalAuth(c, verifier)
}

/**
 * Runs our verdict beside the present middleware, which alone decides: nothing is denied, nothing waits. How they
 * compare goes to the observer as `shadow.compared`, so that a team can switch when the differences are those it wants.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function shadow(
  verifier: VerifierInput,
  options: ShadowOptions<MiddlewareHandler>,
): MiddlewareHandler {
  const { compareWith } = options
  const compare = adapter.shadow(verifier, options.as)
  return async (c, next) => {
    const tell = compare(c)
    try {
      return await compareWith(c, () => {
        tell('accepted')
        return next()
      })
    } finally {
      tell('refused')
    }
  }
}

type HonoGuards = Guards<MiddlewareHandler, Context>

/** Demands every named scope; else 403 `insufficient_scope`, and the challenge names them (RFC 6750 §3.1). */
export const requireScope: HonoGuards['requireScope'] = adapter.requireScope
/** Demands one of the named scopes; else 403, and the challenge names the first. */
export const requireAnyScope: HonoGuards['requireAnyScope'] = adapter.requireAnyScope
/** Demands every named role; else 403, which does not name them. */
export const requireRole: HonoGuards['requireRole'] = adapter.requireRole
/** Demands one of the named roles; else 403. */
export const requireAnyRole: HonoGuards['requireAnyRole'] = adapter.requireAnyRole
/** Demands every named permission; else 403. */
export const requirePermission: HonoGuards['requirePermission'] = adapter.requirePermission
/** Demands one of the named permissions; else 403. */
export const requireAnyPermission: HonoGuards['requireAnyPermission'] = adapter.requireAnyPermission
/** Demands membership in every named group; else 403. */
export const requireGroup: HonoGuards['requireGroup'] = adapter.requireGroup
/** Demands membership in one of the named groups; else 403. */
export const requireAnyGroup: HonoGuards['requireAnyGroup'] = adapter.requireAnyGroup
/** Demands a claim, or one of the given values of it; else 403. */
export const requireClaim: HonoGuards['requireClaim'] = adapter.requireClaim
/** Demands a requirement, or a check of one's own that returns `true`; else 403. */
export const requireThat: HonoGuards['requireThat'] = adapter.requireThat
