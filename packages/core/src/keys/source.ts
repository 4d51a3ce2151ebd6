import type { Observer } from '../events.js'
import { isRefusal, refuse, type Refusal } from '../refusal.js'
import { Announcer } from './announcer.js'
import { Cache, type Flight, type Landing } from './cache.js'
import type { Clock } from './clock.js'
import { Discovery } from './discovery.js'
import { fetchJson, type Attempt, type Fetched, type Transport } from './fetch.js'
import { isAmong, selectKeys, type KeySet } from './key-set.js'
import type { KeyLookup, KeyQuery, KeySource, SourceStatus } from './key-source.js'
import { NegativeKids, type Backoff, type DemandBucket } from './limits.js'
import type { ResolvedKeySetOptions } from './options.js'
import { parseKeySet } from './parse.js'
import type { PublishedKey } from './published-key.js'
import { checkKeysUrl } from './url.js'
import type { VerificationKey } from './verification-key.js'
import { freshForMs, usableForMs } from './window.js'

const MAX_WAITING = 1_000
const EMPTY_BACKOFF_CAP_MS = 10_000

/** How often the issuer may be asked. One for all sources of a URL. */
export interface Allowance {
  readonly bucket: DemandBucket
  readonly backoff: Backoff
}

/** What a remote source is made of. */
export interface RemoteParts {
  readonly issuer: string
  /** Where the JWKS is; `undefined`: the issuer's metadata says it. */
  readonly jwksUri: string | undefined
  readonly options: ResolvedKeySetOptions
  readonly clock: Clock
  readonly transport: Transport
  readonly allowance: Allowance
  /** One too many for its URL: even its first fetch needs a token of the demand bucket. */
  readonly crowded: boolean
  readonly emit: Observer
}

/** The keys of one issuer, fetched, kept and renewed. */
export class RemoteKeySource implements KeySource {
  readonly #parts: RemoteParts
  readonly #cache: Cache<KeySet>
  readonly #discovery: Discovery | undefined
  readonly #negative = new NegativeKids()
  readonly #announcer: Announcer
  readonly #locate: () => Promise<Fetched<string>>
  #waiting = 0

  /** @throws ConfigError where `jwksUri`, or without one the issuer, is no URL that keys may be fetched from. */
  constructor(parts: RemoteParts) {
    const { issuer, options, clock, transport, allowance } = parts
    this.#parts = parts
    this.#announcer = new Announcer(issuer, clock, parts.emit)
    if (parts.jwksUri === undefined) {
      const discovery = new Discovery(issuer, { clock, transport, timeoutMs: options.fetchTimeoutMs })
      this.#discovery = discovery
      this.#locate = () => discovery.locate()
    } else {
      const { href } = checkKeysUrl(parts.jwksUri, 'jwksUri')
      this.#locate = () => Promise.resolve({ ok: true, value: href })
    }
    this.#cache = new Cache({
      clock,
      runtime: transport.runtime,
      windows: options,
      timeoutMs: options.fetchTimeoutMs,
      backoff: allowance.backoff,
      emptyBackoffCapMs: EMPTY_BACKOFF_CAP_MS,
      load: (attempt, previous) => this.#load(attempt, previous),
      onSuccess: (keys, previous) => {
        if (this.#announcer.refreshed(keys, previous)) this.#negative.clear()
      },
      onFailure: () => this.#announceFailure(),
    })
  }

  find(query: KeyQuery): KeyLookup | Promise<KeyLookup> {
    const arrival = this.#cache.sent
    const entered = this.#enter()
    if (entered === undefined) return this.#lookUp(query, arrival)
    if (isRefusal(entered)) return entered
    return entered.then((refusal) => refusal ?? this.#lookUp(query, arrival))
  }

  holds(query: KeyQuery, key: VerificationKey): boolean {
    return isAmong(this.#select(query), key)
  }

  async ready(): Promise<void> {
    if (this.#cache.state() === 'FRESH') return
    const flight = this.#refresh()
    // Not as long as a request, but as long as the fetch: nobody's answer waits for this.
    if (flight && this.#cache.value() === undefined) {
      await this.#cache.wait(flight, this.#parts.options.fetchTimeoutMs)
    }
  }

  status(): SourceStatus {
    const { issuer, options, allowance } = this.#parts
    const state = this.#cache.closed ? 'CLOSED' : this.#cache.state()
    const age = this.#cache.ageMs()
    return {
      issuer,
      state,
      generation: this.#cache.generation,
      kids: [...(this.#cache.value()?.byKid.keys() ?? [])],
      ageMs: age,
      freshForMs: age === undefined ? undefined : freshForMs(age, options),
      staleUntilMs: age === undefined ? undefined : usableForMs(age, options),
      failures: allowance.backoff.failures,
      lastError: this.#cache.lastError,
      nextAttemptMs: this.#cache.nextAttemptMs(),
    }
  }

  /** Ends the fetch under way and every look-up, for good. */
  close(): void {
    this.#cache.close()
    this.#discovery?.close()
  }

  /** Goes by the state of the keys: on at once, on after a wait, or not at all. */
  #enter(): undefined | Refusal | Promise<Refusal | undefined> {
    const state = this.#cache.state()
    if (state === 'FRESH') return undefined
    const failing = this.#parts.allowance.backoff.failures > 0
    const flight = this.#refresh()
    if (state === 'SWR') return undefined
    const landing = flight && !(state === 'MUST_REVALIDATE' && failing) ? this.#wait(flight) : 'late'
    if (state === 'MUST_REVALIDATE') {
      // The keys at hand will do, whatever the wait brought: they are looked at again.
      return landing === 'late' ? undefined : landing.then(() => undefined)
    }
    if (landing === 'late') return this.#unavailable()
    return landing.then((outcome) => (outcome === 'landed' ? undefined : this.#unavailable()))
  }

  #lookUp(query: KeyQuery, arrival: number): KeyLookup | Promise<KeyLookup> {
    return this.#select(query) ?? this.#ask(query, arrival)
  }

  /** The candidates at this moment; `undefined` where the issuer may have published the key since. */
  #select(query: KeyQuery): readonly PublishedKey[] | Refusal | undefined {
    const keys = this.#cache.value()
    return keys === undefined ? this.#unavailable() : selectKeys(keys, query)
  }

  /** The `kid` is not held: asks the issuer, as far as a stranger's token may make us ask. */
  #ask(query: KeyQuery, arrival: number): KeyLookup | Promise<KeyLookup> {
    const { clock, allowance } = this.#parts
    const kid = query.kid ?? '' // a token without one has been answered by now
    if (this.#cache.evidence > arrival) {
      this.#negative.add(kid, clock)
      return this.#unpublished()
    }
    if (this.#negative.has(kid, clock)) return this.#unpublished()
    if (this.#cache.flight === undefined) {
      if (this.#cache.nextAttemptMs() > 0) return this.#unlearned()
      if (!allowance.bucket.take(clock)) {
        this.#announcer.tally('keys.suppressed')
        return refuse('key_unknown', 'no key under this kid, and the issuer was asked often enough')
      }
    }
    const flight = this.#cache.refresh(true)
    const landing = flight ? this.#wait(flight) : 'late'
    if (landing === 'late') return this.#unlearned()
    return landing.then((outcome) => {
      const found = this.#select(query)
      if (found !== undefined) return found
      // A flight that was on its way before this request came proves nothing: the next one will.
      return outcome === 'landed' ? this.#ask(query, arrival) : this.#unlearned()
    })
  }

  #unpublished(): Refusal {
    this.#announcer.tally('keys.unknown')
    return refuse('key_unknown', 'the issuer publishes no key under this kid')
  }

  /** We asked and could not learn: with fresh keys the token is at fault, with others we may be. */
  #unlearned(): Refusal {
    if (this.#cache.state() !== 'FRESH') return this.#unavailable()
    return refuse('key_unknown', 'no key under this kid, and the issuer could not be asked')
  }

  #unavailable(): Refusal {
    if (this.#cache.closed) return refuseClosed()
    const { crowded, allowance, clock } = this.#parts
    const pauseMs = this.#cache.nextAttemptMs()
    const waitMs = crowded ? Math.max(pauseMs, allowance.bucket.nextMs(clock)) : pauseMs
    const seconds = this.#cache.flight === undefined ? Math.ceil(waitMs / 1000) : 1
    const reason =
      this.#cache.lastError ?? (crowded ? 'too many key sources for one URL' : 'waiting for the issuer')
    return refuse('keys_unavailable', `no keys that may be used: ${reason}`, {
      retryAfter: Math.max(1, seconds),
    })
  }

  #refresh(): Flight | undefined {
    const { crowded, allowance, clock } = this.#parts
    const first = crowded && this.#cache.generation === 0 && this.#cache.flight === undefined
    if (first && (this.#cache.nextAttemptMs() > 0 || !allowance.bucket.take(clock))) return undefined
    return this.#cache.refresh()
  }

  #wait(flight: Flight): 'late' | Promise<Landing> {
    if (this.#waiting >= MAX_WAITING) return 'late'
    const landing = this.#cache.wait(flight, this.#parts.options.waitMs)
    if (landing === 'late') return landing
    this.#waiting += 1
    return landing.then((outcome) => {
      this.#waiting -= 1
      return outcome
    })
  }

  async #load(attempt: Attempt, previous: KeySet | undefined): Promise<Fetched<KeySet>> {
    const located = await this.#locate()
    if (!located.ok) return located
    const answer = await fetchJson(located.value, this.#parts.transport, attempt)
    return answer.ok ? parseKeySet(answer.value, previous) : answer
  }

  #announceFailure(): void {
    const state = this.#cache.state()
    if (state === 'FRESH' || state === 'SWR') return
    const age = this.#cache.ageMs()
    const remainingMs = age === undefined ? 0 : usableForMs(age, this.#parts.options)
    this.#announcer.outage(remainingMs, this.#cache.lastError ?? '')
  }
}

/** Makes the refusal of a look-up after `close()`: another process may well have the keys. */
export function refuseClosed(): Refusal {
  return refuse('keys_unavailable', 'the verifier is closed', { retryAfter: 1 })
}
