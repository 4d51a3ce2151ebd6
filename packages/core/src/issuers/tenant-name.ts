import { isPublicName } from '../keys/host-names.js'

const MAX_LENGTH = 512

// Lower-case host, path segments of unreserved characters and sub-delims (RFC 3986 §3.3): no query, no fragment, no
// user name, no percent-encoding, no empty segment, nothing that a parser would take out.
const PLAIN = /^https:\/\/[a-z0-9.-]+(?::\d+)?(?:\/[\w.~!$&'()*+,;=:@-]+)*\/?$/

/**
 * Tells whether an `iss` is a URL that a predicate may be asked about: https, a public name as host, at most 512
 * characters, and written in the one way that a parser leaves as it is. What the predicate reads and what is fetched are
 * then the same.
 */
export function isTenantName(iss: unknown): iss is string {
  if (typeof iss !== 'string' || iss.length > MAX_LENGTH || !PLAIN.test(iss) || !URL.canParse(iss))
    return false
  const { href, hostname } = new URL(iss)
  return (href === iss || href === `${iss}/`) && isPublicName(hostname)
}
