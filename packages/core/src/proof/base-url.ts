import { isSafe, withoutUser } from '../keys/url.js'
import { optionError } from '../option-checks.js'
import type { BaseUrl } from './proof-method.js'
import { normalizeUri } from './request-uri.js'

const FIX =
  'Pass the URL under which clients reach this API, as they write it: like https://api.example, or ' +
  'https://api.example/v1 where a proxy cuts off /v1. https (http only on localhost, 127.0.0.0/8 or [::1]), without ' +
  'user name, password, query or fragment.'

/**
 * Reads the option for the URL under which clients reach this API: https, or http on a loopback host; no user name or
 * password, no query, no fragment. Gives its origin and its path, normalised; `undefined` is absent.
 *
 * @throws ConfigError for anything else.
 */
export function resolveBaseUrl(value: unknown, option: string): BaseUrl | undefined {
  if (value === undefined) return undefined
  const uri = typeof value === 'string' ? normalizeUri(value) : undefined
  if (uri === undefined || !isSafe(new URL(uri)))
    throw optionError(option, typeof value === 'string' ? withoutUser(value) : value, FIX)
  const { origin } = new URL(uri)
  return Object.freeze({ origin, path: uri.slice(origin.length).replace(/\/+$/, '') })
}
