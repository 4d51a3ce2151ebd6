import { optionError } from '../option-checks.js'
import { onlyToken, type TokenSource } from './token-source.js'

/**
 * Reads the token from a query parameter, by default `access_token`. Off unless it is listed in
 * `tokenSources`: URLs end up in logs and histories, and OAuth 2.1 forbids it.
 *
 * @throws ConfigError where `name` is empty.
 * @see RFC 6750 §2.3, RFC 9700 §4.3.2
 */
export function queryParameter(name: string = 'access_token'): TokenSource {
  if (typeof name !== 'string' || name === '') {
    throw optionError('queryParameter(name)', name, 'Pass the name of the query parameter.')
  }
  return (request) => {
    const start = request.url.indexOf('?')
    if (start === -1) return undefined
    // With its question mark, which is taken off once: a second one is part of the first name.
    const query = new URLSearchParams(request.url.slice(start))
    return onlyToken(query.getAll(name), `the query parameter ${name}`)
  }
}
