/** A JSON object of a token, deeply frozen: what one request is shown, no other can change. */
export type FrozenJson = Readonly<Record<string, unknown>>

/**
 * Parses the text of a header or a claims set; `undefined` unless it is one JSON object without duplicate members
 * (RFC 7515 §4, RFC 7519 §4) and without a member named `__proto__`, at any depth.
 */
export function parseJsonObject(text: string): FrozenJson | undefined {
  // A look at the first character spares most garbage the price of an exception.
  if (!mayBeginObject(text.charCodeAt(0))) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // JSON.parse keeps the last of two members of one name: then the tree has fewer members than the text.
  const members = freezeAndCount(value)
  const isWhole = members === countColons(text) || members === countMembers(text)
  return isWhole ? (value as FrozenJson) : undefined
}

const TAB = 0x09
const LINE_FEED = 0x0a
const RETURN = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const COLON = 0x3a
const BACKSLASH = 0x5c
const BRACE = 0x7b

function mayBeginObject(char: number): boolean {
  return char === BRACE || char === SPACE || char === LINE_FEED || char === RETURN || char === TAB
}

/**
 * Counts the colons behind a quote or white space: one for each member in valid JSON text, and seldom one more within a
 * text, never one less. So where the tree has as many members, none is missing. Quicker than a look at each character.
 */
function countColons(text: string): number {
  let colons = 0
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    const before = text.charCodeAt(colon - 1)
    if (before === QUOTE || before <= SPACE) colons += 1
  }
  return colons
}

// Counts the members in valid JSON text: one colon outside of strings each.
function countMembers(text: string): number {
  let members = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) inString = !inString
    else if (char === COLON && !inString) members += 1
    else if (char === BACKSLASH) i += 1
  }
  return members
}

// Freezes a tree and counts its members; NaN, equal to nothing, where one is named `__proto__`. Iterative:
// a token may be nested as deeply as its length allows.
function freezeAndCount(root: object): number {
  let members = 0
  const open: object[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) {
      for (const child of node as readonly unknown[]) if (isTree(child)) open.push(child)
    } else {
      if (Object.hasOwn(node, '__proto__')) return Number.NaN
      const children: readonly unknown[] = Object.values(node)
      members += children.length
      for (const child of children) if (isTree(child)) open.push(child)
    }
    Object.freeze(node)
  }
  return members
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
