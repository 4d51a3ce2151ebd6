import {
  createAdapter,
  type Adapter,
  type Answer,
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
import { nodeRequestView } from '@require-jwt/node'
import type { Middleware, ParameterizedContext } from 'koa'

/** What `requireJwt` adds to `ctx.state`. */
export interface AuthState<Claims> {
  auth: Auth<Claims>
}

const adapter: Adapter<Middleware, ParameterizedContext> = createAdapter<Middleware, ParameterizedContext>({
  view: (ctx) => nodeRequestView(ctx.req, { url: ctx.originalUrl, body: bodyOf(ctx.request) }),
  middleware: (step) => (ctx, next) => {
    // No async function: it would cost a promise where there is nothing to wait for.
    const go = ({ answer, auth, fields }: Verdict): Promise<unknown> | undefined => {
      if (answer) {
        sendAnswer(ctx, answer)
        return undefined
      }
      if (fields) ctx.set(fields)
      if (auth) ctx.state['auth'] = auth
      return next()
    }
    const verdict = step(ctx)
    return verdict instanceof Promise ? verdict.then(go) : go(verdict)
  },
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
): Middleware<AuthState<Claims>>
export function requireJwt<const S extends StandardSchema | undefined = undefined>(
  options: VerifierOptions<S>,
  response?: ResponseOptions,
): Middleware<AuthState<ClaimsOf<S>>>
export function requireJwt(verifier: VerifierInput, response?: ResponseOptions): Middleware {
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
): Middleware<Partial<AuthState<Claims>>>
export function optionalJwt<const S extends StandardSchema | undefined = undefined>(
  options: VerifierOptions<S>,
  response?: ResponseOptions,
): Middleware<Partial<AuthState<ClaimsOf<S>>>>
export function optionalJwt(verifier: VerifierInput, response?: ResponseOptions): Middleware {
  return adapter.optionalJwt(verifier, response)
}

/**
 * Gives the result of the latest `requireJwt` or `optionalJwt`, or of the one with this verifier.
 *
 * @throws AuthError `token_missing` for an anonymous request; ConfigError where no such middleware ran
 */
export function getAuth(ctx: object): Auth
export function getAuth<Claims>(ctx: object, verifier: Verifier<Claims>): Auth<Claims>
export function getAuth(ctx: object, verifier?: Verifier<unknown>): Auth<unknown> {
  return adapter.getAuth(ctx as ParameterizedContext, verifier)
}

/**
 * As `getAuth`, with `undefined` for an anonymous request.
 *
 * @throws ConfigError where no `requireJwt` or `optionalJwt` ran
 */
export function getOptionalAuth(ctx: object): Auth | undefined
export function getOptionalAuth<Claims>(ctx: object, verifier: Verifier<Claims>): Auth<Claims> | undefined
export function getOptionalAuth(ctx: object, verifier?: Verifier<unknown>): Auth<unknown> | undefined {
  return adapter.getOptionalAuth(ctx as ParameterizedContext, verifier)
}

/**
 * Runs our verdict beside the present middleware, which alone decides: nothing is denied, nothing waits. How they
 * compare goes to the observer as `shadow.compared`, so that a team can switch when the differences are those it wants.
 *
 * @throws ConfigError for a wrong option, when it is called
 */
export function shadow(verifier: VerifierInput, options: ShadowOptions<Middleware>): Middleware {
  const { compareWith } = options
  const compare = adapter.shadow(verifier, options.as)
  return async (ctx, next) => {
    const tell = compare(ctx)
    try {
      return await compareWith(ctx, () => {
        tell('accepted')
        return next()
      })
    } finally {
      tell('refused')
    }
  }
}

type KoaGuards = Guards<Middleware, ParameterizedContext>

/** Demands every named scope; else 403 `insufficient_scope`, and the challenge names them (RFC 6750 §3.1). */
export const requireScope: KoaGuards['requireScope'] = adapter.requireScope
/** Demands one of the named scopes; else 403, and the challenge names the first. */
export const requireAnyScope: KoaGuards['requireAnyScope'] = adapter.requireAnyScope
/** Demands every named role; else 403, which does not name them. */
export const requireRole: KoaGuards['requireRole'] = adapter.requireRole
/** Demands one of the named roles; else 403. */
export const requireAnyRole: KoaGuards['requireAnyRole'] = adapter.requireAnyRole
/** Demands every named permission; else 403. */
export const requirePermission: KoaGuards['requirePermission'] = adapter.requirePermission
/** Demands one of the named permissions; else 403. */
export const requireAnyPermission: KoaGuards['requireAnyPermission'] = adapter.requireAnyPermission
/** Demands membership in every named group; else 403. */
export const requireGroup: KoaGuards['requireGroup'] = adapter.requireGroup
/** Demands membership in one of the named groups; else 403. */
export const requireAnyGroup: KoaGuards['requireAnyGroup'] = adapter.requireAnyGroup
/** Demands a claim, or one of the given values of it; else 403. */
export const requireClaim: KoaGuards['requireClaim'] = adapter.requireClaim
/** Demands a requirement, or a check of one's own that returns `true`; else 403. */
export const requireThat: KoaGuards['requireThat'] = adapter.requireThat

// Body parsers for Koa leave what they read on its own request.
function bodyOf(request: object): unknown {
  return 'body' in request ? request.body : undefined
}

function sendAnswer(ctx: ParameterizedContext, answer: Answer): void {
  ctx.status = answer.status
  // An empty text, not `null`: Koa would make another status of that, and a text of its own of `undefined`.
  ctx.body = answer.body ?? ''
  // What Koa concludes from the text: the type is the answer's to say, and a HEAD has no length of its own.
  ctx.remove('Content-Type')
  ctx.remove('Content-Length')
  for (const [name, value] of Object.entries(answer.headers)) ctx.set(name, value)
  for (const [name, value] of Object.entries(answer.appended)) ctx.append(name, value)
}
