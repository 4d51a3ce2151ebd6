import { isRefusal } from '../refusal.js'
import type { PublicKey } from './issuer.test-support.js'
import type { KeyLookup, SourceStatus } from './key-source.js'
import type { Model } from './model.test-support.js'
import type { PublishedKey } from './published-key.js'

/** The invariants, by number; 11 is the promise of `revokeKey`. */
export const INVARIANTS = [
  '1: one fetch in flight per source; per request in an isolate',
  '2: fetches are bounded in every window, whatever tokens arrive',
  '3: a key absent from the latest successful set is never used after the swap',
  '4: no key is used at an age beyond ttl + sie',
  '5: a known kid in FRESH, AHEAD or SWR never waits',
  '6: a failed, empty or oversized response never removes keys',
  '7: what a token says never influences a URL',
  '8: nothing but a fetch under way keeps the event loop alive',
  '9: time going backwards never extends validity',
  '10: every outcome has one documented code, in time',
  '11: a revoked key is never used again',
] as const

type Invariant = (typeof INVARIANTS)[number] extends `${infer N}: ${string}` ? N : never

/** Tells of an invariant that does not hold. */
export type Must = (holds: boolean, invariant: Invariant, what: string) => void

/** Holds what a source says against what the model says. */
export class Judge {
  readonly #model: Model
  readonly #must: Must

  constructor(model: Model, must: Must) {
    this.#model = model
    this.#must = must
  }

  /** An answer; `isKnown`: the kid is that of a key which may be used. */
  answer(
    answer: KeyLookup,
    { isOpen, isKnown }: { readonly isOpen: boolean; readonly isKnown: boolean },
  ): void {
    const inUse = this.#model.inUse()
    if (!isRefusal(answer)) {
      this.#must(isOpen, '10', 'a closed verifier gives keys')
      for (const key of answer) this.#checkUse(key as PublishedKey)
      return
    }
    const { code, retryAfter } = answer
    const comeAgain = Number.isInteger(retryAfter) && Number(retryAfter) >= 1 && Number(retryAfter) <= 60
    this.#must(
      code === 'keys_unavailable' ? comeAgain : code === 'key_unknown' && retryAfter === undefined,
      '10',
      `${code} with retryAfter ${retryAfter}`,
    )
    const noKeys = !isOpen || inUse.length === 0
    this.#must(!noKeys || code === 'keys_unavailable', '10', 'without keys it is not the token')
    this.#must(!isKnown || !isOpen || inUse.length === 0, '6', 'a good key is there and is not found')
  }

  /** What an operator sees, at any moment. */
  status(status: SourceStatus): void {
    const held = this.#model.usable()
    const kids = held?.keys.filter((key) => !this.#model.isRevoked(key)).map(({ kid }) => kid) ?? []
    const missing = kids.filter((kid) => !status.kids.includes(kid))
    const extra = status.kids.filter((kid) => !held?.keys.some((key) => key.kid === kid))
    this.#must(missing.length === 0, '6', `${missing.join()} left without a good answer`)
    this.#must(held === undefined || extra.length === 0, '3', `${extra.join()} stayed`)
    const isBack = extra.length > 0 && held === undefined
    this.#must(!isBack, this.#model.isLateByWall() ? '4' : '9', 'keys past their end')
    if (held === undefined || status.ageMs === undefined) return
    this.#must(status.ageMs >= this.#model.ages(held).monotonic, '9', 'a clock makes keys younger')
  }

  #checkUse(used: PublishedKey): void {
    const key: PublicKey = { kid: used.kid ?? '', seed: seedOf(used) }
    this.#must(!this.#model.isRevoked(key), '11', 'a revoked key')
    const is = ({ kid, seed }: PublicKey): boolean => kid === key.kid && seed === key.seed
    if (this.#model.inUse().some(({ keys }) => keys.some(is))) return
    const { last } = this.#model
    if (key.seed === 'future') return this.#must(false, '9', 'a key of a day to come')
    if (key.seed === 'old') return this.#must(false, '4', 'a key that was too old for its store')
    if (last === undefined || !last.keys.some(is)) return this.#must(false, '3', 'a key of no set in use')
    const { wall } = this.#model.ages(last)
    if (wall >= this.#model.windows(last).endMs) return this.#must(false, '4', 'a key past its end')
    return this.#must(false, '9', 'a key past its end, by the clock that did not go back')
  }
}

/** What a key was made from: `ecJwk` writes it into its numbers. */
function seedOf({ jwk }: PublishedKey): string {
  const x = jwk.kty === 'EC' ? jwk.x : ''
  return Buffer.from(x, 'base64url').toString().replace(/\.+$/, '')
}
