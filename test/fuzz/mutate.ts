import type { Random } from '../stress/src/random.js'

/** Picks one of a list, which is not empty. */
export function pick<T>(list: readonly T[], random: Random): T {
  return list[below(list.length, random)] as T
}

/** A whole number from 0 up to, not including, `limit`. */
export function below(limit: number, random: Random): number {
  return Math.floor(random() * limit)
}

const ODD = [
  '\0',
  '\t',
  '\n',
  '\r',
  ' ',
  '"',
  '\\',
  ',',
  ';',
  '=',
  '.',
  ':',
  '/',
  '%',
  '\x7f',
  '\xa0',
  '\xff',
]

/** Breaks a text in up to four places: leaves out, doubles, swaps, and puts in words of its grammar. */
export function mutateText(text: string, words: readonly string[], random: Random): string {
  let mutated = text
  for (let times = below(5, random); times > 0; times -= 1) mutated = once(mutated, words, random)
  return mutated
}

function once(text: string, words: readonly string[], random: Random): string {
  const at = below(text.length + 1, random)
  const end = Math.min(text.length, at + 1 + below(random() < 0.8 ? 3 : 40, random))
  const [before, slice, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)]
  switch (below(9, random)) {
    case 0:
      return before + after
    case 1:
      return before + slice + slice + after
    case 2:
      return before + pick(words, random) + after
    case 3:
      return before + pick(words, random) + slice + after
    case 4:
      return before + pick(ODD, random) + after
    case 5:
      return before + pick(words, random).repeat(1 + below(30, random)) + slice + after
    case 6:
      return before
    case 7:
      return before + (slice === slice.toLowerCase() ? slice.toUpperCase() : slice.toLowerCase()) + after
    default:
      return before + pick([...ODD, 'A', 'Z', 'a', 'z', '0', '9', '-', '_'], random) + slice + after
  }
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e300,
  0.5,
  '',
  'sig',
  'verify',
  ' ',
  '\u0000',
  'é',
  '\ud83d\ude00',
  [],
  {},
  [[]],
  ['verify'],
  'x'.repeat(300),
]

/** Changes a JSON value in up to three places: other values, members left out, renamed or put in. */
export function mutateJson(json: unknown, names: readonly string[], random: Random): unknown {
  let mutated = json
  for (let times = below(4, random); times > 0; times -= 1) mutated = change(mutated, names, random)
  return mutated
}

function change(json: unknown, names: readonly string[], random: Random): unknown {
  if (typeof json !== 'object' || json === null || random() < 0.03) return pick(VALUES, random)
  if (Array.isArray(json)) {
    const at = below(json.length + 1, random)
    if (random() < 0.3) return [...(json as unknown[]).slice(0, at), ...(json as unknown[]).slice(at + 1)]
    if (random() < 0.3) return [...(json as unknown[]), pick([...VALUES, ...(json as unknown[])], random)]
    return json.map((item: unknown, index) => (index === at ? change(item, names, random) : item))
  }
  const members = Object.entries(json)
  const at = below(members.length + 1, random)
  const [name = pick(names, random), value] = members[at] ?? []
  const others = members.filter((_, index) => index !== at)
  switch (below(6, random)) {
    case 0:
      return fromMembers(others)
    case 1:
      return fromMembers([...others, [pick(names, random), value]])
    case 2:
      return fromMembers([...members, [pick(names, random), pick(VALUES, random)]])
    case 3:
      return fromMembers([...others, [name, pick(VALUES, random)]])
    case 4:
      return fromMembers([...others, [name, typeof value === 'string' ? bend(value, random) : [value]]])
    default:
      return fromMembers([...others, [name, change(value, names, random)]])
  }
}

function bend(text: string, random: Random): string {
  return mutateText(text, ['A', '=', '-', 'AAAA', 'sig'], random)
}

// Not by assignment: a member may be named `__proto__`.
function fromMembers(members: readonly (readonly [string, unknown])[]): unknown {
  return Object.fromEntries(members)
}

/** Writes JSON as bytes, one character each, and breaks the text in one case of three. */
export function writeJson(json: unknown, words: readonly string[], random: Random): string {
  const text = Buffer.from(JSON.stringify(json) ?? 'null').toString('latin1')
  return random() < 0.33 ? mutateText(text, words, random) : text
}

/** Makes a long text: a piece of an input, or a few words of the grammar, repeated in its middle. */
export function lengthen(
  input: string,
  words: readonly string[],
  random: Random,
): (length: number) => string {
  const at = below(input.length + 1, random)
  const piece = input.slice(at, at + 1 + below(12, random))
  const some = Array.from({ length: 1 + below(3, random) }, () => pick(words, random)).join('')
  const unit = (random() < 0.4 && piece) || some
  const [before, after] = [input.slice(0, at), random() < 0.5 ? input.slice(at) : '']
  return (length) => {
    const times = Math.max(1, Math.floor((length - before.length - after.length) / unit.length))
    return before + unit.repeat(times) + after
  }
}
