import { ISSUER, type PublicKey } from './issuer.test-support.js'
import { ecJwk, type Lab } from './lab.test-support.js'
import type { Held, Model, Moment } from './model.test-support.js'
import type { Planted, StoreMood } from './schedule.test-support.js'
import type { KeyStore } from './store.js'

const MINUTE = 60_000

interface Entry {
  readonly text: string
  /** What it stands for; `undefined`: nothing that may be used. */
  readonly held: Omit<Held, 'number'> | undefined
}

/** A store of one entry that can be slow, broken and full of lies. Tells the model what it gave in time. */
export class StrangeStore implements KeyStore {
  mood: StoreMood = 'works'
  readonly #lab: Lab
  readonly #model: Model
  readonly #now: () => Moment
  readonly #jwksUri: string
  #entry: Entry | undefined
  #life = 0

  /** `jwksUri` is empty where it is discovered. */
  constructor(lab: Lab, model: Model, now: () => Moment, jwksUri: string) {
    this.#lab = lab
    this.#model = model
    this.#now = now
    this.#jwksUri = jwksUri
  }

  get(): string | undefined | Promise<string | undefined> {
    const entry = this.#entry
    const { mood } = this
    switch (mood) {
      case 'works':
        this.#give(entry)
        return entry?.text
      case 'slow':
      case 'late': {
        const life = this.#life
        return new Promise((resolve) => {
          const answer = (): void => {
            if (mood === 'slow' && life === this.#life) this.#give(entry)
            resolve(entry?.text)
          }
          this.#lab.runtime.after(mood === 'slow' ? 200.5 : 400.5, answer, false)
        })
      }
      case 'hangs':
        return new Promise(() => undefined)
      case 'throws':
        throw new Error('no store')
    }
  }

  set(_key: string, text: string): void {
    if (this.mood === 'throws') throw new Error('no store')
    this.#entry = { text, held: this.#model.last }
  }

  /** The source that asked it is no more. */
  closed(): void {
    this.#life += 1
  }

  plant(what: Planted, keys: readonly PublicKey[]): void {
    const { wall } = this.#now()
    const ages = { stale: 20 * MINUTE, fresh: MINUTE, future: -MINUTE, old: 26 * 60 * MINUTE }
    const age = what in ages ? ages[what as keyof typeof ages] : 0
    // What must not be used is made from keys that can be told from all others.
    const isGood = what === 'stale' || what === 'fresh'
    const made = isGood ? keys : keys.map(({ kid }) => ({ kid, seed: what }))
    const fetchedAt = wall - age
    const entry = {
      v: what === 'version' ? 2 : 1,
      url: what === 'foreign' ? 'http://idp.example/jwks' : this.#jwksUri || new URL('/jwks', ISSUER).href,
      jwks: {
        keys: made.map(({ kid, seed }) => ({
          ...ecJwk(kid, seed),
          ...(what === 'unusable' && { use: 'enc' }),
        })),
      },
      fetchedAt,
      etag: `"planted ${keys.length}"`,
      ttlMs: 10 * MINUTE,
      staleIfErrorMs: 60 * MINUTE,
    }
    const said = { maxAgeMs: entry.ttlMs, staleIfErrorMs: entry.staleIfErrorMs }
    const sentAt = { wall: fetchedAt, monotonic: 0, forward: 0 }
    this.#entry = {
      text: what === 'broken' ? JSON.stringify(entry).slice(0, -9) : JSON.stringify(entry),
      held: what in ages ? { keys: made, said, sentAt, tag: entry.etag } : undefined,
    }
  }

  #give(entry: Entry | undefined): void {
    if (entry?.held === undefined) return
    // Its age is what its text says: what the process that wrote it knew of its own clock is gone.
    const { wall, monotonic, forward } = this.#now()
    const age = wall - entry.held.sentAt.wall
    const { ttlMs, endMs } = this.#model.windows({ ...entry.held, number: 0 })
    this.#model.restore({
      ...entry.held,
      said: { maxAgeMs: ttlMs, staleIfErrorMs: endMs - ttlMs },
      sentAt: { wall: entry.held.sentAt.wall, monotonic: monotonic - age, forward: forward - age },
    })
  }
}
