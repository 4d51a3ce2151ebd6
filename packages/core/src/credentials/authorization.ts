import type { Scheme } from '../proof/proof-method.js'
import { refuse, type Refusal } from '../refusal.js'
import { NO_TOKEN68 } from './token-source.js'

// Two fields that something in between joined with a comma (RFC 9110 §5.3). `Authorization` is no list, and
// a token68 cannot hold a comma; the parameters of `Digest a="b", c="d"` can.
const JOINED = /^[^\s,]+ +[A-Za-z0-9\-._~+/]+=* *,|, *(?:bearer|dpop)(?: |$)/i

/**
 * Makes the reader of `Authorization: <scheme> <token>`. It gives the token, `undefined` under another scheme, or a
 * refusal; whether the token is a token68 is for the verifier to see.
 */
export function authorization(scheme: Scheme): (values: readonly string[]) => string | Refusal | undefined {
  const usual = `${scheme} `
  // RFC 6750 §2.1: 1*SP between scheme and token. Names of schemes are case-insensitive (RFC 9110 §11.1).
  const start = new RegExp(`^${scheme} +`, 'i')
  // This scheme, whatever follows it: its name ends where a character stands that no name has.
  const named = new RegExp(`^${scheme}(?![!#$%&'*+\\-.^_\`|~0-9a-z])`, 'i')

  /** Where the token begins; the end of the value where the scheme is another. */
  const startOfToken = (value: string): number => {
    // As nearly everybody writes it.
    if (value.startsWith(usual) && value[usual.length] !== ' ') return usual.length
    return start.exec(value)?.[0].length ?? value.length
  }

  return (values) => {
    const [value] = values
    if (value === undefined) return undefined
    if (values.length > 1 || (value.includes(',') && JOINED.test(value))) {
      return refuse('request_malformed', 'there is more than one Authorization value')
    }
    const token = value.slice(startOfToken(value))
    if (token === '') return named.test(value) ? NO_TOKEN68 : undefined
    return token
  }
}
