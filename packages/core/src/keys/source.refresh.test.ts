import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { KeySource } from './key-source.js'
import { ecJwk, flush, Lab, query, said, type Reply } from './lab.test-support.js'

// The keys of a lab are no points of a curve: what the crypto says of them is of no interest here.
vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const TTL = 10 * MINUTE
const AHEAD = 0.8 * TTL // with the random number of the lab
const DOWN: Reply = { status: 503 }

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

/** Everybody gets an answer at once: for as long as it is said, nobody waits. */
function answersAtOnce(source: KeySource, kid = 'a'): void {
  expect(said(source.find(query(kid)))).toBe(kid)
}

function body(...kids: readonly string[]): Reply {
  return { body: { keys: kids.map((kid) => ecJwk(kid)) } }
}

describe('AHEAD', () => {
  test('requests are answered at once, while one refresh runs', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ ...body('a'), afterMs: SECOND })
    await lab.advance(AHEAD)
    expect(source.status()).toMatchObject({ state: 'AHEAD', stateEndsMs: TTL - AHEAD })
    for (let i = 0; i < 50; i += 1) answersAtOnce(source)
    await lab.advance(SECOND)
    expect(lab.seen).toHaveLength(1)
    expect(source.status()).toMatchObject({ state: 'FRESH', generation: 2, ageMs: SECOND })
  })

  test('under traffic keys never grow as old as the ttl', async () => {
    const source = await lab.warm()
    let oldest = 0
    for (let i = 0; i < 2 * 60; i += 1) {
      answersAtOnce(source)
      await lab.advance(MINUTE)
      oldest = Math.max(oldest, source.status().ageMs ?? 0)
    }
    expect(oldest).toBeLessThan(TTL)
  })

  test('a failure is nothing to see; it is tried again after the back-off', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    await lab.advance(AHEAD)
    for (let i = 0; i < TTL - AHEAD; i += SECOND) {
      answersAtOnce(source)
      await lab.advance(SECOND)
    }
    expect(lab.seen.length).toBeGreaterThan(3)
    expect(lab.seen.length).toBeLessThan(12)
    expect(lab.events).toEqual([])
  })

  test('a fleet does not ask as one: the moment is between 75 and 85 % of the ttl', async () => {
    const moments: number[] = []
    for (const random of [0, 0.25, 0.999]) {
      lab.random = random
      const { source } = lab.open({ waitMs: 1 + moments.length })
      await lab.ask(source, 'a')
      moments.push(source.status().stateEndsMs ?? 0)
    }
    expect(moments.map((ms) => Math.round((100 * ms) / TTL))).toEqual([75, 78, 85])
  })

  test('a withdrawn key is refused before the ttl has passed', async () => {
    const source = await lab.warm()
    lab.publish('b')
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await flush()
    expect(await lab.ask(source, 'a')).toBe('key_unknown')
  })
})

/** For how long keys are fresh that came with these fields. */
async function ttlOf(headers: Readonly<Record<string, string>>, options = {}): Promise<number | undefined> {
  lab = new Lab()
  lab.reply = () => ({ ...body('a'), headers })
  const { source } = lab.open(options)
  await lab.ask(source, 'a')
  return source.status().freshForMs
}

describe('what the issuer says of its keys', () => {
  test.each([
    ['max-age=1200', {}, 1200 * SECOND],
    ['max-age=1200', { age: '200' }, 1000 * SECOND],
    ['public, max-age=86400', {}, HOUR],
    ['max-age=5', {}, MINUTE],
    ['max-age=900', { age: '900' }, MINUTE],
    ['no-store', {}, MINUTE],
    ['no-cache, max-age=1200', {}, MINUTE],
    ['must-revalidate', {}, TTL],
  ])('Cache-Control: %s %o', async (field, more, ttlMs) => {
    expect(await ttlOf({ 'cache-control': field, ...more })).toBe(ttlMs)
  })

  test('without Cache-Control it is 10 min', async () => {
    expect(await ttlOf({})).toBe(TTL)
  })

  test('ttlMs is the last word, where it is set', async () => {
    const field = { 'cache-control': 'max-age=3600, stale-if-error=5' }
    expect(await ttlOf(field, { ttlMs: 2 * MINUTE })).toBe(2 * MINUTE)
  })

  test('stale-if-error shortens, and never lengthens', async () => {
    lab.reply = () => ({ ...body('a'), headers: { 'cache-control': 'max-age=600, stale-if-error=60' } })
    expect((await lab.warm()).status().staleUntilMs).toBe(TTL + MINUTE)
    lab.reply = () => ({ ...body('a'), headers: { 'cache-control': 'max-age=600, stale-if-error=86400' } })
    expect((await lab.warm({ waitMs: 1 })).status().staleUntilMs).toBe(TTL + HOUR)
  })
})

describe('an issuer that knows its keys again', () => {
  const ETAG = '"one"'

  /** Answers 304 to who has the etag. */
  function conditional(...kids: readonly string[]): void {
    lab.reply = () =>
      lab.seen.at(-1)?.headers['if-none-match'] === ETAG
        ? { status: 304 }
        : { ...body(...kids), headers: { etag: ETAG, 'cache-control': 'max-age=1200' } }
  }

  test('is asked with the ETag; 304 makes the keys young again and leaves them as they are', async () => {
    conditional('a')
    const source = await lab.warm()
    const before = await source.find(query('a'))
    await lab.advance(16 * MINUTE)
    answersAtOnce(source)
    await flush()
    expect(lab.seen).toMatchObject([{ headers: { 'if-none-match': ETAG } }])
    expect(source.status()).toMatchObject({ state: 'FRESH', ageMs: 0, generation: 1, failures: 0 })
    expect(source.status().freshForMs).toBe(20 * MINUTE) // a 304 without Cache-Control changes nothing
    expect(await source.find(query('a'))).toEqual(before)
    expect(lab.events).toMatchObject([{ type: 'keys.refreshed', keys: 1 }])
  })

  test('304 is evidence: a kid that is not in the keys is unknown, and asked for once', async () => {
    conditional('a')
    const source = await lab.warm()
    expect(await lab.ask(source, 'b')).toBe('key_unknown')
    expect(lab.seen).toMatchObject([{ headers: { 'if-none-match': ETAG, 'cache-control': 'no-cache' } }])
    expect(await lab.ask(source, 'b')).toBe('key_unknown')
    expect(lab.seen).toHaveLength(1)
  })

  test('Last-Modified is sent back as well', async () => {
    const moment = 'Tue, 24 Nov 2026 10:00:00 GMT'
    lab.reply = () => ({ ...body('a'), headers: { 'last-modified': moment } })
    const source = await lab.warm()
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await flush()
    expect(lab.seen).toMatchObject([{ headers: { 'if-modified-since': moment } }])
  })

  test('keys that have expired are asked for whole', async () => {
    conditional('a')
    const source = await lab.warm()
    await lab.advance(3 * HOUR)
    expect(await lab.ask(source, 'a')).toBe('a')
    expect(lab.seen[0]?.headers).not.toHaveProperty('if-none-match')
  })
})

describe('a signature that is bad', () => {
  const NEW: Reply = { body: { keys: [ecJwk('a', 'a new key')] } }

  test('a new key under an old kid is found by the next request', async () => {
    const source = await lab.warm()
    const before = await source.find(query('a'))
    lab.reply = () => NEW
    source.suspect()
    await flush()
    expect(lab.seen).toMatchObject([{ headers: { 'cache-control': 'no-cache' } }])
    expect(await source.find(query('a'))).not.toEqual(before)
  })

  test('100 forged tokens cost one fetch, in the background', async () => {
    const source = await lab.warm()
    for (let i = 0; i < 100; i += 1) {
      answersAtOnce(source)
      source.suspect()
      await lab.advance(100)
    }
    expect(lab.seen).toHaveLength(1)
  })

  test('under a flood of forged tokens a new key is found within 60 s', async () => {
    const source = await lab.warm()
    source.suspect()
    await lab.advance(SECOND)
    lab.reply = () => NEW
    for (let i = 0; i < 60; i += 1) {
      source.suspect()
      await lab.advance(SECOND)
    }
    expect(source.status().generation).toBe(3)
    expect(lab.seen).toHaveLength(2)
  })

  test('in back-off, and while a fetch is under way, nothing is asked and nothing is used up', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ ...DOWN, afterMs: SECOND })
    void source.find(query('b'))
    await flush()
    source.suspect()
    await lab.advance(3 * SECOND)
    source.suspect()
    await flush()
    const asked = lab.seen.length
    await lab.advance(MINUTE)
    source.suspect()
    await flush()
    expect(lab.seen).toHaveLength(asked + 1)
  })
})

describe('an issuer that asks to be left alone', () => {
  test('is left alone for as long, while keys are at hand; no request is repeated at once', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ ...DOWN, headers: { 'retry-after': '40' } })
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await lab.advance(SECOND)
    expect(lab.seen).toHaveLength(1)
    expect(source.status().nextAttemptMs).toBe(39 * SECOND)
  })

  test('but without keys no longer than 10 s, whatever it says', async () => {
    lab.reply = () => ({ status: 429, headers: { 'retry-after': '3600' } })
    const { source } = lab.open()
    expect(await lab.ask(source, 'a', SECOND)).toBe('keys_unavailable')
    expect(source.status().nextAttemptMs).toBe(9 * SECOND)
    lab.publish('a')
    await lab.advance(9 * SECOND)
    expect(await lab.ask(source, 'a')).toBe('a')
  })

  test('a later failure without the header goes by the back-off alone', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ ...DOWN, headers: { 'retry-after': '40' } })
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await lab.advance(40 * SECOND)
    lab.reply = () => DOWN
    answersAtOnce(source)
    await flush()
    expect(source.status()).toMatchObject({ failures: 2, nextAttemptMs: 1.5 * SECOND })
  })
})

describe('metadata, when the keys are gone', () => {
  const METADATA = 'https://idp.example/.well-known/oauth-authorization-server'
  let place = 'old'

  function discovered(options = {}): KeySource {
    lab.reply = (url) => {
      if (url === METADATA) {
        return { body: { issuer: 'https://idp.example', jwks_uri: `https://idp.example/${place}` } }
      }
      return url.endsWith(place) ? body('a', place) : { status: 410 }
    }
    return lab.open(options, { where: { kind: 'discovery' } }).source
  }

  beforeEach(() => {
    place = 'old'
  })

  test('is asked again at once, and the keys are fetched from where they have moved to', async () => {
    const source = discovered()
    expect(await lab.ask(source, 'old')).toBe('old')
    place = 'new'
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await flush()
    expect(await lab.ask(source, 'new')).toBe('new')
    expect(source.status().failures).toBe(0)
    expect(lab.seen.map(({ url }) => url.replace(/.*\//, ''))).toEqual([
      'oauth-authorization-server',
      'old',
      'old',
      'oauth-authorization-server',
      'new',
    ])
  })

  test('and where it knows no other place, the attempt has failed', async () => {
    const source = discovered()
    expect(await lab.ask(source, 'old')).toBe('old')
    const { reply } = lab
    lab.reply = (url) => (url === METADATA ? reply(url) : { status: 404 })
    await lab.advance(AHEAD)
    answersAtOnce(source)
    await flush()
    expect(source.status()).toMatchObject({ failures: 1, lastError: 'status 404' })
    answersAtOnce(source)
  })
})
