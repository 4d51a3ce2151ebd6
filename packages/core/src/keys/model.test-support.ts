import type { PublicKey, Said } from './issuer.test-support.js'
import type { Setup } from './schedule.test-support.js'

/** A moment on both clocks, and on one that only ever goes on, by all that either of them went on. */
export interface Moment {
  readonly wall: number
  readonly monotonic: number
  readonly forward: number
}

/** A set of keys that the source was given, by the issuer or by its store. */
export interface Held {
  readonly keys: readonly PublicKey[]
  readonly said: Said | undefined
  readonly sentAt: Moment
  /** The number of the request that brought it; 0 for one from the store. */
  readonly number: number
  readonly tag: string
}

/** Which window an age is in, as the documentation says. */
export interface ModelWindows {
  readonly ttlMs: number
  readonly swrEndMs: number
  readonly endMs: number
}

const MINUTE = 60_000

/** What must be so, worked out from what was sent and said alone: a second opinion on the key set. */
export class Model {
  readonly #setup: Setup
  readonly #now: () => Moment
  readonly #revokedSeeds = new Set<string>()
  readonly #awaited = new Set<string>()
  /** The last set with each validator. */
  readonly #byTag = new Map<string, Held>()
  /** The latest set, whether or not it may still be used. */
  last: Held | undefined
  /** The set before it. */
  #previous: Held | undefined
  #swappedAt = -1
  /** When a swap last ended a time in which a refresh was due. */
  lastDue = 0
  /** It was seen to be too old: no clock makes it young again. */
  expired = true

  constructor(setup: Setup, now: () => Moment) {
    this.#setup = setup
    this.#now = now
  }

  windows({ said }: Held): ModelWindows {
    const { ttlMs: fixed, staleIfErrorMs, staleWhileRevalidateMs } = this.#setup
    const ttlMs = fixed ?? Math.min(Math.max(said?.maxAgeMs ?? 10 * MINUTE, MINUTE), 60 * MINUTE)
    const sieMs = Math.min(staleIfErrorMs, said?.staleIfErrorMs ?? Number.POSITIVE_INFINITY)
    return { ttlMs, swrEndMs: ttlMs + Math.min(staleWhileRevalidateMs ?? ttlMs, sieMs), endMs: ttlMs + sieMs }
  }

  /** How old a set is by each clock. */
  ages({ sentAt }: Held): { readonly wall: number; readonly monotonic: number; readonly age: number } {
    const { wall, monotonic } = this.#now()
    const ages = { wall: wall - sentAt.wall, monotonic: monotonic - sentAt.monotonic }
    return { ...ages, age: Math.max(ages.wall, ages.monotonic, 0) }
  }

  /** The set that may be used now. */
  usable(): Held | undefined {
    const { last } = this
    if (last === undefined || this.expired) return undefined
    this.expired = this.ages(last).age >= this.windows(last).endMs
    return this.expired ? undefined : last
  }

  /** Those that a look-up may have gone by which ends now: at the moment of a swap there are two. */
  inUse(): readonly Held[] {
    const usable = this.usable()
    const before = this.#swappedAt === this.#now().monotonic ? this.#previous : undefined
    return [usable, before].filter((held) => held !== undefined)
  }

  /** Whether the wall clock, too, says that the latest set is past its end. */
  isLateByWall(): boolean {
    return this.last !== undefined && this.ages(this.last).wall >= this.windows(this.last).endMs
  }

  /** Whether a refresh is due: what may be asked for without a token of a bucket. */
  isDue(): boolean {
    const usable = this.usable()
    return usable === undefined || this.ages(usable).age >= 0.75 * this.windows(usable).ttlMs
  }

  /** The issuer answered well. `undefined` keys: those that it gave the tag to. */
  succeed(answer: Omit<Held, 'keys'> & { readonly keys: readonly PublicKey[] | undefined }): void {
    const known = this.#byTag.get(answer.tag)
    const keys = answer.keys ?? known?.keys ?? []
    if (this.last !== undefined && answer.number < this.last.number) return
    this.#swap({ ...answer, keys, said: answer.said ?? (answer.keys ? undefined : known?.said) })
  }

  /** The store gave something; tells whether it is to be used. */
  restore(held: Omit<Held, 'number'>): void {
    const kept = { ...held, number: 0 }
    const { wall, age } = this.ages(kept)
    if (this.usable() !== undefined || wall < 0 || age >= this.windows(kept).endMs) return
    // What is no newer than a set that ran out has run out as well, whatever the clock says now.
    if (this.last !== undefined && held.sentAt.wall <= this.last.sentAt.wall) return
    this.#swap(kept)
    // A 304 that says nothing of its freshness goes by the defaults.
    if (held.tag !== '') this.#byTag.set(held.tag, { ...kept, said: undefined })
  }

  #swap(held: Held): void {
    if (this.isDue()) this.lastDue = this.#now().monotonic
    this.#previous = this.usable()
    this.#swappedAt = this.#now().monotonic
    this.last = held
    this.expired = false
    if (held.tag !== '') this.#byTag.set(held.tag, held)
    for (const { kid, seed } of held.keys) if (this.#awaited.delete(kid)) this.#revokedSeeds.add(seed)
    this.usable()
  }

  revoke(kid: string): void {
    const named = this.usable()?.keys.filter((key) => key.kid === kid) ?? []
    if (named.length === 0) this.#awaited.add(kid)
    for (const { seed } of named) this.#revokedSeeds.add(seed)
  }

  isRevoked({ kid, seed }: PublicKey): boolean {
    return this.#awaited.has(kid) || this.#revokedSeeds.has(seed)
  }

  /** The source is no more. */
  forget(): void {
    this.last = undefined
    this.#previous = undefined
    this.expired = true
  }
}
