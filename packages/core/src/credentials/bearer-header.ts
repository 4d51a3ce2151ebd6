import { authorization } from './authorization.js'
import type { TokenSource } from './token-source.js'

const read = authorization('Bearer')

/**
 * Reads `Authorization: Bearer <token>`: the default, and the only source that is on by itself.
 *
 * Without bearer credentials it finds nothing, so that another scheme counts as an anonymous request.
 * A doubled field, or one that was joined from two, is `request_malformed`: none of the two may win.
 *
 * @see RFC 6750 §2.1
 */
export function bearerHeader(): TokenSource {
  return (request) => read(request.values('authorization'))
}
