import { Cache, type Loaded, type Snapshot } from './cache.js'
import { Backoff } from './limits.js'
import type { Clock } from './clock.js'
import { failure, fetchJson, type Attempt, type Document, type Fetched, type Transport } from './fetch.js'
import { ownMember } from '../own-member.js'
import { checkKeysUrl, readDiscoveredUrl } from './url.js'

const TTL_MS = 3_600_000

/** What a discovery is made of. */
export interface DiscoveryParts {
  readonly clock: Clock
  readonly transport: Transport
  readonly isolated: boolean
  readonly timeoutMs: number
  /** Origins beside the issuer's own that its JWKS may be on. `undefined`: any, where the options name the issuer. */
  readonly jwksOrigins: readonly string[] | undefined
}

/** What finds the JWKS URL of an issuer, in its metadata (RFC 8414 §3, OpenID Connect Discovery 1.0 §4). */
export class Discovery {
  readonly #issuer: string
  readonly #url: URL
  readonly #parts: DiscoveryParts
  readonly #cache: Cache<string>
  #forms: readonly string[]
  /** For how long the issuer asked to be left alone, when it was asked last. */
  #retryAfterMs = 0

  /** @throws ConfigError where the issuer is no URL that metadata may be fetched from. */
  constructor(issuer: string, parts: DiscoveryParts) {
    this.#issuer = issuer
    this.#url = checkKeysUrl(issuer, 'issuer')
    this.#parts = parts
    this.#forms = metadataUrls(this.#url)
    this.#cache = new Cache({
      clock: parts.clock,
      runtime: parts.transport.runtime,
      isolated: parts.isolated,
      timeoutMs: parts.timeoutMs,
      windowsOf: (_, random) => ({
        aheadMs: TTL_MS * (0.75 + random / 10),
        ttlMs: TTL_MS,
        // A document never expires by itself: a `jwks_uri` whose fetches succeed stays.
        swrEndMs: Number.POSITIVE_INFINITY,
        endMs: Number.POSITIVE_INFINITY,
      }),
      backoff: new Backoff(),
      // Without a document, the back-off of the keys decides when to ask.
      emptyBackoffCapMs: 0,
      load: (attempt, previous) => this.#load(attempt, previous),
    })
  }

  /**
   * Gives the JWKS URL: at once where it is known (an old document is renewed beside), else after asking. `again`
   * asks first in any case, `ordered` also in back-off.
   */
  async locate(launch: { readonly again: boolean; readonly ordered: boolean }): Promise<Fetched<string>> {
    const { again, ordered } = launch
    if (again || this.#cache.state() !== 'FRESH') {
      const flight = this.#cache.refresh({ forced: again, ordered })
      // In an isolate nothing goes on beside: the request that asks for it is the one that waits.
      if (again || this.#parts.isolated || this.#cache.value() === undefined) await flight?.done
    }
    const known = this.#cache.value()
    if (known !== undefined) return { ok: true, value: known }
    return failure(this.#cache.lastError ?? 'closed', 'final', this.#retryAfterMs)
  }

  /** Ends a fetch under way. */
  close(): void {
    this.#cache.close()
  }

  async #load(attempt: Attempt, previous: Snapshot<string> | undefined): Promise<Fetched<Loaded<string>>> {
    const reasons: string[] = []
    this.#retryAfterMs = 0
    for (const url of this.#forms) {
      // oxlint-disable-next-line no-await-in-loop -- the next form is asked only where this one is absent
      const answer = await fetchJson(url, this.#parts.transport, attempt, previous?.validators)
      const found = answer.ok ? this.#read(answer.value, previous) : answer
      if (found.ok) {
        this.#forms = [url, ...this.#forms.filter((form) => form !== url)]
        return found
      }
      reasons.push(found.reason)
      this.#retryAfterMs = found.retryAfterMs
      if (found.kind !== 'gone' && found.kind !== 'foreign') break
    }
    return failure(`discovery: ${reasons.join(', ')}`, 'final', this.#retryAfterMs)
  }

  #read(document: Document, previous: Snapshot<string> | undefined): Fetched<Loaded<string>> {
    const { json, notModified, freshness, validators } = document
    if (notModified && previous !== undefined) {
      return { ok: true, value: { value: previous.value, notModified, freshness, validators } }
    }
    const issuer = ownMember(json, 'issuer')
    if (typeof issuer !== 'string') return failure('not metadata', 'foreign')
    // RFC 8414 §3.3: identical, or the document must not be used.
    if (issuer !== this.#issuer) return failure('the issuer differs', 'foreign')
    const url = readDiscoveredUrl(ownMember(json, 'jwks_uri'), this.#url, this.#parts.jwksOrigins)
    if (url === undefined) return failure('no jwks_uri that may be fetched')
    return { ok: true, value: { value: url.href, notModified, freshness, validators } }
  }
}

/**
 * Gives the places of an issuer's metadata, in the order of asking: RFC 8414 §3.1 (the well-known part between host
 * and path), OpenID Connect in the same place (RFC 8414 §5), OpenID Connect at the end.
 */
export function metadataUrls(issuer: URL): readonly string[] {
  const path = issuer.pathname.replace(/\/$/, '')
  const oauth = `${issuer.origin}/.well-known/oauth-authorization-server${path}`
  const inserted = `${issuer.origin}/.well-known/openid-configuration${path}`
  const appended = `${issuer.origin}${path}/.well-known/openid-configuration`
  return path === '' ? [oauth, inserted] : [oauth, inserted, appended]
}
