import { possessionOf, type Auth } from './auth.js'
import { isPreflight } from './credentials/preflight.js'
import { ConfigError } from './errors.js'
import type { Scheme } from './proof/proof-method.js'
import { isRefusal, type Refusal } from './refusal.js'
import type { RequestView } from './request.js'
import { CoreVerifier, isRejection, type Rejection, type Verifier } from './verifier.js'

/** What became of one verifier on one request. */
export type Outcome =
  | { readonly kind: 'verified'; readonly auth: Auth<unknown> }
  | { readonly kind: 'refused'; readonly rejection: Rejection }
  /** A CORS preflight that `preflight: 'pass'` let through. */
  | { readonly kind: 'preflight' }

/** Runs a verifier on a request. Whether a refusal is one, and is told to the operator, is for the caller to say. */
export function attempt(verifier: Verifier<unknown>, view: RequestView): Outcome | Promise<Outcome> {
  if (!(verifier instanceof CoreVerifier)) return attemptForeign(verifier, view)
  if (verifier.preflight === 'pass' && isPreflight(view)) return { kind: 'preflight' }
  const result = verifier.attempt(view)
  return result instanceof Promise ? result.then(outcomeOf) : outcomeOf(result)
}

function outcomeOf(result: Auth<unknown> | Rejection): Outcome {
  return isRejection(result) ? { kind: 'refused', rejection: result } : { kind: 'verified', auth: result }
}

async function attemptForeign(verifier: Verifier<unknown>, view: RequestView): Promise<Outcome> {
  return fromForeign(await verifier.authenticate(view))
}

// A verifier of another copy of this package, or one that a test made up. It told its own observer. A refusal with
// a code that only the other copy knows must not pass for a result.
function fromForeign(result: Auth<unknown> | Refusal): Outcome {
  if (isRefusal(result)) return { kind: 'refused', rejection: { refusal: result, issuer: undefined } }
  if (Object.hasOwn(result, 'claims')) return { kind: 'verified', auth: result }
  throw new ConfigError(
    'requireJwt(verifier): the verifier gave neither a result nor a refusal that is known here. ' +
      'Install one version of @require-jwt/core: see `npm ls @require-jwt/core`.',
  )
}

/** Tells under which scheme the token of a request came; `undefined` where it has none, or nobody can tell. */
export function schemeOf(outcome: Outcome): Scheme | undefined {
  if (outcome.kind === 'refused') return outcome.rejection.scheme
  if (outcome.kind === 'preflight') return undefined
  return possessionOf(outcome.auth)?.kinds.includes('dpop') === true ? 'DPoP' : 'Bearer'
}

/** Tells whether a request was refused only because it carries no token. */
export function isAnonymous({ refusal }: Rejection): boolean {
  return refusal.code === 'token_missing'
}
