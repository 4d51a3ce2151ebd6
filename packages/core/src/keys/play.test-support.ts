import { isRefusal } from '../refusal.js'
import type { Occasion } from './cache.js'
import { Demand } from './fetch-log.test-support.js'
import { FakeIssuer, ISSUER } from './issuer.test-support.js'
import { Judge, type Must } from './judge.test-support.js'
import { Lab, query } from './lab.test-support.js'
import { Model, type Held, type Moment } from './model.test-support.js'
import type { Lease } from './registry.js'
import type { Setup, Step } from './schedule.test-support.js'
import { StrangeStore } from './strange-store.test-support.js'
import { Watch } from './watch.test-support.js'

const STORE_MS = 250

/** One schedule, played. Notes every invariant that is seen to be broken. */
export class Play {
  readonly broken: string[] = []
  readonly #setup: Setup
  readonly #lab = new Lab()
  readonly #model: Model
  readonly #judge: Judge
  readonly #issuer: FakeIssuer
  readonly #demand = new Demand()
  readonly #watch: Watch
  readonly #store: StrangeStore
  readonly #leases: (Lease | undefined)[] = []
  #forwardJumps = 0
  #waiting = 0

  constructor(setup: Setup) {
    const lab = this.#lab
    const now = (): Moment => this.#now()
    this.#setup = setup
    lab.random = setup.random
    this.#model = new Model(setup, now)
    this.#judge = new Judge(this.#model, this.#must)
    this.#issuer = new FakeIssuer(setup.form)
    this.#store = new StrangeStore(
      lab,
      this.#model,
      now,
      setup.form === undefined ? 'https://idp.example/jwks' : '',
    )
    this.#store.mood = setup.store ?? 'works'
    this.#watch = new Watch({
      setup,
      lab,
      model: this.#model,
      issuer: this.#issuer,
      demand: this.#demand,
      now,
      must: this.#must,
    })
    this.#open(0)
    this.#open(1)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      // oxlint-disable-next-line no-await-in-loop -- a schedule is one step after the other
      await this.#step(step)
      // oxlint-disable-next-line no-await-in-loop
      await this.#lab.advance(0)
      this.#check()
    }
    await this.#lab.advance(4 * this.#setup.fetchTimeoutMs)
    this.#must(this.#waiting === 0, '10', 'every request gets an answer')
    this.#check()
  }

  #must: Must = (holds, invariant, what) => {
    if (!holds) this.broken.push(`${invariant}: ${what} (at ${this.#lab.time})`)
  }

  #now(): Moment {
    const { time } = this.#lab
    return { wall: this.#lab.now(), monotonic: time, forward: time + this.#forwardJumps }
  }

  async #step(step: Step): Promise<void> {
    switch (step.do) {
      case 'pass':
        return this.#lab.advance(step.ms)
      case 'set the wall clock':
        this.#lab.wallOffset += step.by
        this.#forwardJumps += Math.max(0, step.by)
        return undefined
      case 'ask':
        for (const kid of step.kids) {
          this.#ask(kid, step.verifier, this.#occasion(step.waitUntil))
          // oxlint-disable-next-line no-await-in-loop -- one request after the other
          await this.#lab.advance(step.everyMs)
        }
        return undefined
      case 'suspect':
        for (let i = 0; i < step.times; i += 1) {
          this.#watch.called()
          this.#anyLease()?.source.suspect(this.#occasion(step.waitUntil))
          // oxlint-disable-next-line no-await-in-loop -- one request after the other
          await this.#lab.advance(step.everyMs)
        }
        return undefined
      case 'ready':
        return this.#callReady()
      case 'refresh':
        return this.#callRefresh()
      case 'restart':
        for (const verifier of [0, 1] as const) this.#close(verifier)
        for (const verifier of [0, 1] as const) this.#open(verifier)
        return undefined
      case 'revoke':
        this.#anyLease()?.source.revoke(step.kid)
        if (this.#anyLease()) this.#model.revoke(step.kid)
        return undefined
      case 'be an issuer':
        this.#issuer.keysMood = step.mood
        return undefined
      case 'have metadata':
        this.#issuer.metadataMood = step.mood
        return undefined
      case 'close':
        return this.#close(step.verifier)
      case 'open':
        return this.#open(step.verifier)
      case 'be a store':
        this.#store.mood = step.mood
        return undefined
      case 'plant':
        return this.#store.plant(step.what, step.keys)
    }
  }

  #open(verifier: 0 | 1): void {
    const setup = this.#setup
    const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs, waitMs, fetchTimeoutMs, form, isolated } = setup
    const figures = { ttlMs, staleWhileRevalidateMs, staleIfErrorMs, waitMs, fetchTimeoutMs }
    this.#leases[verifier] ??= this.#lab.open(
      { ...figures, store: setup.store && this.#store },
      {
        issuer: ISSUER,
        where: form === undefined ? { kind: 'jwksUri', url: this.#issuer.jwksUri } : { kind: 'discovery' },
        fetch: this.#watch.fetch,
        isolated,
      },
    )
  }

  #close(verifier: 0 | 1): void {
    const lease = this.#leases[verifier]
    if (lease === undefined) return
    this.#leases[verifier] = undefined
    if (this.#anyLease() === undefined) {
      this.#watch.closed()
      this.#store.closed()
      this.#model.forget()
    }
    lease.release()
    const found = lease.source.find(query('a'))
    this.#must(isRefusal(found) && found.code === 'keys_unavailable', '10', 'after close there are no keys')
  }

  #anyLease(): Lease | undefined {
    return this.#leases.find((lease) => lease !== undefined)
  }

  #occasion(waitUntil: boolean): Occasion {
    return waitUntil ? { waitUntil: (work: Promise<unknown>) => void work } : {}
  }

  #callReady(): void {
    const { source } = this.#anyLease() ?? {}
    if (source === undefined) return
    this.#watch.called()
    this.#await(source.ready(), () => undefined)
  }

  #callRefresh(): void {
    const { source } = this.#anyLease() ?? {}
    if (source === undefined) return
    const order = { from: this.#now().forward, to: Number.POSITIVE_INFINITY }
    this.#demand.orders.push(order)
    this.#watch.called()
    this.#await(source.refresh(), (answer) => {
      order.to = this.#now().forward
      this.#must(
        answer === undefined || answer.code === 'keys_unavailable',
        '10',
        'a documented answer to refresh',
      )
    })
  }

  #ask(kid: string | undefined, verifier: 0 | 1, occasion: Occasion): void {
    const lease = this.#leases[verifier]
    if (lease === undefined) return
    const asked = this.#lab.time
    const held = this.#model.usable()
    const isKnown = this.#knows(held, kid)
    this.#watch.called()
    const found = lease.source.find(query(kid), occasion)
    if (found instanceof Promise) {
      const mayWait =
        held === undefined || !isKnown || this.#model.ages(held).age >= this.#model.windows(held).swrEndMs
      this.#must(mayWait, '5', 'a known kid waits')
      this.#await(found, (answer) => {
        const waited = this.#lab.time - asked
        this.#must(waited <= 2 * this.#setup.waitMs + STORE_MS, '10', 'the answer comes late')
        // Of two sets at the moment of a swap both have to have it, and the one that stays has to be of use.
        const sets = [this.#model.usable(), ...this.#model.inUse()]
        const stillKnown = isKnown && sets.every((set) => this.#knows(set, kid))
        this.#judge.answer(answer, { isOpen: this.#leases.includes(lease), isKnown: stillKnown })
      })
      return
    }
    this.#judge.answer(found, { isOpen: true, isKnown })
    const isFresh = held !== undefined && this.#model.ages(held).age < 0.75 * this.#model.windows(held).ttlMs
    if (isRefusal(found) && isFresh)
      this.#must(found.code === 'key_unknown', '10', 'fresh keys are available')
  }

  /** Whether the answer has to be a key. */
  #knows(held: Held | undefined, kid: string | undefined): boolean {
    const named = held?.keys.filter((key) => key.kid === kid) ?? []
    return named.length > 0 && named.every((key) => !this.#model.isRevoked(key))
  }

  #await<T>(promise: Promise<T>, check: (answer: T) => void): void {
    this.#waiting += 1
    const landed = (answer: T): void => {
      this.#waiting -= 1
      check(answer)
    }
    void promise.then(landed, () => this.#must(false, '10', 'nothing is thrown'))
  }

  #check(): void {
    this.#watch.check(this.#waiting)
    const { source } = this.#anyLease() ?? {}
    if (source) this.#judge.status(source.status())
  }
}
