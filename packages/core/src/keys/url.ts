import { ConfigError } from '../errors.js'
import { optionError } from '../option-checks.js'

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Checks a configured URL that keys or metadata are fetched from (`issuer` or `jwksUri`; `option` is how it is named
 * in errors): https, or http on a loopback host; no user name or password, no fragment.
 *
 * @throws ConfigError for anything else.
 */
export function checkKeysUrl(text: string, option: string): URL {
  const url = parse(text)
  if (url === undefined) {
    throw optionError(
      option,
      withoutUser(text),
      'Keys are fetched from it: pass an absolute URL like https://login.example.',
    )
  }
  if (!isSafe(url)) {
    throw new ConfigError(
      `${option}: got ${url.protocol}//${url.host}. Keys fetched in the clear could be anybody's: use https (http ` +
        `only on localhost, 127.0.0.0/8 or [::1]), without user name, password or fragment.`,
    )
  }
  return url
}

/**
 * Reads a `jwks_uri` that a discovery document names. http is allowed only where the configured issuer itself is on
 * loopback http: a document never opens what the operator did not. `origins` are those beside the issuer's own that
 * it may be on; `undefined`: any, for issuers that the operator configured one by one.
 *
 * @returns `undefined` for a URL that must not be fetched.
 */
export function readDiscoveredUrl(
  text: unknown,
  issuer: URL,
  origins: readonly string[] | undefined,
): URL | undefined {
  if (typeof text !== 'string') return undefined
  const url = parse(text)
  if (url === undefined || !isSafe(url)) return undefined
  if (url.protocol === 'http:' && issuer.protocol === 'https:') return undefined
  return origins === undefined || [issuer.origin, ...origins].includes(url.origin) ? url : undefined
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** Cuts off what stands before the host of a text that should be a URL: a password may be in it. */
export function withoutUser(text: string): string {
  return text.replace(/^.*@/s, '…@')
}

/** Tells whether a URL is https, or http on a loopback host, and has no user name, password or fragment. */
export function isSafe(url: URL): boolean {
  if (url.username !== '' || url.password !== '' || url.href.includes('#')) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}
