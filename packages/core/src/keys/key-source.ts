import type { Refusal } from '../refusal.js'
import type { Algorithm } from '../signature/algorithms.js'
import type { VerificationKey } from './verification-key.js'

/** What a token asks of the key set. `kid` and `alg` only select among keys that are already trusted. */
export interface KeyQuery {
  readonly kid: string | undefined
  readonly alg: Algorithm
  /** The allow-list of the issuer: decides the algorithm of a JWK that does not name its own. */
  readonly algorithms: ReadonlySet<Algorithm>
}

/** The keys that may have signed the token (1 to 4), or why there are none. */
export type KeyLookup = readonly VerificationKey[] | Refusal

/** Where the keys of one issuer come from: a JWKS URL, a JWKS in the options, or a secret. */
export interface KeySource {
  /**
   * Finds the candidates. A promise only where the request has to wait.
   *
   * @throws ConfigError where keys given as an option hold none that can be used.
   */
  find(query: KeyQuery): KeyLookup | Promise<KeyLookup>
  /** Whether a key is still a candidate: asked again after every wait, before it may admit anything. */
  holds(query: KeyQuery, key: VerificationKey): boolean
  /**
   * Fetches or imports ahead of the first request. Resolves also where the issuer is down (`status()` tells).
   *
   * @throws ConfigError where keys given as an option hold none that can be used.
   */
  ready(): Promise<void>
  status(): SourceStatus
}

/** What an operator sees of a key source. Nothing of a `secret` is in it. */
export interface SourceStatus {
  readonly issuer: string
  readonly state: 'EMPTY' | 'FRESH' | 'SWR' | 'MUST_REVALIDATE' | 'EXPIRED' | 'CLOSED' | 'STATIC'
  /** Counts the key sets that were swapped in; 0 before the first. */
  readonly generation: number
  /** The `kid`s of the keys that can be used; keys without one are not listed. */
  readonly kids: readonly string[]
  readonly ageMs: number | undefined
  readonly freshForMs: number | undefined
  readonly staleUntilMs: number | undefined
  /** Failed attempts since the last success. */
  readonly failures: number
  /** Why the last attempt failed: a word of ours, never the upstream's message. */
  readonly lastError: string | undefined
  /** Milliseconds until the next attempt is allowed; 0: at once. */
  readonly nextAttemptMs: number
}
