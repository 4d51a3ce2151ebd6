import type { ProofMethod, Scheme } from './proof/proof-method.js'

/** One scheme that a challenge offers, with the parameters that belong to it alone. */
export interface Offer {
  readonly scheme: Scheme
  readonly params: readonly (readonly [name: string, value: string])[]
}

/** What the challenges of an answer are about (RFC 9110 §11.6.1). */
export interface Schemes {
  /** In the order in which they are written. */
  readonly offered: readonly Offer[]
  /** The one that the request used: its challenge says what is wrong. `undefined`: none, or no one can tell. */
  readonly used: Scheme | undefined
}

const BEARER: Offer = Object.freeze({ scheme: 'Bearer', params: Object.freeze([]) as Offer['params'] })

/** The schemes where no proof of possession is checked. */
export const BEARER_ONLY: Schemes = Object.freeze({ offered: Object.freeze([BEARER]), used: 'Bearer' })

/** Lists the schemes that get a token in, and the one that was used, which its caller knows of. */
export function schemesOf(methods: readonly ProofMethod[], used: Scheme | undefined): Schemes {
  const own = methods.filter(({ scheme }) => scheme !== 'Bearer')
  if (own.length === 0) return BEARER_ONLY
  const withBearer = used === 'Bearer' || !own.some(({ required }) => required)
  const offers = own.map(({ scheme, challenge }): Offer => ({ scheme, params: challenge }))
  return { offered: withBearer ? [BEARER, ...offers] : offers, used }
}
