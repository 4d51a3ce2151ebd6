import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  createAdapter,
  type Adapter,
  type Auth,
  type Guards,
  type ResponseOptions,
  type ShadowOptions,
  type Verdict,
  type Verifier,
  type VerifierInput,
} from '@require-jwt/core'
import { nodeRequestView, sendAnswer } from '@require-jwt/node'
import type { Request } from 'express'

/** A middleware of Express 4 and 5 and of everything connect-shaped. Structural: `req.params` stays inferred. */
export type ExpressHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void

/**
 * The request that a check of `requireThat` gets. The route knows its parameters, a guard does not: a check may
 * name them, as in `(auth, req: Request<{ id: string }>) => …`.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- nothing else lets a check name what it expects
export type ExpressRequest = Request<any>

const adapter: Adapter<ExpressHandler, ExpressRequest> = createAdapter<ExpressHandler, ExpressRequest>({
  view: (req) => nodeRequestView(req),
  middleware: (step) => (req, res, next) => {
    const go = ({ answer, fields }: Verdict): void => {
      if (answer) return sendAnswer(res, answer)
      if (fields) for (const [name, value] of Object.entries(fields)) res.setHeader(name, value)
      return next()
    }
    let verdict: Verdict | Promise<Verdict>
    try {
      verdict = step(req as ExpressRequest)
    } catch (error) {
      next(error)
      return
    }
    // A callback is how this framework goes on; what it throws is not for the step to catch.
    // oxlint-disable-next-line promise/no-callback-in-promise
    if (verdict instanceof Promise) verdict.then(go, next)
    else go(verdict)
  },
})

/**
 * Demands a valid access token: without one the request is answered with 401 and the handlers behind it never
 * run. Takes a verifier, or the options to make one.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function requireJwt(verifier: VerifierInput, response?: ResponseOptions): ExpressHandler {
  return adapter.requireJwt(verifier, response)
}

/**
 * Lets requests without a token through as anonymous. A token that is there must be valid: a bad one is answered
 * with 401.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function optionalJwt(verifier: VerifierInput, response?: ResponseOptions): ExpressHandler {
  return adapter.optionalJwt(verifier, response)
}

/**
 * Gives the result of the latest `requireJwt` or `optionalJwt`, or of the one with this verifier.
 *
 * @throws AuthError `token_missing` for an anonymous request; ConfigError where no such middleware ran
 */
export function getAuth(req: object): Auth
export function getAuth<Claims>(req: object, verifier: Verifier<Claims>): Auth<Claims>
export function getAuth(req: object, verifier?: Verifier<unknown>): Auth<unknown> {
  return adapter.getAuth(req as ExpressRequest, verifier)
}

/**
 * As `getAuth`, with `undefined` for an anonymous request.
 *
 * @throws ConfigError where no `requireJwt` or `optionalJwt` ran
 */
export function getOptionalAuth(req: object): Auth | undefined
export function getOptionalAuth<Claims>(req: object, verifier: Verifier<Claims>): Auth<Claims> | undefined
export function getOptionalAuth(req: object, verifier?: Verifier<unknown>): Auth<unknown> | undefined {
  return adapter.getOptionalAuth(req as ExpressRequest, verifier)
}

/**
 * Runs our verdict beside the present middleware, which alone decides: nothing is denied, nothing waits. How they
 * compare goes to the observer as `shadow.compared`, so that a team can switch when the differences are those it wants.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function shadow(verifier: VerifierInput, options: ShadowOptions<ExpressHandler>): ExpressHandler {
  const { compareWith } = options
  const compare = adapter.shadow(verifier, options.as)
  return (req, res, next) => {
    const tell = compare(req as ExpressRequest)
    // Whoever answers does not go on; who goes on has told before.
    res.once('finish', () => tell('refused'))
    compareWith(req, res, (error) => {
      tell(error === undefined || error === null ? 'accepted' : 'refused')
      next(error)
    })
  }
}

type ExpressGuards = Guards<ExpressHandler, ExpressRequest>

/** Demands every named scope; else 403 `insufficient_scope`, and the challenge names them (RFC 6750 §3.1). */
export const requireScope: ExpressGuards['requireScope'] = adapter.requireScope
/** Demands one of the named scopes; else 403, and the challenge names the first. */
export const requireAnyScope: ExpressGuards['requireAnyScope'] = adapter.requireAnyScope
/** Demands every named role; else 403, which does not name them. */
export const requireRole: ExpressGuards['requireRole'] = adapter.requireRole
/** Demands one of the named roles; else 403. */
export const requireAnyRole: ExpressGuards['requireAnyRole'] = adapter.requireAnyRole
/** Demands every named permission; else 403. */
export const requirePermission: ExpressGuards['requirePermission'] = adapter.requirePermission
/** Demands one of the named permissions; else 403. */
export const requireAnyPermission: ExpressGuards['requireAnyPermission'] = adapter.requireAnyPermission
/** Demands membership in every named group; else 403. */
export const requireGroup: ExpressGuards['requireGroup'] = adapter.requireGroup
/** Demands membership in one of the named groups; else 403. */
export const requireAnyGroup: ExpressGuards['requireAnyGroup'] = adapter.requireAnyGroup
/** Demands a claim, or one of the given values of it; else 403. */
export const requireClaim: ExpressGuards['requireClaim'] = adapter.requireClaim
/** Demands a requirement, or a check of one's own that returns `true`; else 403. */
export const requireThat: ExpressGuards['requireThat'] = adapter.requireThat
