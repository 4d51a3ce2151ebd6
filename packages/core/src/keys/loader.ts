import type { Loaded, Snapshot } from './cache.js'
import { Discovery } from './discovery.js'
import { failure, fetchJson, type Attempt, type Document, type Fetched } from './fetch.js'
import type { KeySet } from './key-set.js'
import { parseKeySet } from './parse.js'
import type { RemoteParts } from './source.js'
import { jwksOf } from './stored-key-set.js'
import { checkKeysUrl, readDiscoveredUrl } from './url.js'
import { Vault } from './vault.js'

/** Where the keys of one issuer come from: over the network, or from a store that has seen them before. */
export class Loader {
  readonly #parts: RemoteParts
  readonly #discovery: Discovery | undefined
  readonly #vault: Vault | undefined

  /** @throws ConfigError where `jwksUri`, or without one the issuer, is no URL that keys may be fetched from. */
  constructor(parts: RemoteParts, onStoreError: (operation: 'get' | 'set') => void) {
    const { issuer, jwksUri, options, transport } = parts
    const { fetchTimeoutMs: timeoutMs, store } = options
    this.#parts = parts
    if (jwksUri === undefined) this.#discovery = new Discovery(issuer, { ...parts, timeoutMs })
    else checkKeysUrl(jwksUri, 'jwksUri')
    if (store === undefined) return
    const key = `require-jwt:${JSON.stringify([issuer, jwksUri ?? 'discovered'])}`
    this.#vault = new Vault({ store, key, runtime: transport.runtime, onError: onStoreError })
  }

  /** Whether there is a store to look into. */
  get hasStore(): boolean {
    return this.#vault !== undefined
  }

  /** Fetches the keys; those that `previous` holds keep their object. */
  async load(attempt: Attempt, previous: Snapshot<KeySet> | undefined): Promise<Fetched<Loaded<KeySet>>> {
    const { ordered } = attempt
    const located = await this.#locate({ again: ordered, ordered })
    if (!located.ok) return located
    const { transport } = this.#parts
    let answer = await fetchJson(located.value, transport, attempt, previous?.validators)
    if (!answer.ok && answer.kind === 'gone' && this.#discovery !== undefined && !ordered) {
      // The keys have moved, it seems: the metadata says where to.
      const moved = await this.#locate({ again: true, ordered })
      if (!moved.ok || moved.value === located.value) return answer
      answer = await fetchJson(moved.value, transport, attempt, previous?.validators)
    }
    return answer.ok ? read(answer.value, previous) : answer
  }

  /** Reads what the store has, where it may be the issuer's and passes the filter of fetched keys. */
  async readStore(): Promise<Omit<Snapshot<KeySet>, 'windows'> | undefined> {
    const stored = await this.#vault?.read()
    if (stored === undefined || !this.#isFrom(stored.url)) return undefined
    const keys = await parseKeySet(stored.jwks).catch(() => failure('unexpected error'))
    const { clock } = this.#parts
    const age = clock.now() - stored.fetchedAt
    // A moment to come says that one of the clocks is wrong: nothing can be said of the age then.
    if (!keys.ok || !(age >= 0)) return undefined
    const { url, etag, lastModified, ttlMs: maxAgeMs, staleIfErrorMs } = stored
    return {
      value: keys.value,
      sentAt: { wall: stored.fetchedAt, monotonic: clock.monotonic() - age },
      freshness: { maxAgeMs, staleIfErrorMs },
      validators: { url, etag, lastModified },
    }
  }

  /** Writes fetched keys to the store, if there is one. Never rejects. */
  writeStore({ value, windows, sentAt, validators }: Snapshot<KeySet>): Promise<void> | undefined {
    if (validators === undefined) return undefined
    return this.#vault?.write({
      ...validators,
      jwks: jwksOf(value),
      fetchedAt: sentAt.wall,
      ttlMs: windows.ttlMs,
      staleIfErrorMs: windows.endMs - windows.ttlMs,
    })
  }

  /** Ends a fetch of metadata under way. */
  close(): void {
    this.#discovery?.close()
  }

  async #locate(launch: { readonly again: boolean; readonly ordered: boolean }): Promise<Fetched<string>> {
    const { jwksUri = '' } = this.#parts
    return this.#discovery?.locate(launch) ?? { ok: true, value: new URL(jwksUri).href }
  }

  /** Whether keys from this URL may be the issuer's, before its metadata was asked. */
  #isFrom(url: string): boolean {
    const { issuer, jwksUri, jwksOrigins } = this.#parts
    if (jwksUri !== undefined) return url === new URL(jwksUri).href
    return readDiscoveredUrl(url, new URL(issuer), jwksOrigins)?.href === url
  }
}

async function read(
  { json, notModified, freshness, validators }: Document,
  previous: Snapshot<KeySet> | undefined,
): Promise<Fetched<Loaded<KeySet>>> {
  if (notModified) {
    if (previous === undefined) return failure('status 304')
    // What it does not say anew is as before (RFC 9111 §4.3.4).
    const known = freshness ?? previous.freshness
    return { ok: true, value: { value: previous.value, notModified, freshness: known, validators } }
  }
  const keys = await parseKeySet(json, previous?.value)
  return keys.ok ? { ok: true, value: { value: keys.value, notModified, freshness, validators } } : keys
}
