import { writeAnswer, type Answer } from './answer.js'
import { possessionOf, type Auth } from './auth.js'
import { AuthError } from './auth-error.js'
import { createGuards, type Guards, type Judge } from './guards/guards.js'
import { refuse, type Refusal } from './refusal.js'
import { attempt, isAnonymous, schemeOf, type Outcome } from './outcome.js'
import { demandPass, findPass, rememberPass, type Pass } from './passes.js'
import type { Fields } from './proof/proof-method.js'
import type { RequestView } from './request.js'
import { resolveResponse, type ResponseOptions } from './response-options.js'
import { BEARER_ONLY, type Schemes } from './schemes.js'
import { createShadow, type Shadow, type ShadowMode } from './shadow.js'
import { CoreVerifier, toVerifier, type Rejection, type Verifier, type VerifierInput } from './verifier.js'

/** What an adapter gives: translations. `Req` is the framework's own object for a request. */
export interface AdapterParts<Handler, Req extends object> {
  /** Shows the core a request. */
  view(request: Req): RequestView
  /** Makes a middleware of a step: run it, write its answer out if it has one, else go on. */
  middleware(step: Step<Req>): Handler
  /** Gives what is thrown for a refusal in the framework's idiom. Default: the error itself. */
  toThrow?(error: AuthError, answer: Answer, request: Req): unknown
}

/**
 * What a middleware does with a request. Gives a promise only where there is something to wait for. Throws, or rejects
 * with, what the framework's error handler is to get.
 */
export type Step<Req> = (request: Req) => Verdict | Promise<Verdict>

/** What came of a step: an answer to write, or the way is free. */
export interface Verdict {
  readonly answer: Answer | undefined
  /** The result that just became the request's, for the framework's own place to keep such things. */
  readonly auth: Auth<unknown> | undefined
  /** Fields for the answer that the app will give. */
  readonly fields: Fields | undefined
}

/** What an adapter gets back: everything but the framework's types. */
export interface Adapter<Handler, Req extends object> extends Guards<Handler, Req> {
  readonly requireJwt: (verifier: VerifierInput, response?: ResponseOptions) => Handler
  readonly optionalJwt: (verifier: VerifierInput, response?: ResponseOptions) => Handler
  readonly getAuth: (request: Req, verifier?: Verifier<unknown>) => Auth<unknown>
  readonly getOptionalAuth: (request: Req, verifier?: Verifier<unknown>) => Auth<unknown> | undefined
  readonly shadow: (verifier: VerifierInput, mode?: ShadowMode) => Shadow<Req>
}

const PROCEED: Verdict = Object.freeze({ answer: undefined, auth: undefined, fields: undefined })

/**
 * Makes the middlewares, the guards and the accessors of a framework.
 *
 * `requireJwt` and `optionalJwt` throw `ConfigError` for wrong options; `getAuth`, `getOptionalAuth` and the guards,
 * when a request reaches them that no such middleware has seen.
 */
export function createAdapter<Handler, Req extends object>(
  parts: AdapterParts<Handler, Req>,
): Adapter<Handler, Req> {
  const toThrow = (request: Req, { refusal }: Rejection, pass: Pass): unknown => {
    const { response } = pass
    const schemes = schemesOf(pass)
    const error = new AuthError(refusal, response.challenge, schemes)
    if (!parts.toThrow) return error
    const { method } = parts.view(request)
    return parts.toThrow(error, writeAnswer(refusal, method, response, schemes), request)
  }

  const report = (request: Req, rejection: Rejection, { verifier }: Pass): void => {
    if (verifier instanceof CoreVerifier) verifier.report(rejection, parts.view(request))
  }

  const stop = (request: Req, rejection: Rejection, pass: Pass): Verdict => {
    report(request, rejection, pass)
    if (pass.response.errors === 'forward') throw toThrow(request, rejection, pass)
    const { method } = parts.view(request)
    const answer = writeAnswer(rejection.refusal, method, pass.response, schemesOf(pass))
    return { answer, auth: undefined, fields: undefined }
  }

  const authenticate = (
    input: VerifierInput,
    options: ResponseOptions | undefined,
    optional: boolean,
  ): Handler => {
    const verifier = toVerifier(input)
    const response = resolveResponse(options)
    const conclude = (request: Req, outcome: Outcome): Verdict => {
      const pass = rememberPass(request, verifier, outcome, response)
      if (outcome.kind === 'verified') {
        return { answer: undefined, auth: outcome.auth, fields: possessionOf(outcome.auth)?.fields }
      }
      if (outcome.kind === 'preflight' || (optional && isAnonymous(outcome.rejection))) return PROCEED
      return stop(request, outcome.rejection, pass)
    }
    return parts.middleware((request) => {
      const outcome = findPass(request, verifier)?.outcome ?? attempt(verifier, parts.view(request))
      return outcome instanceof Promise
        ? outcome.then((settled) => conclude(request, settled))
        : conclude(request, outcome)
    })
  }

  const guard = (judge: Judge<Req>, verifier: Verifier<unknown> | undefined): Handler =>
    parts.middleware((request) => {
      const pass = demandPass(request, verifier, 'A guard')
      const { outcome } = pass
      if (outcome.kind === 'preflight') return PROCEED
      if (outcome.kind === 'refused') return stop(request, outcome.rejection, pass)
      const { issuer } = outcome.auth
      const conclude = (refusal: Refusal | undefined): Verdict =>
        refusal ? stop(request, { refusal, issuer }, pass) : PROCEED
      const judged = judge(outcome.auth, request)
      return judged instanceof Promise ? judged.then(conclude) : conclude(judged)
    })

  const read = (
    request: Req,
    verifier: Verifier<unknown> | undefined,
    optional: boolean,
  ): Auth<unknown> | undefined => {
    const pass = demandPass(request, verifier, optional ? 'getOptionalAuth' : 'getAuth')
    const { outcome } = pass
    if (outcome.kind === 'verified') return outcome.auth
    const rejection = outcome.kind === 'refused' ? outcome.rejection : PREFLIGHT
    if (optional && isAnonymous(rejection)) return undefined
    report(request, rejection, pass)
    throw toThrow(request, rejection, pass)
  }

  return {
    ...createGuards(guard),
    requireJwt: (input, options) => authenticate(input, options, false),
    optionalJwt: (input, options) => authenticate(input, options, true),
    getAuth: (request, verifier) => read(request, verifier, false) as Auth<unknown>,
    getOptionalAuth: (request, verifier) => read(request, verifier, true),
    shadow: (input, mode) => createShadow((request) => parts.view(request), input, mode),
  }
}

/** The schemes that a challenge offers on a request that has passed through a verifier. */
function schemesOf({ verifier, outcome }: Pass): Schemes {
  return verifier instanceof CoreVerifier ? verifier.schemes(schemeOf(outcome)) : BEARER_ONLY
}

// A preflight that was let through has no result to give.
const PREFLIGHT: Rejection = Object.freeze({
  refusal: refuse('token_missing', 'a CORS preflight'),
  issuer: undefined,
})
