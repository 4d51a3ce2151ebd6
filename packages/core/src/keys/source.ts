import type { Observer } from '../events.js'
import { isRefusal, refuse, type Refusal } from '../refusal.js'
import { Announcer } from './announcer.js'
import { Cache, type Flight, type Landing, type Occasion, type Snapshot } from './cache.js'
import type { Clock } from './clock.js'
import type { Transport } from './fetch.js'
import { isAmong, keepKeys, selectKeys, usableKids, type KeySet } from './key-set.js'
import type { KeyLookup, KeyQuery, KeySource, SourceStatus } from './key-source.js'
import { Loader } from './loader.js'
import { NegativeKids, type Backoff, type Bucket } from './limits.js'
import type { ResolvedKeySetOptions } from './options.js'
import type { PublishedKey } from './published-key.js'
import type { Revocations } from './revocations.js'
import type { VerificationKey } from './verification-key.js'
import { freshForMs, usableForMs, windowEndsInMs, windowsOf } from './window.js'

const MAX_WAITING = 1_000
const EMPTY_BACKOFF_CAP_MS = 10_000

/** How often the issuer may be asked. One for all sources of a URL. */
export interface Allowance {
  /** For `kid`s that are not held. */
  readonly demand: Bucket
  /** For signatures that are bad. */
  readonly signature: Bucket
  readonly backoff: Backoff
}

/** What a remote source is made of. */
export interface RemoteParts {
  readonly issuer: string
  /** Where the JWKS is; `undefined`: the issuer's metadata says it. */
  readonly jwksUri: string | undefined
  /** Origins beside the issuer's own that a discovered JWKS may be on; `undefined`: any. */
  readonly jwksOrigins: readonly string[] | undefined
  readonly options: ResolvedKeySetOptions
  readonly clock: Clock
  readonly transport: Transport
  /** Requests share no promises here: each fetches for itself. */
  readonly isolated: boolean
  readonly allowance: Allowance
  readonly revocations: Revocations
  /** One too many for its URL: even its first fetch needs a token of the demand bucket. */
  readonly crowded: boolean
  readonly emit: Observer
}

/** One look-up under way. */
interface Search {
  readonly query: KeyQuery
  /** How many requests had been sent to the issuer when it arrived. */
  readonly arrival: number
  readonly occasion: Occasion | undefined
}

/** The keys of one issuer, fetched, kept and renewed. */
export class RemoteKeySource implements KeySource {
  readonly #parts: RemoteParts
  readonly #cache: Cache<KeySet>
  readonly #loader: Loader
  readonly #negative = new NegativeKids()
  readonly #announcer: Announcer
  #restoring: Promise<void> | undefined
  #waiting = 0

  /** @throws ConfigError where `jwksUri`, or without one the issuer, is no URL that keys may be fetched from. */
  constructor(parts: RemoteParts) {
    const { issuer, options, clock, transport, isolated, allowance } = parts
    this.#parts = parts
    this.#announcer = new Announcer(issuer, clock, parts.emit)
    this.#loader = new Loader(parts, (operation) =>
      this.#announcer.tally({ type: 'keys.store_failed', operation }),
    )
    this.#cache = new Cache({
      clock,
      runtime: transport.runtime,
      isolated,
      windowsOf: (freshness, random) => windowsOf(options, freshness, random),
      timeoutMs: options.fetchTimeoutMs,
      keep: keepKeys,
      backoff: allowance.backoff,
      emptyBackoffCapMs: EMPTY_BACKOFF_CAP_MS,
      load: (attempt, previous) => this.#loader.load(attempt, previous),
      onSuccess: (snapshot, previous) => this.#noteSuccess(snapshot, previous),
      onFailure: () => this.#announceFailure(),
    })
  }

  find(query: KeyQuery, occasion?: Occasion): KeyLookup | Promise<KeyLookup> {
    const search = { query, arrival: this.#cache.sent, occasion }
    const restored = this.#restore()
    if (restored === undefined) return this.#search(search)
    return restored.then((refusal) => refusal ?? this.#search(search))
  }

  holds(query: KeyQuery, key: VerificationKey): boolean {
    return isAmong(this.#select(query), key)
  }

  suspect(occasion?: Occasion): void {
    const { clock, allowance, isolated } = this.#parts
    if (this.#cache.flight !== undefined || this.#cache.nextAttemptMs() > 0) return
    if (isolated && !occasion?.waitUntil) return
    if (allowance.signature.take(clock)) this.#cache.refreshBeside({ forced: true, occasion })
  }

  async ready(): Promise<void> {
    await this.#restore()
    if (this.#cache.state() === 'FRESH') return
    if (this.#cache.value() !== undefined) return this.#cache.refreshBeside()
    const flight = this.#refresh(undefined)
    // Until the fetch has ended, at its time limit too, and not as long as a request: nobody's answer waits for this.
    if (flight) await this.#cache.wait(flight, 2 * this.#parts.options.fetchTimeoutMs)
  }

  async refresh(): Promise<Refusal | undefined> {
    // What is under way was sent before: it may bring what the operator knows to be old.
    if (!this.#parts.isolated) await this.#cache.flight?.done
    const flight = this.#cache.refresh({ ordered: true })
    if (await flight?.done) return undefined
    return this.#unavailable(`the refresh failed: ${this.#cache.lastError ?? 'closed'}`)
  }

  revoke(kid: string): void {
    this.#parts.revocations.revoke(kid, this.#cache.value())
  }

  status(): SourceStatus {
    const { issuer, allowance, revocations } = this.#parts
    const state = this.#cache.closed ? 'CLOSED' : this.#cache.state()
    const { value, windows } = this.#cache.snapshot() ?? {}
    const age = this.#cache.ageMs()
    const known = age !== undefined && windows !== undefined
    return {
      issuer,
      state,
      stateEndsMs: known ? windowEndsInMs(age, windows) : undefined,
      generation: this.#cache.generation,
      kids: usableKids(value, revocations),
      ageMs: age,
      freshForMs: known ? freshForMs(age, windows) : undefined,
      staleUntilMs: known ? usableForMs(age, windows) : undefined,
      failures: allowance.backoff.failures,
      lastError: this.#cache.lastError,
      fetching: this.#cache.flight !== undefined,
      nextAttemptMs: this.#cache.nextAttemptMs(),
    }
  }

  /** Ends the fetch under way and every look-up, for good. */
  close(): void {
    this.#cache.close()
    this.#loader.close()
  }

  #search(search: Search): KeyLookup | Promise<KeyLookup> {
    const entered = this.#enter(search.occasion)
    if (entered === undefined) return this.#lookUp(search)
    if (isRefusal(entered)) return entered
    return entered.then((refusal) => refusal ?? this.#lookUp(search))
  }

  /** Goes by the state of the keys: on at once, on after a wait, or not at all. */
  #enter(occasion: Occasion | undefined): undefined | Refusal | Promise<Refusal | undefined> {
    const state = this.#cache.state()
    if (state === 'FRESH') return undefined
    if (
      state === 'AHEAD' ||
      state === 'SWR' ||
      (state === 'MUST_REVALIDATE' && this.#goesOnBeside(occasion))
    ) {
      this.#cache.refreshBeside({ occasion })
      return undefined
    }
    const landing = this.#wait(this.#refresh(occasion))
    // Known keys will do, whatever the wait brought. So will those that another request brought meanwhile.
    const outcome = (): Refusal | undefined =>
      this.#cache.value() === undefined ? this.#unavailable() : undefined
    return landing === 'late' ? outcome() : landing.then(outcome)
  }

  /** Once an attempt has failed no request waits any more; in an isolate one has to, if nothing else goes on. */
  #goesOnBeside(occasion: Occasion | undefined): boolean {
    if (this.#parts.allowance.backoff.failures === 0) return false
    return !this.#parts.isolated || this.#cache.flight !== undefined || occasion?.waitUntil !== undefined
  }

  #lookUp(search: Search): KeyLookup | Promise<KeyLookup> {
    return this.#select(search.query) ?? this.#ask(search)
  }

  /** The candidates at this moment; `undefined` where the issuer may have published the key since. */
  #select(query: KeyQuery): readonly PublishedKey[] | Refusal | undefined {
    const keys = this.#cache.value()
    return keys === undefined ? this.#unavailable() : selectKeys(keys, query, this.#parts.revocations)
  }

  /** The `kid` is not held: asks the issuer, as far as a stranger's token may make us ask. */
  #ask(search: Search): KeyLookup | Promise<KeyLookup> {
    const { clock, allowance, isolated } = this.#parts
    const { query, arrival, occasion } = search
    const kid = query.kid ?? '' // a token without one has been answered by now
    if (this.#cache.evidence > arrival) {
      this.#negative.add(kid, clock)
      return this.#unpublished()
    }
    if (this.#negative.has(kid, clock)) return this.#unpublished()
    // In an isolate a flight is another request's: there is nothing to join.
    if (isolated || this.#cache.flight === undefined) {
      if (this.#cache.nextAttemptMs() > 0) return this.#unlearned()
      if (!allowance.demand.take(clock)) {
        this.#announcer.tally({ type: 'keys.suppressed' })
        return refuse('key_unknown', 'no key under this kid, and the issuer was asked often enough')
      }
    }
    const landing = this.#wait(this.#cache.refresh({ forced: true, occasion }))
    if (landing === 'late') return this.#unlearned()
    return landing.then((outcome) => {
      const found = this.#select(query)
      if (found !== undefined) return found
      // A flight that was on its way before this request came proves nothing: the next one will.
      return outcome === 'landed' ? this.#ask(search) : this.#unlearned()
    })
  }

  #unpublished(): Refusal {
    this.#announcer.tally({ type: 'keys.unknown' })
    return refuse('key_unknown', 'the issuer publishes no key under this kid')
  }

  /** We asked and could not learn: with fresh keys the token is at fault, with others we may be. */
  #unlearned(): Refusal {
    if (this.#cache.state() !== 'FRESH') return this.#unavailable()
    return refuse('key_unknown', 'no key under this kid, and the issuer could not be asked')
  }

  #unavailable(why?: string): Refusal {
    if (this.#cache.closed) return refuseClosed()
    const { crowded, allowance, clock } = this.#parts
    const pauseMs = this.#cache.nextAttemptMs()
    const waitMs = crowded ? Math.max(pauseMs, allowance.demand.nextMs(clock)) : pauseMs
    const seconds = this.#cache.flight === undefined ? Math.ceil(waitMs / 1000) : 1
    const reason =
      this.#cache.lastError ?? (crowded ? 'too many key sources for one URL' : 'waiting for the issuer')
    return refuse('keys_unavailable', why ?? `no keys that may be used: ${reason}`, {
      retryAfter: Math.max(1, seconds),
    })
  }

  #refresh(occasion: Occasion | undefined): Flight | undefined {
    const { crowded, allowance, clock } = this.#parts
    const first = crowded && this.#cache.generation === 0 && this.#cache.flight === undefined
    if (first && (this.#cache.nextAttemptMs() > 0 || !allowance.demand.take(clock))) return undefined
    return this.#cache.refresh({ occasion })
  }

  #wait(flight: Flight | undefined): 'late' | Promise<Landing> {
    if (flight === undefined || this.#waiting >= MAX_WAITING) return 'late'
    const landing = this.#cache.wait(flight, this.#parts.options.waitMs)
    if (landing === 'late') return landing
    this.#waiting += 1
    return landing.then((outcome) => {
      this.#waiting -= 1
      return outcome
    })
  }

  /** Looks into the store before the issuer is asked. Gives a promise only where there is something to wait for. */
  #restore(): Promise<Refusal | undefined> | undefined {
    // First of all: most sources have none, and every look-up comes by here.
    if (!this.#loader.hasStore) return undefined
    if (this.#cache.closed || this.#cache.value() !== undefined) return undefined
    if (this.#cache.flight !== undefined || this.#cache.nextAttemptMs() > 0) return undefined
    if (this.#waiting >= MAX_WAITING) return Promise.resolve(this.#unavailable())
    const reading = this.#parts.isolated ? this.#adoptStored() : (this.#restoring ??= this.#adoptStored())
    this.#waiting += 1
    return reading.then(() => {
      this.#waiting -= 1
      this.#restoring = undefined
      return undefined
    })
  }

  async #adoptStored(): Promise<void> {
    const kept = await this.#loader.readStore()
    if (kept === undefined || !this.#cache.restore(kept)) return
    this.#parts.revocations.see(kept.value)
    this.#announcer.restored(kept.value, this.#cache.ageMs() ?? 0)
  }

  #noteSuccess(snapshot: Snapshot<KeySet>, previous: KeySet | undefined): Promise<void> | undefined {
    this.#parts.revocations.see(snapshot.value)
    if (this.#announcer.refreshed(snapshot.value, previous)) this.#negative.clear()
    return this.#loader.writeStore(snapshot)
  }

  #announceFailure(): void {
    const state = this.#cache.state()
    if (state === 'FRESH' || state === 'AHEAD' || state === 'SWR') return
    const { windows } = this.#cache.snapshot() ?? {}
    const age = this.#cache.ageMs()
    const remainingMs = age === undefined || windows === undefined ? 0 : usableForMs(age, windows)
    this.#announcer.outage(remainingMs, this.#cache.lastError ?? '')
  }
}

/** Makes the refusal of a look-up after `close()`: another process may well have the keys. */
export function refuseClosed(): Refusal {
  return refuse('keys_unavailable', 'the verifier is closed', { retryAfter: 1 })
}
