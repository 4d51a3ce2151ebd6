import { ConfigError } from './errors.js'
import type { Outcome } from './outcome.js'
import type { ResponseSettings } from './response-options.js'
import type { Verifier } from './verifier.js'

/** One run of `requireJwt` or `optionalJwt` on a request. */
export interface Pass {
  readonly verifier: Verifier<unknown>
  readonly outcome: Outcome
  readonly response: ResponseSettings
  /** The one before it on the same request. */
  readonly previous: Pass | undefined
}

// The truth about a request. Nothing on the request itself is read: anything can write there.
const PASSES = new WeakMap<object, Pass>()

/** Notes a pass. `request` is the framework's own object for the request, the same for every middleware. */
export function rememberPass(
  request: object,
  verifier: Verifier<unknown>,
  outcome: Outcome,
  response: ResponseSettings,
): Pass {
  const pass = { verifier, outcome, response, previous: PASSES.get(request) }
  PASSES.set(request, pass)
  return pass
}

/** Finds the latest pass of a verifier, or of any. */
export function findPass(request: object, verifier?: Verifier<unknown>): Pass | undefined {
  const latest = PASSES.get(request)
  if (verifier === undefined) return latest
  let pass = latest
  while (pass && pass.verifier !== verifier) pass = pass.previous
  return pass
}

/** Gives the latest pass of a verifier, or of any, to somebody (`who`) who cannot do without. @throws ConfigError */
export function demandPass(request: object, verifier: Verifier<unknown> | undefined, who: string): Pass {
  const pass = findPass(request, verifier)
  if (pass) return pass
  const missing = findPass(request)
    ? 'the verifier that was named did not run'
    : 'neither requireJwt nor optionalJwt ran'
  throw new ConfigError(
    `${who}: ${missing} on this request. Mount the middleware before this handler; ` +
      'if it is there, two copies of @require-jwt/core are installed: see `npm ls @require-jwt/core`.',
  )
}
