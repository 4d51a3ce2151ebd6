import { beforeEach, describe, expect, test, vi } from 'vitest'
import { isConfigError } from '../errors.js'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS } from '../signature/algorithms.js'
import { Discovery, metadataUrls, type DiscoveryParts } from './discovery.js'
import type { KeySource } from './key-source.js'
import { ecJwk, Lab, type Reply } from './lab.test-support.js'
import { checkKeySetOptions } from './options.js'

vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const ISSUER = 'https://idp.example/tenant'
const OAUTH = 'https://idp.example/.well-known/oauth-authorization-server/tenant'
const INSERTED = 'https://idp.example/.well-known/openid-configuration/tenant'
const APPENDED = 'https://idp.example/tenant/.well-known/openid-configuration'
const JWKS = 'https://keys.example/jwks'

const METADATA: Reply = { body: { issuer: ISSUER, jwks_uri: JWKS } }
const KEYS: Reply = { body: { keys: [ecJwk('a')] } }

let lab: Lab
let pages: Record<string, Reply>

beforeEach(() => {
  lab = new Lab()
  pages = { [OAUTH]: METADATA, [JWKS]: KEYS }
  lab.reply = (url) => pages[url] ?? { status: 404 }
})

function open(issuer = ISSUER): KeySource {
  return lab.open({}, { issuer, where: { kind: 'discovery' } }).source
}

async function ask(source: KeySource, kid = 'a', passMs = 0): Promise<string> {
  const found = source.find({ kid, alg: 'ES256', algorithms: new Set(ASYMMETRIC_ALGORITHMS) })
  await lab.advance(passMs)
  const answer = await found
  return isRefusal(answer) ? answer.code : answer.map((key) => key.kid).join()
}

function asked(): readonly string[] {
  return lab.seen.map(({ url }) => url)
}

describe('where metadata is', () => {
  test.each([
    ['https://idp.example', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    [
      'https://idp.example/',
      ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
    ],
    [
      'https://idp.example/a/b',
      [
        '/.well-known/oauth-authorization-server/a/b',
        '/.well-known/openid-configuration/a/b',
        '/a/b/.well-known/openid-configuration',
      ],
    ],
    [
      'https://idp.example/a/',
      [
        '/.well-known/oauth-authorization-server/a',
        '/.well-known/openid-configuration/a',
        '/a/.well-known/openid-configuration',
      ],
    ],
  ])('of %s', (issuer, paths) => {
    expect(metadataUrls(new URL(issuer))).toEqual(paths.map((path) => `https://idp.example${path}`))
  })

  test('a port belongs to it', () => {
    expect(metadataUrls(new URL('http://localhost:3000'))[0]).toBe(
      'http://localhost:3000/.well-known/oauth-authorization-server',
    )
  })
})

describe('the forms', () => {
  test('nothing is asked before the first look-up', async () => {
    open()
    await lab.advance(HOUR)
    expect(lab.seen).toEqual([])
  })

  test('the first that is there is used', async () => {
    expect(await ask(open())).toBe('a')
    expect(asked()).toEqual([OAUTH, JWKS])
  })

  test.each<[string, Reply]>([
    ['404', { status: 404 }],
    ['410', { status: 410 }],
    ['a page', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['no JSON', { body: 'hello' }],
    ['JSON that is no metadata', { body: [] }],
    [
      'metadata of another issuer',
      { body: { issuer: 'https://idp.example', jwks_uri: 'https://evil.example' } },
    ],
  ])('%s: the next one is asked', async (_, reply) => {
    pages[OAUTH] = reply
    pages[INSERTED] = reply
    pages[APPENDED] = METADATA
    expect(await ask(open())).toBe('a')
    expect(asked()).toEqual([OAUTH, INSERTED, APPENDED, JWKS])
  })

  test.each<[string, Reply]>([
    ['500', { status: 500 }],
    ['403', { status: 403 }],
    ['a redirect', { status: 302, headers: { location: APPENDED } }],
    ['a network error', { fault: 'error' }],
    ['more than the limit', { body: ' '.repeat(300_000) }],
  ])('%s: the attempt ends', async (_, reply) => {
    pages[OAUTH] = reply
    pages[INSERTED] = METADATA
    expect(await ask(open(), 'a', 500)).toBe('keys_unavailable')
    expect(new Set(asked())).toEqual(new Set([OAUTH]))
  })

  test('the form that worked is asked first the next time', async () => {
    pages = { [APPENDED]: METADATA, [JWKS]: KEYS }
    const source = open()
    await ask(source)
    await lab.advance(2 * HOUR)
    lab.seen.length = 0
    await ask(source)
    await lab.advance(0)
    expect(asked()).toContain(APPENDED)
    expect(asked()).not.toContain(OAUTH)
  })

  test('what went wrong is told, form by form', async () => {
    pages = { [INSERTED]: { body: { issuer: `${ISSUER}/`, jwks_uri: JWKS } } }
    const source = open()
    expect(await ask(source)).toBe('keys_unavailable')
    expect(source.status().lastError).toBe('discovery: status 404, the issuer differs, status 404')
  })
})

describe('the issuer of a document must be the configured one, to the letter', () => {
  test.each([
    `${ISSUER}/`,
    'https://IDP.example/tenant',
    'https://idp.example/Tenant',
    'https://idp.example',
    'https://evil.example',
    '',
    undefined,
    null,
    [ISSUER],
  ])('%j is another', async (issuer) => {
    pages[OAUTH] = { body: { issuer, jwks_uri: JWKS } }
    expect(await ask(open())).toBe('keys_unavailable')
    expect(asked()).not.toContain(JWKS)
  })

  test('a slash at the end of the configured one counts too', async () => {
    expect(await ask(open(`${ISSUER}/`))).toBe('keys_unavailable')
    expect(asked()).not.toContain(JWKS)
  })
})

describe('jwks_uri', () => {
  test.each([
    'http://keys.example/jwks',
    'http://127.0.0.1/jwks',
    'https://a@keys.example',
    '/jwks',
    '',
    7,
    undefined,
  ])('%j is never fetched', async (uri) => {
    pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: uri } }
    const source = open()
    expect(await ask(source)).toBe('keys_unavailable')
    expect(asked()).toEqual([OAUTH])
    expect(source.status().lastError).toBe('discovery: no jwks_uri that may be fetched')
  })

  test('may be http where the issuer is http on loopback', async () => {
    const issuer = 'http://127.0.0.1:3000'
    pages = {
      [`${issuer}/.well-known/openid-configuration`]: { body: { issuer, jwks_uri: `${issuer}/jwks` } },
      [`${issuer}/jwks`]: KEYS,
    }
    expect(await ask(open(issuer))).toBe('a')
  })

  test.each(['http://idp.example', 'idp.example', 'https://idp.example#a', 'https://a:b@idp.example'])(
    'an issuer like %s is a ConfigError before anything is fetched',
    (issuer) => {
      let error: unknown
      try {
        open(issuer)
      } catch (thrown) {
        error = thrown
      }
      expect(isConfigError(error)).toBe(true)
      expect(lab.seen).toEqual([])
    },
  )
})

describe('the cache of the document', () => {
  test('is used for 48 min, then renewed beside the fetch of the keys', async () => {
    const source = open()
    await ask(source)
    lab.seen.length = 0
    for (let minute = 0; minute < 47; minute += 1) {
      await lab.advance(MINUTE)
      await ask(source)
    }
    expect(new Set(asked())).toEqual(new Set([JWKS]))
    lab.seen.length = 0
    for (let minute = 0; minute < 20; minute += 1) {
      await lab.advance(MINUTE)
      await ask(source)
    }
    expect(asked().filter((url) => url === OAUTH)).toHaveLength(1)
  })

  test('follows the issuer to a new jwks_uri', async () => {
    const source = open()
    await ask(source)
    pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: 'https://new.example/jwks' } }
    pages['https://new.example/jwks'] = { body: { keys: [ecJwk('b')] } }
    for (let minute = 0; minute < 90; minute += 1) {
      await lab.advance(MINUTE)
      await ask(source)
    }
    expect(source.status().kids).toEqual(['b'])
  })

  test.each<[string, Reply]>([
    ['down', { status: 503 }],
    ['hanging', { fault: 'hang' }],
    ['gone', { status: 404 }],
    [
      'of another issuer',
      { body: { issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' } },
    ],
  ])('one that is %s never makes keys expire', async (_, reply) => {
    const source = open()
    await ask(source)
    pages[OAUTH] = reply
    for (let i = 0; i < 300; i += 1) {
      await lab.advance(MINUTE)
      expect(await ask(source)).toBe('a')
    }
    expect(source.status().state).not.toBe('EXPIRED')
    expect(source.status().failures).toBe(0)
  })
})

test('a document that is old and hangs delays nobody', async () => {
  const source = open()
  await ask(source)
  await lab.advance(2 * HOUR)
  pages[OAUTH] = { fault: 'hang' }
  expect(source.status().state).toBe('EXPIRED')
  expect(await ask(source)).toBe('a')
})

describe('limits', () => {
  test('200 look-ups at once: one document, one set', async () => {
    const source = open()
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(source)))
    expect(new Set(answers)).toEqual(new Set(['a']))
    expect(asked()).toEqual([OAUTH, JWKS])
  })

  test('100 invented kids do not ask for the document again', async () => {
    const source = open()
    await ask(source)
    for (let i = 0; i < 100; i += 1) await ask(source, `invented ${i}`)
    expect(asked().filter((url) => url === OAUTH)).toHaveLength(1)
    expect(asked().filter((url) => url === JWKS)).toHaveLength(3)
  })

  test('down for 10 min: as many attempts as for keys, and back within 10 s', async () => {
    const source = open()
    pages[OAUTH] = { status: 503 }
    for (let i = 0; i < 6_000; i += 1) {
      void ask(source)
      await lab.advance(100)
    }
    expect(lab.seen.length).toBeGreaterThan(60)
    expect(lab.seen.length).toBeLessThanOrEqual(130)
    pages[OAUTH] = METADATA
    await lab.advance(10 * SECOND)
    expect(await ask(source)).toBe('a')
  })

  test('without a document it is the back-off of the keys that decides when to ask', async () => {
    const source = open()
    pages[OAUTH] = { status: 404 }
    lab.randoms.push(0.99, 0) // for the document, for the keys
    expect(await ask(source)).toBe('keys_unavailable')
    pages[OAUTH] = METADATA
    await lab.advance(source.status().nextAttemptMs)
    expect(lab.time).toBe(500)
    expect(await ask(source)).toBe('a')
  })

  test('Retry-After of the document holds for the keys, up to the cap of 10 s', async () => {
    const source = open()
    pages[OAUTH] = { status: 503, headers: { 'retry-after': '7' } }
    expect(await ask(source)).toBe('keys_unavailable')
    expect(source.status().nextAttemptMs).toBe(7 * SECOND)
    pages[OAUTH] = { status: 503, headers: { 'retry-after': '3600' } }
    await lab.advance(7 * SECOND)
    expect(await ask(source)).toBe('keys_unavailable')
    expect(source.status().nextAttemptMs).toBe(10 * SECOND)
  })

  test('the document and the keys share the 15 s of one fetch', async () => {
    const source = open()
    pages[OAUTH] = { ...METADATA, afterMs: 10 * SECOND }
    pages[JWKS] = { ...KEYS, afterMs: 10 * SECOND }
    const waiting = ask(source, 'a', 15 * SECOND)
    expect(await waiting).toBe('keys_unavailable')
    expect(source.status()).toMatchObject({ failures: 1, lastError: 'timeout' })
    await lab.advance(SECOND)
    pages[JWKS] = KEYS
    expect(await ask(source)).toBe('a')
    expect(asked()).toEqual([OAUTH, JWKS, JWKS])
  })

  test('close ends the fetch of the document', async () => {
    const lease = lab.open({}, { issuer: ISSUER, where: { kind: 'discovery' } })
    pages[OAUTH] = { fault: 'hang' }
    const waiting = ask(lease.source)
    await lab.advance(0)
    expect(lab.inFlight).toBe(1)
    lease.release()
    expect(await waiting).toBe('keys_unavailable')
    await lab.advance(0)
    expect(lab.inFlight).toBe(0)
    expect(lab.timers.size).toBe(0)
  })

  test('an answer that comes after the attempt has ended sends no further request', async () => {
    const urls: string[] = []
    const fetch: typeof lab.fetch = (url, init) => {
      urls.push(url)
      const deaf = { ...init, signal: new AbortController().signal }
      return lab.fetch(url, deaf)
    }
    pages[OAUTH] = { ...METADATA, afterMs: 20 * SECOND }
    const { source } = lab.open({}, { issuer: ISSUER, where: { kind: 'discovery' }, fetch })
    void source.ready()
    await lab.advance(30 * SECOND)
    expect(urls).toEqual([OAUTH])
    expect(source.status().lastError).toBe('timeout')
  })
})

test('options of the key set hold for the document', async () => {
  const keySet = checkKeySetOptions({ maxBytes: 1_024 })
  const { source } = lab.open({}, { issuer: ISSUER, where: { kind: 'discovery' }, keySet })
  pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: JWKS, filler: ' '.repeat(1_024) } }
  await ask(source)
  expect(source.status().lastError).toBe('discovery: body too large')
})

function discovery(more: Partial<DiscoveryParts> = {}): Discovery {
  const { fetch, runtime, now } = lab
  return new Discovery(ISSUER, {
    clock: { now, monotonic: runtime.monotonic },
    transport: { fetch, maxBytes: 10_000, runtime, now },
    isolated: false,
    timeoutMs: 15 * SECOND,
    jwksOrigins: undefined,
    ...more,
  })
}

async function locateIn(uri: string, jwksOrigins: readonly string[] | undefined): Promise<string> {
  pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: uri } }
  const found = await discovery({ jwksOrigins }).locate({ again: false, ordered: false })
  return found.ok ? found.value : found.reason
}

describe('locate', () => {
  const once = { again: false, ordered: false }
  const again = { again: true, ordered: false }
  const ordered = { again: true, ordered: true }

  async function locate(from: Discovery, launch: typeof once = once, passMs = 0): Promise<string> {
    const locating = from.locate(launch)
    await lab.advance(passMs)
    const found = await locating
    return found.ok ? found.value : found.reason
  }

  test.each([
    [0, 45],
    [0.5, 48],
    [0.999, 50.99],
  ])(
    'asks ahead of the hour, not all at one time: a random number of %d makes %d min',
    async (random, min) => {
      lab.random = random
      const idp = discovery()
      await locate(idp)
      await lab.advance(min * MINUTE - SECOND)
      await locate(idp)
      expect(lab.seen).toHaveLength(1)
      await lab.advance(2 * SECOND)
      pages[OAUTH] = { fault: 'hang' }
      expect(await locate(idp)).toBe(JWKS)
      expect(lab.seen).toHaveLength(2)
    },
  )

  test('asks with the ETag; 304 makes the document young again', async () => {
    pages[OAUTH] = { ...METADATA, headers: { etag: '"1"' } }
    const idp = discovery()
    await locate(idp)
    pages[OAUTH] = { status: 304 }
    await lab.advance(50 * MINUTE)
    await locate(idp)
    expect(lab.seen[1]?.headers).toMatchObject({ 'if-none-match': '"1"' })
    await lab.advance(47 * MINUTE)
    expect(await locate(idp)).toBe(JWKS)
    expect(lab.seen).toHaveLength(2)
    pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: 'https://new.example/jwks' } }
    expect(await locate(idp, again)).toBe('https://new.example/jwks')
    expect(lab.seen[2]?.headers).toMatchObject({ 'if-none-match': '"1"' })
  })

  test('the ETag of one form is not sent to another', async () => {
    pages[OAUTH] = { ...METADATA, headers: { etag: '"1"' } }
    const idp = discovery()
    await locate(idp)
    pages = { [APPENDED]: METADATA, [JWKS]: KEYS }
    expect(await locate(idp, again)).toBe(JWKS)
    expect(lab.seen.slice(1).map(({ headers }) => headers['if-none-match'])).toEqual([
      '"1"',
      undefined,
      undefined,
    ])
  })

  test('`again` asks for a fresh document too, past caches, and waits for the answer', async () => {
    const idp = discovery()
    await locate(idp)
    pages[OAUTH] = { afterMs: SECOND, body: { issuer: ISSUER, jwks_uri: 'https://new.example/jwks' } }
    expect(await locate(idp, again, SECOND)).toBe('https://new.example/jwks')
    expect(lab.seen.map(({ headers }) => headers['cache-control'])).toEqual([undefined, 'no-cache'])
  })

  test('`again` without success gives the document at hand, and holds the back-off', async () => {
    const idp = discovery()
    await locate(idp)
    pages[OAUTH] = { status: 404 }
    expect(await locate(idp, again)).toBe(JWKS)
    lab.seen.length = 0
    expect(await locate(idp, again)).toBe(JWKS)
    expect(lab.seen).toEqual([])
  })

  test('`ordered` asks in back-off as well', async () => {
    const idp = discovery()
    await locate(idp)
    pages[OAUTH] = { status: 404 }
    await locate(idp, again)
    pages[OAUTH] = { body: { issuer: ISSUER, jwks_uri: 'https://new.example/jwks' } }
    expect(await locate(idp, ordered)).toBe('https://new.example/jwks')
  })

  test('in an isolate who asks for an old document waits for its own answer', async () => {
    const idp = discovery({ isolated: true })
    await locate(idp)
    await lab.advance(50 * MINUTE)
    const moved = { body: { issuer: ISSUER, jwks_uri: 'https://new.example/jwks' } }
    pages[OAUTH] = { ...moved, afterMs: SECOND }
    const both = [locate(idp, once, SECOND), idp.locate(once)]
    await Promise.all(both)
    expect(await both[0]).toBe('https://new.example/jwks')
    expect(lab.seen).toHaveLength(3)
  })

  test('Retry-After of the metadata is told with the failure, and not with a later one', async () => {
    pages[OAUTH] = { status: 503, headers: { 'retry-after': '30' } }
    const idp = discovery()
    expect(await idp.locate(once)).toMatchObject({ ok: false, retryAfterMs: 30_000 })
    pages[OAUTH] = { fault: 'hang' }
    const answer = idp.locate(once)
    await lab.advance(15 * SECOND)
    expect(await answer).toMatchObject({ ok: false, reason: 'timeout', retryAfterMs: 0 })
  })

  test('after close it is closed', async () => {
    const idp = discovery()
    idp.close()
    expect(await locate(idp)).toBe('closed')
    expect(lab.seen).toEqual([])
  })

  describe('jwksOrigins', () => {
    const elsewhere = 'discovery: no jwks_uri that may be fetched'

    test('undefined: any', async () => {
      expect(await locateIn(JWKS, undefined)).toBe(JWKS)
    })

    test("none: the issuer's own alone", async () => {
      expect(await locateIn('https://idp.example/jwks', [])).toBe('https://idp.example/jwks')
      expect(await locateIn(JWKS, [])).toBe(elsewhere)
      expect(await locateIn('https://idp.example:8443/jwks', [])).toBe(elsewhere)
    })

    test('some: these beside it', async () => {
      expect(await locateIn(JWKS, ['https://keys.example'])).toBe(JWKS)
      expect(await locateIn('https://idp.example/jwks', ['https://keys.example'])).toBe(
        'https://idp.example/jwks',
      )
      expect(await locateIn('https://evil.example/jwks', ['https://keys.example'])).toBe(elsewhere)
    })
  })
})
