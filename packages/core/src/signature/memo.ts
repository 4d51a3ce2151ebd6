import type { Facts } from '../auth.js'
import type { VerificationKey } from '../keys/verification-key.js'
import { copyText } from '../token/copy-text.js'
import type { UnverifiedToken } from '../token/decode.js'
import type { Signed, VerifiedToken } from './verify-signature.js'

/** What is remembered of a token. */
export interface Remembered {
  /** The token itself: this very text was signed. */
  readonly text: string
  /** The key that signed it. */
  readonly key: VerificationKey
  /** What was read of it. Kept from the second time on: of a flood of tokens most come once. */
  token: VerifiedToken | undefined
  /** What `Auth` says of it; `undefined` as well where a function of the user has a part in it. */
  facts: Facts | undefined
}

/** How much is remembered. */
export interface MemoLimits {
  readonly maxEntries: number
  /** Characters of all tokens together. */
  readonly maxBytes: number
}

/** A longer token is checked each time. */
const MAX_TOKEN_LENGTH = 8 * 1024

/** So much of the end of a signature is hashed for the look-up; then the whole tokens are compared. */
const TAIL_LENGTH = 32

interface Entry extends Remembered {
  readonly tail: string
  /** Asked for since the hand came by. */
  wanted: boolean
  newer: Entry | undefined
  older: Entry | undefined
}

/**
 * Remembers which tokens were signed, so that one that comes again need not be checked again. Forgets by SIEVE: a
 * hand goes from old to new and takes what nobody asked for since it last came by, so that a stream of tokens which
 * come once does not push out those that come often.
 */
export class SignatureMemo {
  readonly #limits: MemoLimits
  readonly #entries = new Map<string, Entry>()
  #newest: Entry | undefined
  #oldest: Entry | undefined
  #hand: Entry | undefined
  #bytes = 0

  constructor(limits: MemoLimits) {
    this.#limits = limits
  }

  /** Finds what is remembered of exactly this text. */
  find(text: string): Remembered | undefined {
    const entry = this.#entries.get(text.slice(-TAIL_LENGTH))
    // Two tokens may end alike: only the whole text says that it is this one.
    if (entry === undefined || entry.text !== text) return undefined
    entry.wanted = true
    return entry
  }

  /** Remembers that a key signed a text, and forgets others where there is no room. */
  add(given: string, key: VerificationKey): void {
    const { length } = given
    const { maxEntries, maxBytes } = this.#limits
    if (length > MAX_TOKEN_LENGTH || length > maxBytes) return
    const text = copyText(given)
    const tail = text.slice(-TAIL_LENGTH)
    this.#remove(this.#entries.get(tail))
    while (this.#entries.size >= maxEntries || this.#bytes + length > maxBytes) this.#evict()
    const older = this.#newest
    const entry: Entry = {
      text,
      key,
      token: undefined,
      facts: undefined,
      tail,
      wanted: false,
      newer: undefined,
      older,
    }
    if (older) older.newer = entry
    this.#newest = entry
    this.#oldest ??= entry
    this.#entries.set(tail, entry)
    this.#bytes += length
  }

  /** Forgets a token. */
  forget(text: string): void {
    const entry = this.#entries.get(text.slice(-TAIL_LENGTH))
    if (entry?.text === text) this.#remove(entry)
  }

  #evict(): void {
    let entry = this.#hand ?? this.#oldest
    while (entry?.wanted) {
      entry.wanted = false
      entry = entry.newer ?? this.#oldest
    }
    this.#hand = entry?.newer
    this.#remove(entry)
  }

  #remove(entry: Entry | undefined): void {
    if (entry === undefined) return
    const { newer, older } = entry
    if (this.#hand === entry) this.#hand = newer
    if (newer) newer.older = older
    else this.#newest = older
    if (older) older.newer = newer
    else this.#oldest = newer
    this.#entries.delete(entry.tail)
    this.#bytes -= entry.text.length
  }
}

/** Takes a token that is remembered for verified: its text is the one that the key signed. */
export function signedAgain({ text, key }: Remembered, token: UnverifiedToken): Signed | undefined {
  return token.text === text ? { token: token as VerifiedToken, key } : undefined
}

/** Keeps what was read of a token that came again. `facts`: `undefined` where they are to be read each time. */
export function keepReading(remembered: Remembered, token: VerifiedToken, facts: Facts | undefined): void {
  const { header, alg, kid, claims } = token
  remembered.token = {
    text: remembered.text,
    header,
    alg,
    kid,
    claims,
    isHeaderKnown: true,
  } as VerifiedToken
  remembered.facts = facts
}
