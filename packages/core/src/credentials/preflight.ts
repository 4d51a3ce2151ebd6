import type { RequestView } from '../request.js'

/** Tells whether a request is a CORS preflight, which carries no credentials by design (Fetch standard). */
export function isPreflight(request: RequestView): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.values('origin').length > 0 &&
    request.values('access-control-request-method').length > 0 &&
    request.values('authorization').length === 0
  )
}
