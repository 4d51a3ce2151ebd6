import { optionError } from '../option-checks.js'
import type { FormValues } from '../request.js'
import { onlyToken, type FoundToken, type TokenSource } from './token-source.js'

const FORM = /^application\/x-www-form-urlencoded *(?:;|$)/i

/**
 * Reads the token from a field of a form-encoded body, by default `access_token`. Off unless it is listed in
 * `tokenSources`. The framework's body parser must run first; GET and HEAD have no such body.
 *
 * @throws ConfigError where `name` is empty.
 * @see RFC 6750 §2.2
 */
export function formBody(name: string = 'access_token'): TokenSource {
  if (typeof name !== 'string' || name === '') {
    throw optionError('formBody(name)', name, 'Pass the name of the form field.')
  }
  const read = (values: FormValues): FoundToken => onlyToken(values ?? [], `the form field ${name}`)
  return (request) => {
    if (request.method === 'GET' || request.method === 'HEAD') return undefined
    const [type, ...more] = request.values('content-type')
    if (type === undefined || more.length > 0 || !FORM.test(type)) return undefined
    const values = request.form?.(name)
    return values instanceof Promise ? values.then(read) : read(values)
  }
}
