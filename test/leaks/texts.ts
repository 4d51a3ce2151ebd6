/** Claims whose values an operator names, too: the issuers of the options, the rights that a route demands. */
const NAMED = new Set(['iss', 'scope', 'scp', 'roles', 'permissions', 'groups'])

/** Gives every string that stands in a value, however deep: a hostile one is deeper than the stack. */
export function stringsIn(value: unknown): readonly string[] {
  const texts: string[] = []
  const rest = [value]
  while (rest.length > 0) {
    const next = rest.pop()
    if (typeof next === 'string') texts.push(next)
    else if (typeof next === 'object' && next !== null)
      for (const inner of Object.values(next)) rest.push(inner)
  }
  return texts
}

/** Gives the strings that stand in the JSON of a segment of a token; none where it holds something else. */
export function textsOf(segment: string): readonly string[] {
  return stringsIn(parse(segment))
}

/** As `textsOf`, without the claims that are told where an operator named them. */
export function claimTextsOf(segment: string): readonly string[] {
  return stringsIn(parse(segment, (name, value) => (NAMED.has(name) ? undefined : value)))
}

function parse(segment: string, reviver?: (name: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString(), reviver)
  } catch {
    return undefined
  }
}
