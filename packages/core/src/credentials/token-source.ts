import type { Scheme } from '../proof/proof-method.js'
import { refuse, type Refusal } from '../refusal.js'
import type { RequestView } from '../request.js'

/**
 * Finds an access token in a request: the token, `undefined` where the source carries none, or the refusal
 * `request_malformed`. Does not look inside the token: what is no token68 (RFC 9110 §11.2) is refused whoever found it.
 */
export type TokenSource = (request: RequestView) => FoundToken | Promise<FoundToken>

/** What a token source found: the token, where it came under another scheme than Bearer together with the scheme. */
export type FoundToken = string | SchemeToken | Refusal | undefined

/** A token under a scheme of its own. */
export interface SchemeToken {
  readonly scheme: Scheme
  readonly token: string
}

/** Tells whether something found is a token with its scheme. */
export function isSchemeToken(found: FoundToken): found is SchemeToken {
  return typeof found === 'object' && found !== null && Object.hasOwn(found, 'scheme')
}

// RFC 9110 §11.2: token68.
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*$/

/** Tells whether a text can be a bearer token as far as HTTP goes. */
export function isToken68(text: string): boolean {
  return TOKEN68.test(text)
}

/** What a text that is no token68 is refused with. */
export const NO_TOKEN68: Refusal = refuse(
  'request_malformed',
  'the bearer credentials are no token68 (RFC 9110 §11.2)',
)

/** Takes the values of a field for the one token they should be. */
export function onlyToken(values: readonly unknown[], field: string): FoundToken {
  if (values.length === 0) return undefined
  const [token] = values
  if (values.length > 1) return refuse('request_malformed', `${field} is there more than once`)
  if (typeof token !== 'string' || !isToken68(token)) {
    return refuse('request_malformed', `${field} is no token68 (RFC 9110 §11.2)`)
  }
  return token
}
