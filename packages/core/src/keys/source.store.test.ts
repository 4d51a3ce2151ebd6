import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { KeySource } from './key-source.js'
import { ecJwk, flush, Lab, query, said } from './lab.test-support.js'
import { memoryKeyStore } from './memory-key-store.js'
import type { KeyStore } from './store.js'

// The keys of a lab are no points of a curve: what the crypto says of them is of no interest here.
vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

/** A store with what a source wrote into it that has fetched the key `a`. */
async function filled(...options: Parameters<Lab['open']>): Promise<Map<string, string>> {
  const kept = new Map<string, string>()
  const lease = lab.open({ ...options[0], store: over(kept) }, options[1])
  await lab.ask(lease.source, 'a')
  await flush()
  lease.release()
  lab.seen.length = 0
  lab.events.length = 0
  return kept
}

function over(kept: Map<string, string>): KeyStore {
  return { get: (key) => kept.get(key), set: (key, value) => kept.set(key, value) }
}

/** Changes what is kept as somebody could who may write to the store. */
function tamper(kept: Map<string, string>, change: object): void {
  for (const [key, value] of kept) kept.set(key, JSON.stringify({ ...JSON.parse(value), ...change }))
}

function cold(kept: Map<string, string>, ...options: Parameters<Lab['open']>): KeySource {
  return lab.open({ ...options[0], store: over(kept) }, options[1]).source
}

describe('a cold start', () => {
  test('takes the keys from the store: no round trip, as old as they are', async () => {
    const kept = await filled()
    await lab.advance(MINUTE)
    const source = cold(kept)
    expect(await lab.ask(source, 'a')).toBe('a')
    expect(lab.seen).toEqual([])
    expect(source.status()).toMatchObject({ state: 'FRESH', ageMs: MINUTE, generation: 1 })
    expect(lab.events).toEqual([
      { type: 'keys.restored', issuer: 'https://idp.example', keys: 1, ageMs: MINUTE },
    ])
    expect(said(source.find(query('a')))).toBe('a')
  })

  test('while the issuer is down works with keys that may still be used, and no longer', async () => {
    const kept = await filled()
    lab.reply = () => ({ status: 503 })
    await lab.advance(69 * MINUTE)
    const source = cold(kept)
    expect(await lab.ask(source, 'a', SECOND)).toBe('a')
    expect(source.status().state).toBe('MUST_REVALIDATE')
    await lab.advance(MINUTE)
    expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
    expect(await lab.ask(cold(kept, { waitMs: 1_000 }), 'a', SECOND)).toBe('keys_unavailable')
  })

  test('after it a new key is asked for as ever, with the ETag of the store', async () => {
    lab.reply = () => ({ body: { keys: [ecJwk('a')] }, headers: { etag: '"one"' } })
    const source = cold(await filled())
    await lab.ask(source, 'a')
    lab.publish('a', 'b')
    expect(await lab.ask(source, 'b')).toBe('b')
    expect(lab.seen).toMatchObject([{ headers: { 'if-none-match': '"one"' } }])
  })

  test('after it a 304 that says nothing of freshness goes by the default, not by what the writer was set to', async () => {
    lab.reply = () => ({ body: { keys: [ecJwk('a')] }, headers: { etag: '"one"' } })
    const source = cold(await filled({ ttlMs: 60 * MINUTE, staleIfErrorMs: 0 }))
    lab.reply = () => ({ status: 304 })
    await lab.advance(50 * MINUTE)
    await lab.ask(source, 'a')
    await flush()
    expect(source.status()).toMatchObject({ ageMs: 0, freshForMs: 10 * MINUTE, staleUntilMs: 70 * MINUTE })
  })

  test('of 200 requests at once reads the store once', async () => {
    const kept = await filled()
    let reads = 0
    const store: KeyStore = {
      get: async (key) => {
        reads += 1
        return kept.get(key)
      },
      set: () => undefined,
    }
    const { source } = lab.open({ store })
    const answers = Array.from({ length: 200 }, () => said(source.find(query('a'))))
    expect(new Set(await Promise.all(answers.map((each) => Promise.resolve(each))))).toEqual(new Set(['a']))
    expect(reads).toBe(1)
  })

  test('with discovery needs no metadata either', async () => {
    lab.reply = (url) =>
      url.includes('well-known')
        ? { body: { issuer: 'https://idp.example', jwks_uri: 'https://keys.example/jwks' } }
        : { body: { keys: [ecJwk('a')] } }
    const where = { where: { kind: 'discovery' } } as const
    const kept = await filled({}, where)
    expect(await lab.ask(cold(kept, {}, where), 'a')).toBe('a')
    expect(lab.seen).toEqual([])
  })

  test('ready takes them as well', async () => {
    const source = cold(await filled())
    await source.ready()
    expect(source.status().state).toBe('FRESH')
    expect(lab.seen).toEqual([])
  })
})

describe('what is kept is not used', () => {
  test.each([
    ['from another URL', { url: 'https://evil.example/jwks' }],
    ['in another form', { v: 2 }],
    ['from a moment to come', { fetchedAt: 1_700_000_000_000 + 60 * MINUTE }],
    ['past its time', { fetchedAt: 1_700_000_000_000 - 71 * MINUTE }],
    ['past its time, though it says that it lives for ever', { fetchedAt: 1, ttlMs: 1e300 }],
    ['without keys', { jwks: { keys: [] } }],
    ['with keys that the issuer could not publish either', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
  ])('%s', async (_, change) => {
    const kept = await filled()
    tamper(kept, change)
    lab.publish('b')
    const source = cold(kept)
    expect(await lab.ask(source, 'b')).toBe('b')
    expect(lab.seen).toHaveLength(1)
    expect(said(source.find(query('a')))).not.toBe('a')
  })

  test('by discovery, from where metadata could not point', async () => {
    const kept = await filled({}, { where: { kind: 'discovery' } })
    for (const url of ['http://keys.example/jwks', 'https://user:pass@keys.example/', 'file:///etc/keys']) {
      tamper(kept, { url })
      lab.reply = () => ({ status: 503 })
      const { source } = lab.open(
        { store: over(kept) },
        { where: { kind: 'discovery' }, now: () => lab.now() },
      )
      expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
    }
  })

  test('where the store belongs to another issuer', async () => {
    const kept = await filled()
    lab.reply = () => ({ status: 503 })
    expect(await lab.ask(cold(kept, {}, { issuer: 'https://other.example' }), 'a', SECOND)).toBe(
      'keys_unavailable',
    )
  })

  test('again, when keys ran out and the clock is set back', async () => {
    const source = cold(new Map())
    await lab.ask(source, 'a')
    lab.reply = () => ({ status: 503 })
    await lab.advance(70 * MINUTE)
    expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
    lab.wallOffset -= 70 * MINUTE
    await lab.advance(11 * SECOND)
    expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
    expect(source.status().kids).toEqual([])
  })

  test('again, when a newer set without a key ran out first', async () => {
    const kept = new Map<string, string>()
    let works = true
    const store: KeyStore = {
      get: (key) => kept.get(key),
      set: (key, value) => works && kept.set(key, value),
    }
    const { source } = lab.open({ store })
    lab.reply = () => ({ body: { keys: [ecJwk('a')] }, headers: { 'cache-control': 'max-age=3600' } })
    await lab.ask(source, 'a')
    await flush()
    works = false
    const soon = 'max-age=60, stale-if-error=0'
    lab.reply = () => ({ body: { keys: [ecJwk('b')] }, headers: { 'cache-control': soon } })
    await lab.advance(SECOND)
    await source.refresh()
    lab.reply = () => ({ status: 503 })
    await lab.advance(MINUTE)
    expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
  })

  test('by a clock that was set back: keys are as old as the further clock says', async () => {
    const kept = await filled()
    const source = cold(kept)
    await lab.ask(source, 'a')
    lab.wallOffset -= 60 * MINUTE
    await lab.advance(5 * MINUTE)
    expect(source.status().ageMs).toBe(5 * MINUTE)
  })
})

describe('a store that fails', () => {
  test.each<[string, KeyStore['get']]>([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['hangs', () => new Promise(() => undefined)],
  ])('%s: the issuer is asked after 250 ms at the latest, and the operator is told', async (_, get) => {
    const { source } = lab.open({ store: { get, set: () => undefined } })
    expect(await lab.ask(source, 'a', 250)).toBe('a')
    expect(lab.events).toMatchObject([
      { type: 'keys.store_failed', operation: 'get', count: 1 },
      { type: 'keys.refreshed' },
    ])
  })

  test('to write: nobody waits for it', async () => {
    const store = { get: () => undefined, set: () => Promise.reject(new Error('down')) }
    const { source } = lab.open({ store })
    expect(await lab.ask(source, 'a')).toBe('a')
    expect(lab.events).toMatchObject([
      { type: 'keys.refreshed' },
      { type: 'keys.store_failed', operation: 'set' },
    ])
    const hanging = lab.open({ store: { get: () => undefined, set: () => new Promise(() => undefined) } })
    expect(await lab.ask(hanging.source, 'a')).toBe('a')
  })
})

describe('what is written', () => {
  test('is what was fetched, with every refresh, also one by 304; nothing else of the JWKS', async () => {
    lab.reply = () => ({
      body: {
        keys: [
          { ...ecJwk('a'), x5c: ['a certificate'] },
          { kty: 'oct', k: 'AAAA', kid: 'secret' },
        ],
      },
      headers: { etag: '"one"' },
    })
    const written: string[] = []
    const store: KeyStore = { get: () => undefined, set: (_, value) => written.push(value) }
    const { source } = lab.open({ store })
    await lab.ask(source, 'a')
    lab.reply = () => ({ status: 304 })
    await lab.advance(8 * MINUTE)
    await lab.ask(source, 'a')
    await flush()
    expect(written.map((text) => (JSON.parse(text) as { fetchedAt: number }).fetchedAt)).toEqual([
      1_700_000_000_000,
      1_700_000_000_000 + 8 * MINUTE,
    ])
    expect(written.join()).not.toMatch(/x5c|certificate|oct|AAAA|secret/)
  })

  test('memoryKeyStore shares keys among sources', async () => {
    const store = memoryKeyStore({}, lab.now)
    await lab.ask(lab.open({ store }).source, 'a')
    await flush()
    lab.reply = () => ({ status: 503 })
    expect(await lab.ask(lab.open({ store, waitMs: 1_000 }).source, 'a')).toBe('a')
  })
})
