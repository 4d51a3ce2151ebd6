/** A JSON object of a token, deeply frozen: what one request is shown, no other can change. */
export type FrozenJson = Readonly<Record<string, unknown>>

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses the bytes of a header or a claims set; `undefined` unless they are strict UTF-8 and one JSON object
 * without duplicate members (RFC 7515 §4, RFC 7519 §4) and without a member named `__proto__`, at any depth.
 */
export function parseJsonObject(bytes: Uint8Array): FrozenJson | undefined {
  let text: string
  let value: unknown
  try {
    text = UTF8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // JSON.parse keeps the last of two members of one name: then the tree has fewer members than the text.
  return freezeAndCount(value) === countMembers(text) ? (value as FrozenJson) : undefined
}

// Counts the members in valid JSON text: one colon outside of strings each.
function countMembers(text: string): number {
  let members = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i]
    if (char === '"') inString = !inString
    else if (char === ':' && !inString) members += 1
    else if (char === '\\') i += 1
  }
  return members
}

// Freezes a tree and counts its members; NaN, equal to nothing, where one is named `__proto__`. Iterative:
// a token may be nested as deeply as its length allows.
function freezeAndCount(root: object): number {
  let members = 0
  const open: object[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (!Array.isArray(node)) {
      members += Object.keys(node).length
      if (Object.hasOwn(node, '__proto__')) return Number.NaN
    }
    for (const child of Object.values(node) as readonly unknown[]) {
      if (typeof child === 'object' && child !== null) open.push(child)
    }
    Object.freeze(node)
  }
  return members
}
