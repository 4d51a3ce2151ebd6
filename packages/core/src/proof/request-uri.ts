import type { BaseUrl } from './proof-method.js'

/** Scheme, host and port: no user name, no name that is not ASCII, no escape within the host. */
const ORIGIN = /^https?:\/\/([\w.~-]+|\[[\da-f:.]+\])(?::(?:[1-9]\d{0,4})?)?/i

/** Whatever stands in the place of the origin, up to where any reader of URLs may see its end. */
const ANY_ORIGIN = /^https?:\/\/[^\s/?#\\]+/i

/**
 * A character that a path cannot have, or a malformed escape (RFC 3986 §3.3). `[`, `]` and `|` may stand there, which
 * `URL` leaves as they are: they equal only themselves.
 */
const NO_PATH = /[^!$%&-;=@-[\]_a-z|~]|%(?![\da-f]{2})/i

const ESCAPE = /%[\da-f]{2}/gi
const UNRESERVED = /^[\w.~-]$/ // RFC 3986 §2.3

/**
 * Normalises an absolute http or https URI without query and fragment (RFC 3986 §6.2.2, §6.2.3), so that two that are
 * equivalent become one text: `HTTPS://API.example:443/a/../%7eb` is `https://api.example/~b`. Repairs nothing:
 * `undefined` for any other text, also where `URL` would read one.
 */
export function normalizeUri(text: string): string | undefined {
  const [written, host] = ORIGIN.exec(text) ?? []
  if (written === undefined || host === undefined) return undefined
  const origin = normalizeOrigin(written, host)
  const path = normalizePath(text.slice(written.length) || '/')
  return origin === undefined || path === undefined ? undefined : origin + path
}

/**
 * Gives the normalised URI of a request without its query: the origin and the path of the base URL, then the path of
 * the request. Never the host that the request names, which is the sender's to choose. `undefined` where `url`, as
 * `RequestView` gives it, is no request target with a path.
 */
export function requestUri(url: string, baseUrl: BaseUrl): string | undefined {
  // RFC 9112 §3.3: the path of the asterisk form is empty.
  if (url === '*') return baseUrl.origin + (baseUrl.path || '/')
  const [origin = ''] = ANY_ORIGIN.exec(url) ?? []
  const [written = ''] = url.slice(origin.length).split(/[?#]/, 1)
  // By itself, before it is put behind the base: no dot segment climbs out of that.
  const path = normalizePath(origin !== '' && written === '' ? '/' : written)
  return path === undefined ? undefined : baseUrl.origin + baseUrl.path + path
}

function normalizeOrigin(written: string, host: string): string | undefined {
  try {
    const { origin, hostname } = new URL(written)
    // Another host is one that had to be repaired: 127.1, or zeros in an IPv6 address.
    return hostname === host.toLowerCase() ? origin : undefined
  } catch {
    return undefined
  }
}

function normalizePath(path: string): string | undefined {
  // What else follows an origin is a part of it that was not read: the sign of a user name, a backslash, more digits.
  if (!path.startsWith('/') || NO_PATH.test(path)) return undefined
  // First the escapes: one of them may be a dot.
  return removeDotSegments(path.replace(ESCAPE, normalizeEscape))
}

function normalizeEscape(escape: string): string {
  const char = String.fromCodePoint(Number.parseInt(escape.slice(1), 16))
  return UNRESERVED.test(char) ? char : escape.toUpperCase()
}

/** RFC 3986 §5.2.4. Empty segments count as any other. */
function removeDotSegments(path: string): string {
  if (!path.includes('/.')) return path
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  // The slash before a dot segment at the end stays.
  if (last === '.' || last === '..') kept.push('')
  return `/${kept.join('/')}`
}
