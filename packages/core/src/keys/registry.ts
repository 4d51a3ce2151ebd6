import type { Observer } from '../events.js'
import { tellAll } from './announcer.js'
import { elapsed, RUNTIME, stamp, type Clock, type Runtime, type Stamp } from './clock.js'
import type { KeyLookup, KeySource } from './key-source.js'
import { Leases, type Holder } from './leases.js'
import { Backoff, demandBucket, signatureBucket } from './limits.js'
import type { KeyLocation } from './location.js'
import type { FetchLike, ResolvedKeySetOptions } from './options.js'
import { Revocations, type RevokedKeys } from './revocations.js'
import { refuseClosed, RemoteKeySource, type Allowance } from './source.js'
import { secretKeySource, staticKeySource } from './static.js'
import type { Tenancy } from './tenancy.js'
import { WeakTrie } from './weak-trie.js'

/** What a verifier needs of its keys. All but the observer makes the identity of a source. */
export interface KeySourceConfig {
  readonly issuer: string
  readonly where: KeyLocation
  readonly keySet: ResolvedKeySetOptions
  readonly fetch: FetchLike
  readonly now: () => number
  /** Requests share no promises on this runtime. */
  readonly isolated: boolean
  /** For an issuer that was chosen per tenant. */
  readonly tenancy: Tenancy | undefined
  readonly observer: Observer
}

/** A share in a key source. */
export interface Lease {
  /** To be kept as long as the observer is to hear of the keys. */
  readonly source: KeySource
  /** Gives the share back; the last one ends the source: its fetch is aborted, its keys are forgotten. */
  release(): void
}

/** A source and those who share it. */
interface Shared {
  readonly source: RemoteKeySource
  readonly leases: Leases
}

/** An identity that has been seen. */
interface Place {
  /** The source, while somebody has a share in it. */
  shared: Shared | undefined
  closedAt: Stamp
}

/** The identities that have one `now`, `fetch`, `store` and tenancy. */
type Shelf = Map<string, Place>

/** What goes by one `now`. Durations that two clocks measured could not be compared. */
type Timeline = Map<string, UrlRecord>

/** What is known of one URL, whoever asks it. */
interface UrlRecord {
  readonly allowance: Allowance
  /** How many sources have it now. */
  users: number
  usedAt: Stamp
}

const CROWD = 10
const CROWD_MS = 60_000
/** For how long a URL is remembered that nobody uses: longer than any pause that it could still owe. */
const MEMORY_MS = 600_000
/** Stands for an option that is not set. */
const NONE = {}

/** Shares key sources among verifiers. There is one for the process; tests make their own. */
export class Registry {
  readonly #runtime: Runtime
  // Weak: a source lives no longer than somebody could ask for it.
  readonly #timelines = new WeakMap<KeySourceConfig['now'], Timeline>()
  readonly #shelves = new WeakTrie<Shelf>()
  readonly #crowds = new Map<string, { readonly opened: readonly Stamp[]; readonly told: boolean }>()
  readonly #revoked: RevokedKeys = new Map()
  #sweepAt = 64

  constructor(runtime: Runtime = RUNTIME) {
    this.#runtime = runtime
  }

  /**
   * Opens a source, or takes a share in the one that is open. Fetches nothing and imports nothing.
   *
   * @throws ConfigError for a URL that keys must not be fetched from.
   */
  open(config: KeySourceConfig): Lease {
    const { issuer, where } = config
    const revocations = new Revocations(issuer, this.#revoked)
    switch (where.kind) {
      case 'jwks':
        return leased(staticKeySource(issuer, where.jwks, revocations))
      case 'secret':
        return leased(secretKeySource(issuer, where.secrets))
      case 'jwksUri':
        return this.#share(config, where.url)
      case 'discovery':
        return this.#share(config, undefined)
    }
  }

  #share(config: KeySourceConfig, jwksUri: string | undefined): Lease {
    const { now, issuer } = config
    const clock: Clock = { now, monotonic: this.#runtime.monotonic }
    const url = jwksUri ?? `discovered: ${issuer}`
    const timeline: Timeline = this.#timelines.get(now) ?? new Map()
    const identity = identityOf(config, url)
    const references = referencesOf(config)
    const known = this.#shelves.has(references)
      ? this.#shelves.at(references, newShelf).get(identity)
      : undefined
    const crowded = known === undefined && this.#isCrowded(config, url, clock)
    const record: UrlRecord = timeline.get(url) ?? {
      allowance: newAllowance(),
      users: 0,
      usedAt: stamp(clock),
    }

    const shared =
      known?.shared ?? this.#make(config, { jwksUri, allowance: record.allowance, crowded, clock })
    const place: Place = known ?? { shared: undefined, closedAt: stamp(clock) }
    const shelf = this.#shelves.at(references, newShelf)
    if (place.shared === undefined) record.users += 1
    place.shared = shared
    this.#timelines.set(now, timeline)
    timeline.set(url, record)
    shelf.set(identity, place)
    this.#sweep(timeline, shelf, clock)

    const holder: Holder = { observer: config.observer }
    shared.leases.add(holder)
    return leased(shared.source, () => {
      if (!shared.leases.end(holder)) return
      shared.source.close()
      place.shared = undefined
      place.closedAt = stamp(clock)
      record.users -= 1
      record.usedAt = stamp(clock)
    })
  }

  /** Forgets, now and then, what nobody has used for 10 min. */
  #sweep(timeline: Timeline, shelf: Shelf, clock: Clock): void {
    if (timeline.size + shelf.size + this.#crowds.size < this.#sweepAt) return
    const isOld = (at: Stamp): boolean => elapsed(clock, at) >= MEMORY_MS
    for (const [url, { users, usedAt }] of timeline) if (users === 0 && isOld(usedAt)) timeline.delete(url)
    for (const [name, { shared, closedAt }] of shelf) if (!shared && isOld(closedAt)) shelf.delete(name)
    for (const [name, { opened }] of this.#crowds) if (opened.every(isOld)) this.#crowds.delete(name)
    this.#sweepAt = Math.max(64, 2 * (timeline.size + shelf.size + this.#crowds.size))
  }

  #make(
    { issuer, keySet, fetch, isolated, tenancy }: KeySourceConfig,
    place: { jwksUri: string | undefined; allowance: Allowance; crowded: boolean; clock: Clock },
  ): Shared {
    const leases = new Leases()
    const runtime = this.#runtime
    const { maxBytes } = keySet
    const source = new RemoteKeySource({
      ...place,
      issuer,
      isolated,
      options: keySet,
      jwksOrigins: tenancy?.jwksOrigins,
      transport: { fetch, maxBytes, runtime, now: place.clock.now, gate: tenancy?.gate(runtime) },
      revocations: new Revocations(issuer, this.#revoked),
      emit: (event) => tellAll(leases.observers(), event),
    })
    return { source, leases }
  }

  /** Notes a new identity; tells whether its URL has had more than 10 within a minute, and says so once. */
  #isCrowded(config: KeySourceConfig, url: string, clock: Clock): boolean {
    const { issuer, observer } = config
    const place = JSON.stringify([issuer, url])
    const { opened, told } = this.#crowds.get(place) ?? { opened: [], told: false }
    const recent = [...opened.filter((at) => elapsed(clock, at) < CROWD_MS), stamp(clock)].slice(-CROWD - 1)
    const crowded = recent.length > CROWD
    this.#crowds.set(place, { opened: recent, told: told || crowded })
    if (crowded && !told)
      tellAll([observer], { type: 'keys.unshared', issuer, option: this.#newOption(config) })
    return crowded
  }

  /** Names the option that makes this identity another one than those before. */
  #newOption(config: KeySourceConfig): string {
    const names = ['now', 'fetch', 'keySet.store', 'tenants']
    const references = referencesOf(config)
    const isNew = (_: string, index: number): boolean => !this.#shelves.has(references.slice(0, index + 1))
    return names.find(isNew) ?? 'keySet'
  }
}

function identityOf({ issuer, isolated, keySet }: KeySourceConfig, url: string): string {
  // The store, which stands among the references, is no figure.
  return JSON.stringify([issuer, url, isolated, { ...keySet, store: undefined }])
}

function referencesOf({
  now,
  fetch,
  keySet,
  tenancy,
}: KeySourceConfig): readonly [object, object, object, object] {
  return [now, fetch, keySet.store ?? NONE, tenancy ?? NONE]
}

function newShelf(): Shelf {
  return new Map()
}

function newAllowance(): Allowance {
  return { demand: demandBucket(), signature: signatureBucket(), backoff: new Backoff() }
}

/** A share: it ends for its holder at once, also in the middle of a look-up, whatever becomes of the source. */
function leased(source: KeySource, end: () => void = () => undefined): Lease {
  let open = true
  const unlessReleased = (found: KeyLookup): KeyLookup => (open ? found : refuseClosed())
  return {
    source: {
      find(query, occasion) {
        if (!open) return unlessReleased([])
        const found = source.find(query, occasion)
        return found instanceof Promise ? found.then(unlessReleased) : found
      },
      holds: (query, key) => open && source.holds(query, key),
      suspect(occasion) {
        if (open) source.suspect(occasion)
      },
      ready: () => (open ? source.ready() : Promise.resolve()),
      refresh: () => (open ? source.refresh() : Promise.resolve(refuseClosed())),
      revoke: (kid) => source.revoke(kid),
      status: () => (open ? source.status() : { ...source.status(), ...CLOSED }),
    },
    release() {
      if (!open) return
      open = false
      end()
    },
  }
}

const CLOSED = {
  state: 'CLOSED',
  stateEndsMs: undefined,
  kids: [],
  ageMs: undefined,
  freshForMs: undefined,
  staleUntilMs: undefined,
} as const

const registry = new Registry()

/** Opens the keys of one issuer in the registry of the process. */
export function openKeySource(config: KeySourceConfig): Lease {
  return registry.open(config)
}
