import type { Refusal } from '../refusal.js'
import type { Algorithm } from '../signature/algorithms.js'
import type { Occasion } from './cache.js'
import type { VerificationKey } from './verification-key.js'
import type { WindowState } from './window.js'

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
   * Finds the candidates. A promise only where the request has to wait. A fetch that it starts is handed to
   * the `waitUntil` of the request, where there is one.
   *
   * @throws ConfigError where keys given as an option hold none that can be used.
   */
  find(query: KeyQuery, occasion?: Occasion): KeyLookup | Promise<KeyLookup>
  /** Whether a key is still a candidate: asked again after every wait, before it may admit anything. */
  holds(query: KeyQuery, key: VerificationKey): boolean
  /** Hears that a signature was bad: the issuer may have a new key under an old `kid`. Nobody waits for it. */
  suspect(occasion?: Occasion): void
  /**
   * Fetches or imports ahead of the first request. Resolves also where the issuer is down (`status()` tells).
   *
   * @throws ConfigError where keys given as an option hold none that can be used.
   */
  ready(): Promise<void>
  /** Asks the issuer now, whatever the windows and the back-off say. Gives the refusal where that failed. */
  refresh(): Promise<Refusal | undefined>
  /**
   * Uses the keys published under a `kid` no more, until the process ends.
   *
   * @throws ConfigError where keys have no `kid`: those of a `secret`.
   */
  revoke(kid: string): void
  status(): SourceStatus
}

/** What an operator sees of a key source. Nothing of a `secret` is in it. */
export interface SourceStatus {
  readonly issuer: string
  readonly state: WindowState | 'CLOSED' | 'STATIC'
  /** Milliseconds until the next state, if nothing is fetched; `undefined` where time changes nothing. */
  readonly stateEndsMs: number | undefined
  /** Counts the key sets that were swapped in; 0 before the first. */
  readonly generation: number
  /** The `kid`s of the keys that can be used; keys without one are not listed. */
  readonly kids: readonly string[]
  readonly ageMs: number | undefined
  /** Milliseconds for which no request waits for the issuer because of the age of the keys. */
  readonly freshForMs: number | undefined
  /** Milliseconds for which the keys may be used while the issuer is down. */
  readonly staleUntilMs: number | undefined
  /** Failed attempts since the last success. */
  readonly failures: number
  /** Why the last attempt failed: a word of ours, never the upstream's message. */
  readonly lastError: string | undefined
  /** Whether a fetch is under way. */
  readonly fetching: boolean
  /** Milliseconds until the next attempt is allowed; 0: at once. */
  readonly nextAttemptMs: number
}
