import type { Sent } from '../../conformance/support/http.js'
import { isTelling } from '../../leaks/secrets.js'
import { textsOf } from '../../leaks/texts.js'

/** Where attacks go to. */
const PATH = '/thing'

/** Gives what nobody may be told of a request: its tokens and proofs, and every text in their headers and claims. */
export function secretsOf({ headers = [], linesFor, query = '', body = '' }: Sent): readonly string[] {
  const lines = [...headers, ...(linesFor?.(PATH) ?? [])]
  const texts = [...lines.map(([, value]) => value), query, body]
  const segments = texts.flatMap((text) => text.split(/[^A-Za-z0-9_-]+/)).filter((text) => text.length > 15)
  return [...new Set([...segments, ...segments.flatMap(textsOf).filter(isTelling)])]
}
