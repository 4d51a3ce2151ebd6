import { isUtf8 } from 'node:buffer'

// The same rules as in the core, written again: slower, in another way, and as the RFCs put them.

/** Reads canonical base64url: what Node's lenient decoder makes of a text, written again, must be the text. */
export function slowBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/** Reads the text of which a base64url text is the UTF-8 (RFC 3629), a byte order mark and all. */
export function slowText(text: string): string | undefined {
  const bytes = slowBase64url(text)
  return bytes && isUtf8(bytes) ? bytes.toString() : undefined
}

/** Reads a JSON object (RFC 8259) by descent, member by member; `undefined` where a name is there twice. */
export function slowJsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = readJson(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line no-control-regex -- RFC 8259 §7 forbids these, and only these
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y
const LITERALS: ReadonlyMap<string, unknown> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
])

function readJson(text: string): unknown {
  let at = 0

  function space(): void {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1
  }

  function take(sign: string): boolean {
    space()
    const found = text.startsWith(sign, at)
    if (found) at += sign.length
    space()
    return found
  }

  function demand(sign: string): void {
    if (!take(sign)) throw new SyntaxError(`${sign} expected`)
  }

  function match(pattern: RegExp): string {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found === undefined) throw new SyntaxError('not JSON')
    at += found.length
    return found
  }

  function readObject(): unknown {
    const members = new Map<string, unknown>()
    if (take('}')) return {}
    do {
      const name = JSON.parse(match(STRING)) as string
      if (members.has(name) || name === '__proto__') throw new SyntaxError('a name that must not be')
      demand(':')
      members.set(name, readValue())
    } while (take(','))
    demand('}')
    return Object.fromEntries(members)
  }

  function readArray(): unknown {
    const items: unknown[] = []
    if (take(']')) return items
    do items.push(readValue())
    while (take(','))
    demand(']')
    return items
  }

  function readValue(): unknown {
    if (take('{')) return readObject()
    if (take('[')) return readArray()
    for (const [word, value] of LITERALS) if (take(word)) return value
    return JSON.parse(match(text[at] === '"' ? STRING : NUMBER))
  }

  space()
  const value = readValue()
  space()
  if (at !== text.length) throw new SyntaxError('more than one value')
  return value
}

const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

/** Tells whether a text is a token68 (RFC 9110 §11.2). */
export function isToken68(text: string): boolean {
  return TOKEN68.test(text)
}

/** Reads the credentials of the scheme Bearer (RFC 6750 §2.1), character by character. */
export function slowBearer(value: string): string | undefined {
  const scheme = value.slice(0, 6).toLowerCase()
  let at = 6
  while (value[at] === ' ') at += 1
  const token = value.slice(at)
  return scheme === 'bearer' && at > 6 && isToken68(token) ? token : undefined
}

/**
 * Parses a URL. Not by `URL.canParse`: in Node 20, once it is optimized, it says false of a text with a letter such
 * as ÿ that `new URL` takes.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
