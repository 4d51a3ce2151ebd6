import type { Observer } from '../events.js'
import { tellAll } from './announcer.js'
import { elapsed, RUNTIME, stamp, type Clock, type Runtime, type Stamp } from './clock.js'
import type { KeyLookup, KeySource } from './key-source.js'
import { Leases, type Holder } from './leases.js'
import { Backoff, DemandBucket } from './limits.js'
import type { KeyLocation } from './location.js'
import type { FetchLike, ResolvedKeySetOptions } from './options.js'
import { refuseClosed, RemoteKeySource, type Allowance } from './source.js'
import { secretKeySource, staticKeySource } from './static.js'

/** What a verifier needs of its keys. All but the observer makes the identity of a source. */
export interface KeySourceConfig {
  readonly issuer: string
  readonly where: KeyLocation
  readonly keySet: ResolvedKeySetOptions
  readonly fetch: FetchLike
  readonly now: () => number
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

/** Identities that have been seen, and the source of each while somebody has a share in it. */
type Shelf = Map<string, Shared | undefined>

/** What goes by one `now`. Durations that two clocks measured could not be compared. */
interface Timeline {
  readonly allowances: Map<string, Allowance>
  readonly shelves: WeakMap<FetchLike, Shelf>
}

const CROWD = 10
const CROWD_MS = 60_000

/** Shares key sources among verifiers. There is one for the process; tests make their own. */
export class Registry {
  readonly #runtime: Runtime
  // Weak by `now` and by `fetch`: a source lives no longer than somebody could ask for it.
  readonly #timelines = new WeakMap<KeySourceConfig['now'], Timeline>()
  readonly #crowds = new Map<string, { readonly opened: readonly Stamp[]; readonly told: boolean }>()

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
    switch (where.kind) {
      case 'jwks':
        return leased(staticKeySource(issuer, where.jwks))
      case 'secret':
        return leased(secretKeySource(issuer, where.secrets))
      case 'jwksUri':
        return this.#share(config, where.url)
      case 'discovery':
        return this.#share(config, undefined)
    }
  }

  #share(config: KeySourceConfig, jwksUri: string | undefined): Lease {
    const { now, fetch, keySet, issuer } = config
    const url = jwksUri ?? `discovered: ${issuer}`
    const timeline: Timeline = this.#timelines.get(now) ?? { allowances: new Map(), shelves: new WeakMap() }
    const shelf: Shelf = timeline.shelves.get(fetch) ?? new Map()
    const identity = identityOf(keySet, issuer, url)
    const allowance: Allowance = timeline.allowances.get(url) ?? {
      bucket: new DemandBucket(),
      backoff: new Backoff(),
    }
    const crowded = !shelf.has(identity) && this.#isCrowded(config, url, timeline)

    const shared = shelf.get(identity) ?? this.#make(config, { jwksUri, allowance, crowded })
    this.#timelines.set(now, timeline)
    timeline.shelves.set(fetch, shelf)
    timeline.allowances.set(url, allowance)
    shelf.set(identity, shared)

    const holder: Holder = { observer: config.observer }
    shared.leases.add(holder)
    return leased(shared.source, () => {
      if (!shared.leases.end(holder)) return
      shared.source.close()
      shelf.set(identity, undefined)
    })
  }

  #make(
    { issuer, keySet, fetch, now }: KeySourceConfig,
    place: { jwksUri: string | undefined; allowance: Allowance; crowded: boolean },
  ): Shared {
    const leases = new Leases()
    const source = new RemoteKeySource({
      ...place,
      issuer,
      options: keySet,
      clock: { now, monotonic: this.#runtime.monotonic },
      transport: { fetch, maxBytes: keySet.maxBytes, runtime: this.#runtime },
      emit: (event) => tellAll(leases.observers(), event),
    })
    return { source, leases }
  }

  /** Notes a new identity; tells whether its URL has had more than 10 within a minute, and says so once. */
  #isCrowded({ issuer, now, fetch, observer }: KeySourceConfig, url: string, timeline: Timeline): boolean {
    const clock: Clock = { now, monotonic: this.#runtime.monotonic }
    const place = JSON.stringify([issuer, url])
    const { opened, told } = this.#crowds.get(place) ?? { opened: [], told: false }
    const recent = [...opened.filter((at) => elapsed(clock, at) < CROWD_MS), stamp(clock)].slice(-CROWD - 1)
    const crowded = recent.length > CROWD
    this.#crowds.set(place, { opened: recent, told: told || crowded })
    if (crowded && !told) {
      const known = timeline.shelves.has(fetch) ? 'keySet' : 'fetch'
      const option = this.#timelines.has(now) ? known : 'now'
      tellAll([observer], { type: 'keys.unshared', issuer, option })
    }
    return crowded
  }
}

function identityOf(keySet: ResolvedKeySetOptions, ...names: readonly string[]): string {
  const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs, waitMs, fetchTimeoutMs, maxBytes } = keySet
  return JSON.stringify([
    ...names,
    ttlMs,
    staleWhileRevalidateMs,
    staleIfErrorMs,
    waitMs,
    fetchTimeoutMs,
    maxBytes,
  ])
}

/** A share: it ends for its holder at once, also in the middle of a look-up, whatever becomes of the source. */
function leased(source: KeySource, end: () => void = () => undefined): Lease {
  let open = true
  const unlessReleased = (found: KeyLookup): KeyLookup => (open ? found : refuseClosed())
  return {
    source: {
      find(query) {
        if (!open) return unlessReleased([])
        const found = source.find(query)
        return found instanceof Promise ? found.then(unlessReleased) : found
      },
      holds: (query, key) => open && source.holds(query, key),
      ready: () => (open ? source.ready() : Promise.resolve()),
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
