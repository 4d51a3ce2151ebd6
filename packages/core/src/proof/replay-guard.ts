import { RUNTIME, type Runtime } from '../keys/clock.js'
import { copyText } from '../token/copy-text.js'
import { capacityOf, type ReplayStore } from './replay-store.js'
import { sha256 } from './sha256.js'

/** What is known of a proof: that it is used for the `first` time, or why it may not be used. */
export type ReplayVerdict = 'first' | 'again' | 'too many' | 'unavailable'

/** Unexpired proofs of one key, where nobody says otherwise: 150 a second, where a proof holds for a minute. */
const MAX_PROOFS = 10_000

/** Proofs that expire within the same time are counted together. */
const SLOT_MS = 5_000

/** So long a store may take. */
const PATIENCE_MS = 1_000

/** Longer than any window of time in which a proof may be used: of what lasts longer nothing is kept. */
const MAX_TTL_MS = 3_600_000

/** Of the holders without an unexpired proof so many leave with each claim: more than come with it. */
const SWEEP = 2

/** Proofs of one holder that expire within the same 5 s. */
interface Slot {
  readonly end: number
  count: number
}

/**
 * Asks a store whether a proof is new, and lets no key holder have more than 10,000 unexpired proofs in it: one that
 * goes over its bound is refused, and nobody else notices.
 *
 * Its own memory is bounded, whatever comes. Of a holder it keeps no proofs, only how many expire in each slot of 5 s:
 * one number per slot, so a dozen for proofs that hold a minute. (A proof is so counted up to 5 s too long.) Of
 * holders it keeps at most as many as the store has entries; each claim drops up to two whose proofs have all expired,
 * beginning with the one that was here longest ago. Where there is no room for another holder, the answer is
 * `unavailable`.
 */
export class ReplayGuard {
  readonly #store: ReplayStore
  readonly #runtime: Pick<Runtime, 'monotonic' | 'after'>
  readonly #maxHolders: number
  readonly #maxProofs: number
  /** By `jkt`; the one that was here longest ago stands first. */
  readonly #holders = new Map<string, readonly Slot[]>()

  constructor(
    store: ReplayStore,
    runtime: Pick<Runtime, 'monotonic' | 'after'> = RUNTIME,
    maxProofs: number = MAX_PROOFS,
  ) {
    this.#store = store
    this.#runtime = runtime
    this.#maxHolders = capacityOf(store)
    this.#maxProofs = maxProofs
  }

  /** How many holders are known. */
  get holders(): number {
    return this.#holders.size
  }

  /** How many counts are kept for them. */
  get slots(): number {
    return [...this.#holders.values()].reduce((sum, slots) => sum + slots.length, 0)
  }

  /**
   * Claims the proof with this `jti` of the key with this thumbprint (`jkt`) for `ttlMs` milliseconds. Never rejects:
   * a store that throws, rejects, answers no boolean or takes longer than a second is `unavailable`.
   */
  async claim(jkt: string, jti: string, ttlMs: number): Promise<ReplayVerdict> {
    const slot = this.#take(jkt, ttlMs)
    if (typeof slot === 'string') return slot
    const asked = this.#ask(await storeKey(jkt, jti), Math.max(1, Math.ceil(ttlMs)))
    const isFirst = typeof asked === 'boolean' ? settle(asked, slot) : await this.#wait(asked, slot)
    if (isFirst === undefined) return 'unavailable'
    return isFirst ? 'first' : 'again'
  }

  /** Takes a place for one more proof, before anything is waited for: claims at once do not pass the bound together. */
  #take(jkt: string, ttlMs: number): Slot | ReplayVerdict {
    const now = this.#runtime.monotonic()
    this.#sweep(now)
    if (!(ttlMs <= MAX_TTL_MS)) return 'unavailable'
    const known = this.#holders.get(jkt)
    const slots = known?.filter(({ end }) => end > now) ?? []
    if (slots.reduce((sum, { count }) => sum + count, 0) >= this.#maxProofs) return 'too many'
    if (known === undefined && this.#holders.size >= this.#maxHolders) return 'unavailable'
    const end = Math.ceil((now + ttlMs) / SLOT_MS) * SLOT_MS
    const slot = slots.find((other) => other.end === end) ?? { end, count: 0 }
    slot.count += 1
    if (slot.count === 1 && !slots.includes(slot)) slots.push(slot)
    this.#holders.delete(jkt) // to the end of the line
    this.#holders.set(known === undefined ? copyText(jkt) : jkt, slots)
    return slot
  }

  #sweep(now: number): void {
    let left = SWEEP
    for (const [jkt, slots] of this.#holders) {
      if (left === 0 || slots.some(({ end }) => end > now)) return
      this.#holders.delete(jkt)
      left -= 1
    }
  }

  #ask(key: string, ttlMs: number): unknown {
    try {
      return this.#store.claim(key, ttlMs)
    } catch {
      return undefined
    }
  }

  /** Waits for an answer, for a second. The place is given back or kept by what the store says, also when it is late. */
  async #wait(asked: unknown, slot: Slot): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#runtime.after(PATIENCE_MS, () => resolve(undefined), true)
      const finish = (answer: unknown): void => {
        cancel()
        resolve(settle(answer, slot))
      }
      Promise.resolve(asked).then(finish, () => finish(undefined))
    })
  }
}

/** Reads the answer of a store. Only a new proof counts: whoever sends one again takes nothing from its holder. */
function settle(answer: unknown, slot: Slot): boolean | undefined {
  if (answer !== true) slot.count -= 1
  return typeof answer === 'boolean' ? answer : undefined
}

/** What a store knows a proof by: always of the same length, and no two pairs have the same. */
function storeKey(jkt: string, jti: string): Promise<string> {
  return sha256(JSON.stringify([jkt, jti]))
}
