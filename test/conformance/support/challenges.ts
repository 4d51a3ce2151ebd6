/** A challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1). */
export interface Challenge {
  readonly scheme: string
  readonly params: ReadonlyMap<string, string>
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
const QUOTED = /"((?:[\t \x21\x23-\x5B\x5D-\x7E]|\\[\t \x21-\x7E])*)"/y

// RFC 6750 §3: no quotes and no backslashes in these, not even escaped ones.
const PLAIN = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/

/**
 * Parses the value of a `WWW-Authenticate` field, strictly: every auth-param quoted and there once, in the
 * characters of RFC 6750 §3, at least one in each challenge.
 *
 * @throws Error where the value is anything else.
 */
export function parseChallenges(value: string): readonly Challenge[] {
  let at = 0

  function take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = at
    const match = pattern.exec(value)
    if (match) at = pattern.lastIndex
    return match ?? undefined
  }

  function demand(pattern: RegExp, what: string): string {
    const match = take(pattern)
    if (!match) throw new Error(`${what} expected at ${at} of ${JSON.stringify(value)}`)
    return match[1] ?? match[0]
  }

  const challenges: Challenge[] = []
  do {
    const scheme = demand(TOKEN, 'a scheme')
    demand(/ +/y, 'a space')
    const params = new Map<string, string>()
    do {
      const name = demand(TOKEN, 'a parameter').toLowerCase()
      demand(/=/y, 'an equals sign')
      const text = demand(QUOTED, 'a quoted string')
      if (params.has(name)) throw new Error(`${name} stands twice in ${JSON.stringify(value)}`)
      if (!PLAIN.test(text)) throw new Error(`${name} has characters that RFC 6750 does not allow`)
      params.set(name, text)
      // A comma ends the challenge where no other parameter follows it.
    } while (take(/ *, *(?=[!#$%&'*+\-.^_`|~0-9A-Za-z]+=)/y))
    challenges.push({ scheme, params })
  } while (take(/ *, */y))
  if (at !== value.length) throw new Error(`nothing more expected at ${at} of ${JSON.stringify(value)}`)
  return challenges
}
