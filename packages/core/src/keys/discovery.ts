import { Cache } from './cache.js'
import { Backoff } from './limits.js'
import type { Clock } from './clock.js'
import { failure, fetchJson, type Attempt, type Fetched, type Transport } from './fetch.js'
import { ownMember } from '../own-member.js'
import { checkKeysUrl, readDiscoveredUrl } from './url.js'

// A document never expires by itself: a `jwks_uri` whose fetches succeed stays.
const WINDOWS = {
  ttlMs: 3_600_000,
  staleWhileRevalidateMs: Number.POSITIVE_INFINITY,
  staleIfErrorMs: Number.POSITIVE_INFINITY,
}

/** What finds the JWKS URL of an issuer, in its metadata (RFC 8414 §3, OpenID Connect Discovery 1.0 §4). */
export class Discovery {
  readonly #issuer: string
  readonly #url: URL
  readonly #transport: Transport
  readonly #cache: Cache<string>
  #forms: readonly string[]

  /** @throws ConfigError where the issuer is no URL that metadata may be fetched from. */
  constructor(issuer: string, parts: { clock: Clock; transport: Transport; timeoutMs: number }) {
    this.#issuer = issuer
    this.#url = checkKeysUrl(issuer, 'issuer')
    this.#transport = parts.transport
    this.#forms = metadataUrls(this.#url)
    this.#cache = new Cache({
      clock: parts.clock,
      runtime: parts.transport.runtime,
      timeoutMs: parts.timeoutMs,
      windows: WINDOWS,
      backoff: new Backoff(),
      // Without a document, the back-off of the keys decides when to ask.
      emptyBackoffCapMs: 0,
      load: (attempt) => this.#load(attempt),
    })
  }

  /** Gives the JWKS URL: at once where it is known (an old document is renewed beside), else after asking. */
  async locate(): Promise<Fetched<string>> {
    if (this.#cache.state() !== 'FRESH') {
      const flight = this.#cache.refresh()
      if (this.#cache.value() === undefined) await flight?.done
    }
    const known = this.#cache.value()
    return known === undefined ? failure(this.#cache.lastError ?? 'closed') : { ok: true, value: known }
  }

  /** Ends a fetch under way. */
  close(): void {
    this.#cache.close()
  }

  async #load(attempt: Attempt): Promise<Fetched<string>> {
    const reasons: string[] = []
    for (const url of this.#forms) {
      // oxlint-disable-next-line no-await-in-loop -- the next form is asked only where this one is absent
      const answer = await fetchJson(url, this.#transport, attempt)
      const found = answer.ok ? this.#read(answer.value) : answer
      if (found.ok) {
        this.#forms = [url, ...this.#forms.filter((form) => form !== url)]
        return found
      }
      reasons.push(found.reason)
      if (!found.absent) break
    }
    return failure(`discovery: ${reasons.join(', ')}`)
  }

  #read(json: unknown): Fetched<string> {
    const issuer = ownMember(json, 'issuer')
    if (typeof issuer !== 'string') return failure('not metadata', { absent: true })
    // RFC 8414 §3.3: identical, or the document must not be used.
    if (issuer !== this.#issuer) return failure('the issuer differs', { absent: true })
    const url = readDiscoveredUrl(ownMember(json, 'jwks_uri'), this.#url)
    return url === undefined ? failure('no jwks_uri that may be fetched') : { ok: true, value: url.href }
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
