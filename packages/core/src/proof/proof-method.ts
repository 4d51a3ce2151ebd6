import type { ProofKind } from '../auth.js'
import type { Refusal } from '../refusal.js'
import type { RequestView } from '../request.js'
import type { FrozenJson } from '../token/json.js'

/** The schemes of `Authorization` under which access tokens come (RFC 6750 §2.1, RFC 9449 §7.1). */
export type Scheme = 'Bearer' | 'DPoP'

/** What a proof is checked against: a request, and a token that has passed every check before this one. */
export interface ProofContext {
  readonly request: RequestView
  /** The token as it was sent. */
  readonly token: string
  /** The `cnf` of the token: what it is bound to (RFC 7800 §3.1). */
  readonly confirmation: FrozenJson
}

/** The origin and path under which clients reach this API: configured, never taken from a request. */
export interface BaseUrl {
  /** The origin as RFC 3986 §6.2.2 and §6.2.3 write it: `https://api.example`. */
  readonly origin: string
  /** What a proxy cuts off in front of the path of a request, without a slash at its end: empty for most. */
  readonly path: string
}

/** Fields for an answer. */
export type Fields = Readonly<Record<string, string>>

/** What a proof that holds leaves behind. */
export interface Proven {
  /** Fields for the answer of the API: a nonce for the next proof. */
  readonly fields: Fields | undefined
}

/** A way to prove possession of the key that a token is bound to, for one verifier. */
export interface ProofMethod {
  /** What `auth.proof` says. */
  readonly kind: ProofKind
  /** The scheme of `Authorization` under which such a token comes. */
  readonly scheme: Scheme
  /** The member of `cnf` that binds a token in this way. */
  readonly member: string
  /** The `alg` of proofs, where they are signed; `undefined` where they are not. */
  readonly algorithms?: ReadonlySet<string> | undefined
  /** Every token must be bound in this way. */
  readonly required: boolean
  /** Parameters for the challenge of this scheme, beside those of every challenge. */
  readonly challenge: readonly (readonly [name: string, value: string])[]
  /** Checks the proof of a request. Asked after everything that can refuse the token alone. */
  check(context: ProofContext): Proven | Refusal | Promise<Proven | Refusal>
}

/** What a verifier gives to a proof method. */
export interface ProofParts {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** `undefined` where nobody said. */
  readonly baseUrl: BaseUrl | undefined
}

/**
 * A kind of proof of possession, as the option `proofs` takes it: `dpop(…)`. A later kind is one file that makes one.
 *
 * @throws ConfigError where the verifier lacks an option that the method needs
 */
export type ProofFactory = (parts: ProofParts) => ProofMethod
