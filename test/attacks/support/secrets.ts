import type { Sent } from '../../conformance/support/http.js'

/** What the operator is told to use instead stands in tokens as well. */
const PUBLIC: ReadonlySet<string> = new Set(['at+jwt'])

const MIN_LENGTH = 6

/** Gives what nobody may be told of a request: its tokens, and every text in their headers and claims. */
export function secretsOf({ headers = [], query = '', body = '' }: Sent): readonly string[] {
  const texts = [...headers.map(([, value]) => value), query, body]
  const segments = texts.flatMap((text) => text.split(/[^A-Za-z0-9_-]+/)).filter((text) => text.length > 15)
  return [...new Set([...segments, ...segments.flatMap((segment) => valuesIn(segment))])]
}

function valuesIn(segment: string): readonly string[] {
  const texts: string[] = []
  try {
    JSON.parse(Buffer.from(segment, 'base64url').toString(), (_name, value: unknown) => {
      if (typeof value === 'string' && value.length >= MIN_LENGTH && !PUBLIC.has(value)) texts.push(value)
      return value
    })
  } catch {
    // No JSON: the segment itself is all that there is.
  }
  return texts
}
