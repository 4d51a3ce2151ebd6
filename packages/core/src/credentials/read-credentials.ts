import { isRefusal, refuse } from '../refusal.js'
import type { RequestView } from '../request.js'
import { isPreflight } from './preflight.js'
import type { FoundToken, TokenSource } from './token-source.js'

/** The one token of a request, or why there is none. */
export type Credentials = Exclude<FoundToken, undefined>

/**
 * Asks every enabled source for the token of a request.
 *
 * Refuses with `token_missing` where there is none, and with `request_malformed` where a source says so or
 * more than one has a token (RFC 6750 §2: one method per request). A source that is off is not read.
 */
export function readCredentials(
  request: RequestView,
  sources: readonly TokenSource[],
): Credentials | Promise<Credentials> {
  const [only] = sources
  // Nearly always there is one, and it finds a token.
  if (only && sources.length === 1) {
    const found = only(request)
    if (typeof found === 'string') return found
    return found instanceof Promise ? found.then((item) => pick([item], request)) : pick([found], request)
  }
  const found = sources.map((source) => source(request))
  return found.some((item) => item instanceof Promise)
    ? Promise.all(found.map(async (item) => item)).then((settled) => pick(settled, request))
    : pick(found as readonly FoundToken[], request)
}

function pick(found: readonly FoundToken[], request: RequestView): Credentials {
  const tokens = found.filter((item) => item !== undefined)
  const [first] = tokens
  if (first === undefined) return refuse('token_missing', hintOf(request))
  const malformed = tokens.find(isRefusal)
  if (malformed) return malformed
  if (tokens.length > 1)
    return refuse('request_malformed', 'the access token is sent by more than one method')
  return first
}

function hintOf(request: RequestView): string | undefined {
  if (isPreflight(request)) return 'CORS preflight reached requireJwt: mount the CORS middleware before it'
  return request.values('authorization').length > 0 ? 'the Authorization scheme is not Bearer' : undefined
}
