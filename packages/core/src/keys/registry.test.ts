import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthEvent } from '../events.js'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS } from '../signature/algorithms.js'
import type { KeyQuery, KeySource } from './key-source.js'
import { ecJwk, flush, Lab } from './lab.test-support.js'
import { checkKeySetOptions, type FetchLike } from './options.js'
import { openKeySource, type KeySourceConfig, type Lease } from './registry.js'
import { memoryKeyStore } from './memory-key-store.js'
import { Tenancy } from './tenancy.js'

vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const SECOND = 1_000
const OTHER_URL = { where: { kind: 'jwksUri', url: 'https://idp.example/other' } } as const

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

function query(kid: string): KeyQuery {
  return { kid, alg: 'ES256', algorithms: new Set(ASYMMETRIC_ALGORITHMS) }
}

async function ask(source: KeySource, kid = 'a'): Promise<string> {
  const found = await source.find(query(kid))
  return isRefusal(found) ? found.code : found.map((key) => key.kid).join()
}

/** A `fetch` of its own that reaches the lab, as one that is written inline in a middleware. */
function inlineFetch(): FetchLike {
  return (url, init) => lab.fetch(url, init)
}

function told(): readonly AuthEvent[] {
  return lab.events.filter(({ type }) => type === 'keys.unshared')
}

async function openAndForget(): Promise<WeakRef<FetchLike>> {
  const fetch = inlineFetch()
  await ask(lab.open({}, { fetch }).source)
  return new WeakRef(fetch)
}

describe('sharing', () => {
  test('two verifiers of one identity share one fetch and one key object', async () => {
    const [first, second] = [lab.open(), lab.open()]
    await ask(first.source)
    await ask(second.source)
    expect(lab.seen).toHaveLength(1)
    expect(await first.source.find(query('a'))).toEqual(await second.source.find(query('a')))
    expect(second.source.status().generation).toBe(1)
  })

  test.each<[string, Partial<KeySourceConfig>]>([
    ['issuer, even with one URL', { issuer: 'https://other.example' }],
    ['URL', OTHER_URL],
    ['discovery', { where: { kind: 'discovery' } }],
    ['ttlMs', { keySet: checkKeySetOptions({ ttlMs: 60_000, staleWhileRevalidateMs: 600_000 }) }],
    ['staleWhileRevalidateMs', { keySet: checkKeySetOptions({ staleWhileRevalidateMs: 0 }) }],
    ['staleIfErrorMs', { keySet: checkKeySetOptions({ staleIfErrorMs: 700_000 }) }],
    ['waitMs', { keySet: checkKeySetOptions({ waitMs: 1 }) }],
    ['fetchTimeoutMs', { keySet: checkKeySetOptions({ fetchTimeoutMs: 1_000 }) }],
    ['maxBytes', { keySet: checkKeySetOptions({ maxBytes: 1_024 }) }],
    ['fetch', { fetch: (url, init) => lab.fetch(url, init) }],
    ['now', { now: () => lab.now() }],
  ])('another %s is another source', async (_, more) => {
    await ask(lab.open().source)
    const { source } = lab.open({}, more)
    expect(source.status()).toMatchObject({ state: 'EMPTY', generation: 0 })
  })

  test('the defaults, spelled out, are the same identity', async () => {
    await ask(lab.open().source)
    const { source } = lab.open({ staleIfErrorMs: 3_600_000, waitMs: 5_000 })
    expect(source.status().state).toBe('FRESH')
  })

  test('events go to the observer of every lease, and one that throws harms nobody', async () => {
    const heard: string[] = []
    const first = lab.open(
      {},
      {
        observer: () => {
          throw new Error('broken observer')
        },
      },
    )
    const second = lab.open({}, { observer: (event) => heard.push(event.type) })
    expect(await ask(first.source)).toBe('a')
    expect(heard).toEqual(['keys.refreshed'])
    second.release()
    await ask(first.source, 'b')
    expect(heard).toEqual(['keys.refreshed'])
  })
})

describe('release', () => {
  test('ends the share of its holder only: the others go on', async () => {
    const [first, second] = [lab.open(), lab.open()]
    await ask(first.source)
    first.release()
    first.release()
    expect(await ask(first.source)).toBe('keys_unavailable')
    expect(first.source.status()).toMatchObject({ state: 'CLOSED', kids: [], ageMs: undefined })
    expect(await ask(second.source)).toBe('a')
    expect(second.source.status().state).toBe('FRESH')
    expect(lab.seen).toHaveLength(1)
  })

  test('a released holder holds no key and asks for none', async () => {
    const [first, second] = [lab.open(), lab.open()]
    const found = await second.source.find(query('a'))
    const [key] = isRefusal(found) ? [] : found
    if (key === undefined) throw new Error('no key')
    first.release()
    expect(first.source.holds(query('a'), key)).toBe(false)
    expect(second.source.holds(query('a'), key)).toBe(true)
    await lab.advance(3_600_000)
    await first.source.ready()
    expect(lab.seen).toHaveLength(1)
  })

  test('the last one ends the source: the fetch under way is aborted, who waits is answered', async () => {
    lab.reply = () => ({ fault: 'hang' })
    const [first, second] = [lab.open(), lab.open()]
    const waiting = [ask(first.source), ask(second.source)]
    await flush()
    first.release()
    await flush()
    expect(lab.inFlight).toBe(1)
    second.release()
    expect(await Promise.all(waiting)).toEqual(['keys_unavailable', 'keys_unavailable'])
    expect(lab.inFlight).toBe(0)
    expect(lab.timers.size).toBe(0)
  })

  test('who released while waiting is refused, though the others get their keys', async () => {
    lab.reply = () => ({ afterMs: SECOND, body: { keys: [ecJwk('a')] } })
    const [first, second] = [lab.open(), lab.open()]
    const waiting = [ask(first.source), ask(second.source)]
    await flush()
    first.release()
    await lab.advance(SECOND)
    expect(await Promise.all(waiting)).toEqual(['keys_unavailable', 'a'])
  })

  test('keys are forgotten with the last: who opens again begins anew', async () => {
    const first = lab.open()
    await ask(first.source)
    first.release()
    const second = lab.open()
    expect(second.source.status()).toMatchObject({ state: 'EMPTY', generation: 0, kids: [] })
    expect(await ask(second.source)).toBe('a')
    expect(first.source.status().state).toBe('CLOSED')
  })

  test('releasing twice takes nothing from those who came after', async () => {
    const first = lab.open()
    first.release()
    await ask(lab.open().source)
    first.release()
    expect(lab.open().source.status().state).toBe('FRESH')
  })

  test('a closed source is 503, to be tried again', async () => {
    const lease = lab.open()
    lease.release()
    expect(lease.source.find(query('a'))).toMatchObject({ code: 'keys_unavailable', retryAfter: 1 })
  })

  test.each<[string, KeySourceConfig['where']]>([
    ['jwks', { kind: 'jwks', jwks: { keys: [ecJwk('a')] } }],
    ['a secret', { kind: 'secret', secrets: [new Uint8Array(32)] }],
  ])('ends %s too', async (_, where) => {
    const lease = lab.open({}, { where })
    await lease.source.ready()
    expect(lease.source.status().state).toBe('STATIC')
    lease.release()
    expect(await ask(lease.source)).toBe('keys_unavailable')
    expect(lease.source.status()).toMatchObject({ state: 'CLOSED', kids: [] })
  })
})

describe('the allowance of a URL', () => {
  test('demand is shared by all its identities: another one buys no more fetches for invented kids', async () => {
    const sources = [lab.open(), lab.open({}, { fetch: inlineFetch() }), lab.open({ waitMs: 4_000 })]
    await Promise.all(sources.map(({ source }) => ask(source)))
    lab.seen.length = 0
    for (let i = 0; i < 30; i += 1) {
      await Promise.all(sources.map(({ source }) => ask(source, `invented ${i}`)))
    }
    expect(lab.seen).toHaveLength(2)
  })

  test('back-off is shared: the issuer down, a new fetch for each of 50 requests', async () => {
    lab.reply = () => ({ status: 503 })
    const answers: Promise<string>[] = []
    for (let i = 0; i < 50; i += 1) {
      answers.push(ask(lab.open({}, { fetch: inlineFetch() }).source))
      await lab.advance(10)
    }
    await lab.advance(SECOND)
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['keys_unavailable']))
    // Those of the first 200 ms came before the first one was known to have failed.
    expect(lab.seen.length).toBeLessThanOrEqual(2 * 13)
  })

  test('a new fetch for each request costs 10 fetches in a minute, then what demand allows', async () => {
    const answers: string[] = []
    for (let i = 0; i < 100; i += 1) answers.push(await ask(lab.open({}, { fetch: inlineFetch() }).source))
    expect(lab.seen).toHaveLength(12)
    expect(answers.filter((answer) => answer === 'a')).toHaveLength(12)
    expect(new Set(answers.slice(12))).toEqual(new Set(['keys_unavailable']))
  })

  test('who is one too many is told when to come again, and then served', async () => {
    for (let i = 0; i < 12; i += 1) await ask(lab.open({}, { fetch: inlineFetch() }).source)
    const { source } = lab.open({}, { fetch: inlineFetch() })
    expect(source.find(query('a'))).toMatchObject({ code: 'keys_unavailable', retryAfter: 30 })
    await source.ready()
    expect(lab.seen).toHaveLength(12)
    await lab.advance(30 * SECOND)
    expect(await ask(source)).toBe('a')
    // From then on it is a source like any other: invented kids do not keep it from its refreshes.
    await lab.advance(600 * SECOND)
    const other = lab.open().source
    for (let i = 0; i < 5; i += 1) await ask(other, `invented ${i}`)
    expect(await ask(source)).toBe('a')
    await flush()
    expect(source.status()).toMatchObject({ state: 'FRESH', generation: 2 })
  })

  test('who is one too many takes nothing from the demand while nobody may ask', async () => {
    for (let i = 0; i < 10; i += 1) await ask(lab.open({}, { fetch: inlineFetch() }).source)
    lab.reply = () => ({ status: 503 })
    const failing = ask(lab.open({ waitMs: 1 }).source)
    await lab.advance(500)
    await failing
    const { source } = lab.open({}, { fetch: inlineFetch() })
    for (let i = 0; i < 5; i += 1) expect(await ask(source)).toBe('keys_unavailable')
    lab.reply = () => ({ body: { keys: [ecJwk('a')] } })
    await lab.advance(SECOND)
    expect(await ask(source)).toBe('a')
  })

  test('another URL has its own', async () => {
    lab.reply = () => ({ status: 503 })
    const answer = ask(lab.open().source)
    await lab.advance(500)
    await answer
    expect(lab.open({}, OTHER_URL).source.status()).toMatchObject({ failures: 0, nextAttemptMs: 0 })
    expect(lab.open({ waitMs: 1 }).source.status()).toMatchObject({ failures: 1 })
  })
})

describe('what nobody uses', () => {
  test.each([
    ['is remembered for 10 min, so that nobody gets a new allowance by closing', 9, 1],
    ['is forgotten after 10 min, so that a thousand tenants are not kept for ever', 10, 0],
  ])('%s', async (_, minutes, failures) => {
    lab.reply = () => ({ status: 503 })
    const lease = lab.open()
    await lab.ask(lease.source, 'a', 500)
    lease.release()
    await lab.advance(minutes * 60 * SECOND)
    // Enough of others that the registry looks after its memory.
    for (let i = 0; i < 200; i += 1)
      lab.open({}, { issuer: `https://${i}.example`, where: { kind: 'discovery' } })
    expect(lab.open().source.status().failures).toBe(failures)
  })

  test('is not forgotten while somebody holds it', async () => {
    lab.reply = () => ({ status: 503 })
    const { source } = lab.open()
    await lab.ask(source, 'a', 500)
    await lab.advance(60 * 60 * SECOND)
    for (let i = 0; i < 200; i += 1)
      lab.open({}, { issuer: `https://${i}.example`, where: { kind: 'discovery' } })
    expect(lab.open({ waitMs: 1 }).source.status().failures).toBe(1)
  })
})

describe('keys.unshared', () => {
  test.each<[string, () => Lease]>([
    ['fetch', () => lab.open({}, { fetch: inlineFetch() })],
    ['now', () => lab.open({}, { now: () => lab.now() })],
    ['keySet.store', () => lab.open({ store: memoryKeyStore() })],
    [
      'tenants',
      () =>
        lab.open({}, { tenancy: new Tenancy({ jwksOrigins: [], resolveHost: undefined, isolated: false }) }),
    ],
    ['keySet', () => lab.open({ waitMs: (lab.seen.push({ url: '', at: 0, headers: {} }), lab.seen.length) })],
  ])('more than 10 identities for one URL within a minute, by %s: told once', (option, open) => {
    lab.open()
    for (let i = 0; i < 9; i += 1) open()
    expect(told()).toEqual([])
    open()
    expect(told()).toEqual([{ type: 'keys.unshared', issuer: 'https://idp.example', option }])
    for (let i = 0; i < 100; i += 1) open()
    expect(told()).toHaveLength(1)
  })

  test('10 in a minute, again and again, are not too many', async () => {
    for (let i = 0; i < 100; i += 1) {
      lab.open({}, { fetch: inlineFetch() })
      await lab.advance(6 * SECOND)
    }
    expect(told()).toEqual([])
  })

  test('the same identity, opened and released a hundred times, is one', () => {
    for (let i = 0; i < 100; i += 1) lab.open().release()
    expect(told()).toEqual([])
  })

  test('20 issuers that share one URL are 20 issuers', () => {
    for (let i = 0; i < 20; i += 1) lab.open({}, { issuer: `https://idp.example/${i}` })
    expect(told()).toEqual([])
  })
})

describe('opening', () => {
  test('fetches nothing', async () => {
    lab.open()
    await lab.advance(SECOND)
    expect(lab.seen).toEqual([])
  })

  test.each(['http://idp.example/jwks', 'https://user@idp.example/jwks', 'jwks'])(
    '%s is a ConfigError',
    (url) => {
      expect(() => lab.open({}, { where: { kind: 'jwksUri', url } })).toThrow('jwksUri')
    },
  )

  test('the registry of the process is one', () => {
    const config: KeySourceConfig = {
      issuer: 'https://idp.example',
      where: { kind: 'jwksUri', url: 'https://idp.example/jwks' },
      keySet: checkKeySetOptions(undefined),
      fetch: lab.fetch,
      now: Date.now,
      isolated: false,
      tenancy: undefined,
      observer: () => undefined,
    }
    const lease = openKeySource(config)
    expect(lease.source.status()).toMatchObject({ issuer: 'https://idp.example', state: 'EMPTY' })
    lease.release()
  })
})

describe('what is held', () => {
  test('a source goes with the fetch that it was made with', async () => {
    const gone = await openAndForget()
    await setImmediate()
    collectGarbage()
    expect(gone.deref()).toBeUndefined()
  })

  test('a source stays while its fetch does, though its verifier was forgotten', async () => {
    await ask(lab.open().source)
    await setImmediate()
    collectGarbage()
    expect(await ask(lab.open().source)).toBe('a')
    expect(lab.seen).toHaveLength(1)
  })
})
