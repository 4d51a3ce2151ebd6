/** How long a response says that it may be kept; `undefined` where it says nothing. */
export interface Freshness {
  /** `max-age` less `Age`; 0 for `no-store` and `no-cache`. */
  readonly maxAgeMs: number | undefined
  /** `stale-if-error` (RFC 5861 §4). */
  readonly staleIfErrorMs: number | undefined
}

// A name, and after `=` a token or a quoted string.
const DIRECTIVE = /([\w-]+)(?:=(?:"([^"]*)"|([^\s,]*)))?/g

/**
 * Reads `Cache-Control` and `Age` (RFC 9111 §5.1, §5.2.2). What cannot be read as a number of seconds is 0 for
 * `max-age` (§4.2.1: stale) and nothing for the others; of a directive that is there twice the shorter one counts.
 *
 * @returns `undefined` for a response without `Cache-Control`.
 */
export function readFreshness(headers: { get(name: string): string | null }): Freshness | undefined {
  const field = headers.get('cache-control')
  if (field === null) return undefined
  let maxAge: number | undefined
  let staleIfError: number | undefined
  for (const [, name = '', quoted, bare] of field.matchAll(DIRECTIVE)) {
    const value = seconds(quoted ?? bare)
    switch (name.toLowerCase()) {
      case 'no-store':
      case 'no-cache':
        maxAge = 0
        break
      case 'max-age':
        maxAge = Math.min(maxAge ?? Number.POSITIVE_INFINITY, value ?? 0)
        break
      case 'stale-if-error':
        staleIfError = Math.min(staleIfError ?? Number.POSITIVE_INFINITY, value ?? Number.POSITIVE_INFINITY)
        break
    }
  }
  const age = seconds(headers.get('age') ?? undefined) ?? 0
  return {
    maxAgeMs: maxAge === undefined ? undefined : Math.max(0, maxAge - age) * 1000,
    staleIfErrorMs: staleIfError === undefined ? undefined : staleIfError * 1000,
  }
}

// RFC 9110 §5.6.7, roughly: `Date.parse` does the rest, but takes for a date much that is none, such as -5.
const HTTP_DATE = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3), seconds or a date, as milliseconds from now; 0 where there is none or it
 * cannot be read.
 */
export function readRetryAfter(headers: { get(name: string): string | null }, now: number): number {
  const field = headers.get('retry-after') ?? ''
  const delay = seconds(field)
  if (delay !== undefined) return delay * 1000
  if (!HTTP_DATE.test(field)) return 0
  // Of the three forms asctime alone names no zone, and means GMT like the others.
  const date = Date.parse(field.endsWith('GMT') ? field : `${field} GMT`)
  return Math.max(0, date - now) || 0
}

// delta-seconds (RFC 9111 §1.2.2): digits, and nothing else; more than 2^31 is taken for that.
function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), 2 ** 31) : undefined
}

const VALIDATOR = /^[\x21-\x7E](?:[\x20-\x7E]{0,510}[\x21-\x7E])?$/

/**
 * Tells whether an `ETag` or `Last-Modified` (RFC 9110 §8.8) may be sent back to its server: at most 512 characters,
 * and nothing that a field could not hold.
 */
export function isValidator(value: string): boolean {
  return VALIDATOR.test(value)
}
