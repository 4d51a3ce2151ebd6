import { refuse } from '../refusal.js'
import { NO_TOKEN68, type FoundToken, type TokenSource } from './token-source.js'

// RFC 6750 §2.1: "Bearer" 1*SP b64token. Scheme names are case-insensitive (RFC 9110 §11.1).
const SCHEME = /^bearer +/i

// The scheme is Bearer, whatever follows it: the name ends where a character stands that no name has.
const BEARER = /^bearer(?![!#$%&'*+\-.^_`|~0-9a-z])/i

// Two fields that something in between joined with a comma (RFC 9110 §5.3). `Authorization` is no list, and
// a token68 cannot hold a comma; the parameters of `Digest a="b", c="d"` can.
const JOINED = /^[^\s,]+ +[A-Za-z0-9\-._~+/]+=* *,|, *bearer(?: |$)/i

/**
 * Reads `Authorization: Bearer <token>`: the default, and the only source that is on by itself.
 *
 * Without bearer credentials it finds nothing, so that another scheme counts as an anonymous request.
 * A doubled field, or one that was joined from two, is `request_malformed`: none of the two may win.
 *
 * @see RFC 6750 §2.1
 */
export function bearerHeader(): TokenSource {
  return (request) => readBearer(request.values('authorization'))
}

/** Where the token begins; the end of the value where the scheme is another. */
function startOfToken(value: string): number {
  // As nearly everybody writes it.
  if (value.startsWith('Bearer ') && value[7] !== ' ') return 7
  return SCHEME.exec(value)?.[0].length ?? value.length
}

function readBearer(values: readonly string[]): FoundToken {
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1 || (value.includes(',') && JOINED.test(value))) {
    return refuse('request_malformed', 'there is more than one Authorization value')
  }
  const token = value.slice(startOfToken(value))
  if (token === '') return BEARER.test(value) ? NO_TOKEN68 : undefined
  return token
}
