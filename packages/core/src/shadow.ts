import { ConfigError } from './errors.js'
import type { AuthEvent } from './events.js'
import { optionError } from './option-checks.js'
import { attempt, isAnonymous, type Outcome } from './outcome.js'
import { summarize, type RequestView } from './request.js'
import { CoreVerifier, toVerifier, type VerifierInput } from './verifier.js'

/** Which of our middlewares the present one is compared with. */
export type ShadowMode = 'requireJwt' | 'optionalJwt'

/** How `shadow` compares. `Handler` is the framework's plain middleware type. */
export interface ShadowOptions<Handler> {
  /** The present middleware. It runs as if it were mounted itself, and it alone decides. */
  readonly compareWith: Handler
  /** Which of our middlewares would take its place. Default `requireJwt`. */
  readonly as?: ShadowMode | undefined
}

/** Begins our verdict on a request; gives the function that takes theirs. Only the first call of it counts. */
export type Shadow<Req> = (request: Req) => (theirs: 'accepted' | 'refused') => void

/**
 * Runs our verdict beside that of the present middleware and tells the observer how they compare
 * (`shadow.compared`). Denies nothing, delays nothing, throws nothing once it is made.
 *
 * @throws ConfigError for wrong options, when it is made
 */
export function createShadow<Req extends object>(
  view: (request: Req) => RequestView,
  input: VerifierInput,
  mode: ShadowMode = 'requireJwt',
): Shadow<Req> {
  if (mode !== 'requireJwt' && mode !== 'optionalJwt') {
    throw optionError('shadow({ as })', mode, "Pass 'requireJwt' or 'optionalJwt'.")
  }
  const verifier = toVerifier(input)
  if (!(verifier instanceof CoreVerifier)) {
    throw new ConfigError(
      'shadow(verifier): made by another copy of @require-jwt/core. See `npm ls @require-jwt/core`.',
    )
  }
  return (request) => {
    const seen = view(request)
    const ours = attemptAsync(verifier, seen).then(
      (outcome) => ourVerdict(outcome, mode),
      () => FAILED,
    )
    let told = false
    return (theirs) => {
      if (told) return
      told = true
      void ours.then((our) => verifier.emit(compared(our, theirs, seen)))
    }
  }
}

// An exception of our own part, whenever it comes, is the caller's to note and never to see.
async function attemptAsync(verifier: CoreVerifier, seen: RequestView): Promise<Outcome> {
  return attempt(verifier, seen)
}

const FAILED = { ours: 'failed', detail: undefined, issuer: undefined } as const
const PASSED = { ours: 'accepted', detail: undefined, issuer: undefined } as const

type OurVerdict = Pick<ShadowEvent, 'ours' | 'detail' | 'issuer'>
type ShadowEvent = Extract<AuthEvent, { type: 'shadow.compared' }>

function compared(our: OurVerdict, theirs: ShadowEvent['theirs'], seen: RequestView): ShadowEvent {
  const agrees = (our.ours === 'accepted') === (theirs === 'accepted')
  return { type: 'shadow.compared', agrees, theirs, ...our, request: summarize(seen) }
}

function ourVerdict(outcome: Outcome, mode: ShadowMode): OurVerdict {
  if (outcome.kind === 'verified') return { ...PASSED, issuer: outcome.auth.issuer }
  if (outcome.kind === 'preflight') return PASSED
  const { refusal, issuer } = outcome.rejection
  if (mode === 'optionalJwt' && isAnonymous(outcome.rejection)) return PASSED
  return { ours: refusal.code, detail: refusal.detail, issuer }
}
