import type { Sent } from '../../conformance/support/http.js'
import { isTelling } from '../../leaks/secrets.js'
import { textsOf } from '../../leaks/texts.js'

/** Gives what nobody may be told of a request: its tokens, and every text in their headers and claims. */
export function secretsOf({ headers = [], query = '', body = '' }: Sent): readonly string[] {
  const texts = [...headers.map(([, value]) => value), query, body]
  const segments = texts.flatMap((text) => text.split(/[^A-Za-z0-9_-]+/)).filter((text) => text.length > 15)
  return [...new Set([...segments, ...segments.flatMap(textsOf).filter(isTelling)])]
}
