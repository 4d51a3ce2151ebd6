import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthEvent } from '../events.js'
import { isRefusal, type Refusal } from '../refusal.js'
import type { KeySource } from './key-source.js'
import { ecJwk, flush, Lab, query, said, type Reply } from './lab.test-support.js'
import type { VerificationKey } from './verification-key.js'

// The keys of a lab are no points of a curve: what the crypto says of them is of no interest here.
vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const TTL = 10 * MINUTE
const AHEAD = 0.8 * TTL // with the random number of the lab
const SWR_END = 20 * MINUTE
const SIE_END = 70 * MINUTE

const DOWN: Reply = { status: 503 }
/** Long enough for an answer of DOWN and its retry, too short for the back-off after it. */
const ONE_FAILURE = 500
const HANG: Reply = { fault: 'hang' }

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

function ask(source: KeySource, kid: string | undefined, passMs = 0): Promise<string> {
  return lab.ask(source, kid, passMs)
}

/** What was said to many: each answer once. */
async function saidTo(answers: readonly (string | Promise<string>)[]): Promise<readonly string[]> {
  return [...new Set(await Promise.all(answers.map((answer) => Promise.resolve(answer))))]
}

async function only(source: KeySource, kid: string): Promise<VerificationKey> {
  const found = await source.find(query(kid))
  const [key] = isRefusal(found) ? [] : found
  if (key === undefined) throw new Error('no key')
  return key
}

async function refusal(source: KeySource, kid: string): Promise<Refusal> {
  const found = await source.find(query(kid))
  if (!isRefusal(found)) throw new Error('the key was found')
  return found
}

function publish(...kids: readonly string[]): void {
  lab.publish(...kids)
}

function told(type: AuthEvent['type']): readonly AuthEvent[] {
  return lab.events.filter((event) => event.type === type)
}

describe('EMPTY', () => {
  test('opening fetches nothing; the first look-up does', async () => {
    const { source } = lab.open()
    await lab.advance(HOUR)
    expect(lab.seen).toEqual([])
    expect(await ask(source, 'a')).toBe('a')
    expect(lab.seen).toMatchObject([{ url: 'https://idp.example/jwks' }])
  })

  test('200 look-ups at once cost one fetch', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: 50, body: { keys: [ecJwk('a')] } })
    const answers = Array.from({ length: 200 }, () => said(source.find(query('a'))))
    await lab.advance(50)
    expect(await saidTo(answers)).toEqual(['a'])
    expect(lab.seen).toHaveLength(1)
  })

  test('a cold start with 100 invented kids and good tokens costs two fetches at most', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: 50, body: { keys: [ecJwk('a')] } })
    const first = said(source.find(query('a')))
    await lab.advance(10)
    const flood = Array.from({ length: 100 }, (_, i) => said(source.find(query(`invented ${i}`))))
    await lab.advance(200)
    expect(await first).toBe('a')
    expect(await saidTo(flood)).toEqual(['key_unknown'])
    expect(lab.seen).toHaveLength(2)
  })

  test('an issuer that answers after 8 s: requests wait 5 s, the fetch goes on and fills the source', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: 8 * SECOND, body: { keys: [ecJwk('a')] } })
    const first = said(source.find(query('a')))
    await lab.advance(3 * SECOND)
    const second = said(source.find(query('a')))
    await lab.advance(2 * SECOND)
    expect([await first, await second]).toEqual(['keys_unavailable', 'keys_unavailable'])
    expect(await ask(source, 'a')).toBe('keys_unavailable')
    expect((await refusal(source, 'a')).retryAfter).toBe(1)
    await lab.advance(3 * SECOND)
    expect(source.find(query('a'))).not.toBeInstanceOf(Promise)
    expect(await ask(source, 'a')).toBe('a')
    expect(lab.seen).toHaveLength(1)
  })

  test('1,000 requests wait; the next is answered at once', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: SECOND, body: { keys: [ecJwk('a')] } })
    const waiting = Array.from({ length: 1_000 }, () => said(source.find(query('a'))))
    await flush()
    expect(isRefusal(source.find(query('a')))).toBe(true)
    await lab.advance(SECOND)
    expect(await saidTo(waiting)).toEqual(['a'])
    expect(await ask(source, 'a')).toBe('a')
  })

  test('waiters leave room when they have their answer', async () => {
    const { source } = lab.open()
    lab.reply = () => HANG
    const waiting = Array.from({ length: 1_000 }, () => said(source.find(query('a'))))
    await lab.advance(15 * SECOND)
    expect(await saidTo(waiting)).toEqual(['keys_unavailable'])
    publish('a')
    await lab.advance(SECOND)
    const second = Array.from({ length: 1_000 }, () => said(source.find(query('a'))))
    expect(await saidTo(second)).toEqual(['a'])
  })

  test('the issuer down: 50 requests cost two fetches, and all are told when to come again', async () => {
    const { source } = lab.open()
    lab.reply = () => DOWN
    const answers = Array.from({ length: 50 }, () => refusal(source, 'a'))
    await lab.advance(SECOND)
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ code: 'keys_unavailable', retryAfter: 1 })
    }
    expect(lab.seen).toHaveLength(2)
  })

  test('Retry-After is the time to the next attempt, rounded up', async () => {
    const { source } = lab.open()
    lab.reply = () => DOWN
    for (let failures = 1; failures <= 5; failures += 1) {
      await ask(source, 'a', 300)
      await lab.advance(source.status().nextAttemptMs)
    }
    await ask(source, 'a', 300)
    expect(source.status().failures).toBe(6)
    expect(source.status().nextAttemptMs).toBe(7_200)
    expect((await refusal(source, 'a')).retryAfter).toBe(8)
  })

  test('the issuer down for 10 min at 10 requests a second: some 85 fetches, back within 10 s', async () => {
    const { source } = lab.open()
    lab.reply = () => DOWN
    for (let i = 0; i < 6_000; i += 1) {
      void source.find(query('a'))
      await lab.advance(100)
    }
    expect(lab.seen.length).toBeGreaterThan(60)
    expect(lab.seen.length).toBeLessThanOrEqual(130)
    publish('a')
    await lab.advance(10 * SECOND)
    expect(await ask(source, 'a')).toBe('a')
  })

  test('back within 25 s where the attempt under way hangs', async () => {
    const { source } = lab.open()
    lab.reply = () => DOWN
    for (let i = 0; i < 60; i += 1) {
      void source.find(query('a'))
      await lab.advance(SECOND)
    }
    lab.reply = () => HANG
    await lab.advance(source.status().nextAttemptMs)
    void source.find(query('a'))
    await flush()
    publish('a')
    await lab.advance(15 * SECOND)
    await lab.advance(10 * SECOND)
    expect(await ask(source, 'a')).toBe('a')
  })

  test('a fetch that hangs ends after 15 s, also where it does not listen to the signal', async () => {
    const { source } = lab.open({}, { fetch: () => new Promise(() => undefined) })
    void source.find(query('a'))
    await lab.advance(15 * SECOND - 1)
    expect(source.status().failures).toBe(0)
    await lab.advance(1)
    expect(source.status()).toMatchObject({ failures: 1, lastError: 'timeout', state: 'EMPTY' })
  })

  test('a fetch that throws at once is a failure like any other', async () => {
    const { source } = lab.open(
      {},
      {
        fetch: () => {
          throw new Error('no network here')
        },
      },
    )
    expect(await ask(source, 'a', SECOND)).toBe('keys_unavailable')
    expect(source.status().lastError).toBe('network error')
  })
})

describe('FRESH', () => {
  test('a known kid is answered at once, without network', async () => {
    const source = await lab.warm()
    await lab.advance(AHEAD - 1)
    expect(said(source.find(query('a')))).toBe('a')
    await flush()
    expect(lab.seen).toEqual([])
    expect(source.status().state).toBe('FRESH')
  })

  test('100 invented kids: two fetches at most, a good token among them is not delayed', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ afterMs: 100, body: { keys: [ecJwk('a')] } })
    const flood: (string | Promise<string>)[] = []
    for (let i = 0; i < 100; i += 1) {
      flood.push(said(source.find(query(`invented ${i}`))))
      await lab.advance(i % 10)
      expect(said(source.find(query('a')))).toBe('a')
    }
    await lab.advance(SECOND)
    expect(await saidTo(flood)).toEqual(['key_unknown'])
    expect(lab.seen).toHaveLength(2)
  })

  test('a flood of invented kids for an hour costs 4 fetches in the first minute, then 2 a minute', async () => {
    const source = await lab.warm({ ttlMs: HOUR })
    const perMinute: number[] = []
    for (let minute = 0; minute < 30; minute += 1) {
      const before = lab.seen.length
      for (let i = 0; i < 120; i += 1) {
        await ask(source, `invented ${minute} ${i}`)
        await lab.advance(500)
      }
      perMinute.push(lab.seen.length - before)
    }
    expect(perMinute[0]).toBeLessThanOrEqual(4)
    expect(Math.max(...perMinute.slice(1))).toBe(2)
  })

  test('a rotation right after a fill: the first request is accepted', async () => {
    const source = await lab.warm()
    publish('a', 'b')
    expect(await ask(source, 'b')).toBe('b')
    expect(lab.seen).toMatchObject([{ headers: { 'cache-control': 'no-cache' } }])
  })

  test('a rotation during a flood of invented kids is accepted within 30 s', async () => {
    const source = await lab.warm()
    for (let i = 0; i < 10; i += 1) await ask(source, `invented ${i}`)
    publish('b')
    const start = lab.time
    let i = 0
    while ((await ask(source, 'b')) !== 'b') {
      await ask(source, `later ${(i += 1)}`)
      await lab.advance(SECOND)
    }
    expect(lab.time - start).toBeLessThanOrEqual(30 * SECOND)
  })

  test('a kid that is asked for before it is published is accepted within 30 s', async () => {
    const source = await lab.warm()
    expect(await ask(source, 'b')).toBe('key_unknown')
    await lab.advance(SECOND)
    publish('a', 'b')
    expect(await ask(source, 'b')).toBe('key_unknown')
    await lab.advance(29 * SECOND)
    expect(await ask(source, 'b')).toBe('b')
  })

  test('a kid that the issuer was seen not to publish is refused without asking again', async () => {
    const source = await lab.warm()
    expect(await ask(source, 'b')).toBe('key_unknown')
    expect(await ask(source, 'b')).toBe('key_unknown')
    expect(lab.seen).toHaveLength(1)
  })

  test('other keys make it forget which kids are not published', async () => {
    const source = await lab.warm()
    expect(await ask(source, 'b')).toBe('key_unknown')
    publish('a', 'c')
    expect(await ask(source, 'c')).toBe('c')
    publish('a', 'b', 'c')
    await lab.advance(29 * SECOND)
    lab.seen.length = 0
    expect(await ask(source, 'b')).toBe('key_unknown') // no token: only the memory would have said so before
    expect(told('keys.suppressed')).toHaveLength(1)
  })

  test('the same keys again do not make it forget', async () => {
    const source = await lab.warm()
    await ask(source, 'b')
    await ask(source, 'c')
    await ask(source, 'b')
    expect(lab.seen).toHaveLength(2)
    expect(told('keys.suppressed')).toEqual([])
  })

  test('a token without kid gets the one key that fits, and no network where there are two', async () => {
    const source = await lab.warm()
    expect(said(source.find(query(undefined)))).toBe('a')
    publish('a', 'b')
    await ask(source, 'b')
    lab.seen.length = 0
    expect(said(source.find(query(undefined)))).toBe('key_unknown')
    await flush()
    expect(lab.seen).toEqual([])
  })

  test('a kid whose key does not fit the alg is refused without network', async () => {
    const source = await lab.warm()
    expect(said(source.find({ ...query('a'), alg: 'RS256' }))).toBe('key_unknown')
    await flush()
    expect(lab.seen).toEqual([])
  })

  test('an unknown kid joins the fetch under way, and asks once more where that one was sent before it came', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ afterMs: 100, body: { keys: [ecJwk('a')] } })
    const first = said(source.find(query('b')))
    await lab.advance(50)
    publish('a', 'c')
    const second = said(source.find(query('c')))
    await lab.advance(50)
    expect(await first).toBe('key_unknown')
    expect(await second).toBe('c')
    expect(lab.seen).toHaveLength(2)
  })

  test('an unknown kid while the issuer cannot be asked: key_unknown, to the one who asked and to those after', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    expect(await ask(source, 'b', ONE_FAILURE)).toBe('key_unknown')
    expect(said(source.find(query('b')))).toBe('key_unknown')
    expect(said(source.find(query('a')))).toBe('a')
    expect(lab.seen).toHaveLength(2)
  })

  test('an unknown kid while the issuer hangs waits no longer than 5 s', async () => {
    const source = await lab.warm()
    lab.reply = () => HANG
    expect(await ask(source, 'b', 5 * SECOND)).toBe('key_unknown')
    expect(said(source.find(query('c')))).toBe('key_unknown')
    expect(lab.seen).toHaveLength(1)
  })

  test('look-ups during back-off take nothing from the demand', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    await ask(source, 'b', ONE_FAILURE)
    for (let i = 0; i < 5; i += 1) expect(await ask(source, `invented ${i}`)).toBe('key_unknown')
    publish('a', 'b')
    await lab.advance(SECOND)
    expect(await ask(source, 'b')).toBe('b')
  })

  test('a failed refresh writes nothing into the memory of unpublished kids', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    await ask(source, 'b', SECOND)
    publish('a', 'b')
    await lab.advance(SECOND)
    expect(await ask(source, 'b')).toBe('b')
  })
})

describe('SWR', () => {
  test('answers at once while one refresh runs in the background', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    lab.reply = () => ({ afterMs: SECOND, body: { keys: [ecJwk('a')] } })
    expect(source.status().state).toBe('SWR')
    for (let i = 0; i < 10; i += 1) expect(said(source.find(query('a')))).toBe('a')
    await lab.advance(SECOND)
    expect(lab.seen).toHaveLength(1)
    expect(source.status().state).toBe('FRESH')
  })

  test('503 after the ttl: 50 good tokens accepted, two fetches', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    lab.reply = () => DOWN
    for (let i = 0; i < 50; i += 1) {
      expect(said(source.find(query('a')))).toBe('a')
      await lab.advance(10)
    }
    expect(lab.seen).toHaveLength(2)
    expect(told('keys.outage')).toEqual([])
  })

  test('an issuer that hangs after the ttl delays nobody', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    lab.reply = () => HANG
    for (let i = 0; i < 100; i += 1) {
      expect(said(source.find(query('a')))).toBe('a')
      await lab.advance(SECOND)
    }
  })

  test('an unknown kid while the issuer is down is 503: our keys may be too old to know it', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    lab.reply = () => DOWN
    expect(await ask(source, 'b', ONE_FAILURE)).toBe('keys_unavailable')
    expect(said(source.find(query('b')))).toBe('keys_unavailable')
  })

  test('the refresh that a request sets off is evidence for it', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    expect(await ask(source, 'b')).toBe('key_unknown')
    expect(lab.seen).toHaveLength(1)
  })

  test('`staleWhileRevalidateMs: 0` turns it off', async () => {
    const source = await lab.warm({ staleWhileRevalidateMs: 0 })
    await lab.advance(TTL)
    expect(source.status().state).toBe('MUST_REVALIDATE')
  })
})

describe('MUST_REVALIDATE', () => {
  test('waits for the refresh, so that a withdrawn key is refused', async () => {
    const source = await lab.warm()
    publish('b')
    await lab.advance(SWR_END)
    lab.reply = () => ({ afterMs: SECOND, body: { keys: [ecJwk('b')] } })
    expect(await ask(source, 'a', 2 * SECOND)).toBe('key_unknown')
  })

  test('the issuer down: the first request waits for the failure, all get the old keys', async () => {
    const source = await lab.warm()
    await lab.advance(SWR_END)
    lab.reply = () => ({ ...DOWN, afterMs: SECOND })
    const first = source.find(query('a'))
    expect(first).toBeInstanceOf(Promise)
    await lab.advance(3 * SECOND)
    expect(await said(first)).toBe('a')
    expect(said(source.find(query('a')))).toBe('a')
  })

  test('hung past ttl + swr, steady load: all accepted, only those of the first 5 s wait', async () => {
    const source = await lab.warm()
    await lab.advance(SWR_END)
    lab.reply = () => HANG
    const answers: (string | Promise<string>)[] = []
    const waitedAt: number[] = []
    const start = lab.time
    for (let i = 0; i < 600; i += 1) {
      const answer = said(source.find(query('a')))
      answers.push(answer)
      if (answer instanceof Promise) waitedAt.push(lab.time - start)
      await lab.advance(100)
    }
    expect(waitedAt).toHaveLength(50)
    expect(Math.max(...waitedAt)).toBeLessThan(5 * SECOND)
    expect(await saidTo(answers)).toEqual(['a'])
  })

  test('asks again in the background after back-off, and recovers', async () => {
    const source = await lab.warm()
    await lab.advance(SWR_END)
    lab.reply = () => DOWN
    await ask(source, 'a', SECOND)
    publish('b')
    await lab.advance(SECOND)
    expect(said(source.find(query('a')))).toBe('a')
    await flush()
    expect(await ask(source, 'b')).toBe('b')
    expect(source.status()).toMatchObject({ state: 'FRESH', failures: 0, lastError: undefined })
  })

  test('the outage is told on entry and at half time, and the recovery', async () => {
    const source = await lab.warm()
    await lab.advance(SWR_END)
    lab.reply = () => DOWN
    for (let i = 0; i < 45; i += 1) {
      await ask(source, 'a', 2 * SECOND)
      await lab.advance(58 * SECOND)
    }
    expect(told('keys.outage')).toMatchObject([
      { severity: 'warning', remainingMs: expect.closeTo(50 * MINUTE, -4), reason: 'status 503' },
      { severity: 'critical', remainingMs: expect.closeTo(24.5 * MINUTE, -5) },
    ])
    expect(told('keys.recovered')).toEqual([])
    publish('a')
    void source.find(query('a'))
    await flush()
    expect(told('keys.recovered')).toMatchObject([{ outageMs: expect.closeTo(44 * MINUTE, -5) }])
  })

  test('what was found before an await is looked up again: keys that expire meanwhile are not used', async () => {
    const source = await lab.warm()
    await lab.advance(SIE_END - SECOND)
    lab.reply = () => HANG
    expect(await ask(source, 'a', 5 * SECOND)).toBe('keys_unavailable')
  })
})

describe('EXPIRED', () => {
  test('503, nothing stale, and the keys are gone', async () => {
    const source = await lab.warm()
    await lab.advance(SIE_END)
    lab.reply = () => DOWN
    expect(await ask(source, 'a', SECOND)).toBe('keys_unavailable')
    expect(source.status()).toMatchObject({ state: 'EXPIRED', kids: [], ageMs: undefined })
    expect(told('keys.outage')).toMatchObject([{ severity: 'critical', remainingMs: 0 }])
  })

  test('`staleIfErrorMs: 0`: 503 past the ttl', async () => {
    const source = await lab.warm({ staleIfErrorMs: 0 })
    lab.reply = () => DOWN
    await lab.advance(TTL - 1)
    expect(await ask(source, 'a')).toBe('a')
    await lab.advance(1)
    expect(await ask(source, 'a', SECOND)).toBe('keys_unavailable')
  })

  test('waits for the fetch that brings new keys', async () => {
    const source = await lab.warm()
    await lab.advance(SIE_END)
    expect(await ask(source, 'a')).toBe('a')
    expect(source.status()).toMatchObject({ state: 'FRESH', generation: 2 })
  })

  test('a clock that is set back does not bring keys back', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    lab.wallOffset += SIE_END
    expect(await ask(source, 'a', SECOND)).toBe('keys_unavailable')
    lab.wallOffset -= SIE_END
    expect(await ask(source, 'a', SECOND)).toBe('keys_unavailable')
  })

  test('keys that were too old when they came are not used, and the client is told to come again', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: SECOND, body: { keys: [ecJwk('a')] } })
    const answer = refusal(source, 'a')
    await flush()
    lab.wallOffset += SIE_END
    await lab.advance(SECOND)
    expect(await answer).toMatchObject({ code: 'keys_unavailable', retryAfter: 1 })
  })

  test('the pause before the next attempt is the short one, however long the keys were known to be failing', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    for (let i = 0; i < 70; i += 1) {
      void source.find(query('a'))
      await lab.advance(MINUTE)
    }
    void source.find(query('a'))
    await lab.advance(SECOND)
    expect(source.status().state).toBe('EXPIRED')
    expect(source.status().nextAttemptMs).toBeLessThanOrEqual(10 * SECOND)
  })
})

describe('the published bounds', () => {
  test('a withdrawn key is refused after the ttl under traffic', async () => {
    const source = await lab.warm()
    publish('b')
    let accepted = 0
    while ((await ask(source, 'a')) === 'a') {
      accepted = lab.time
      await lab.advance(SECOND)
    }
    expect(accepted).toBeLessThanOrEqual(TTL + SECOND)
  })

  test('a withdrawn key is refused after ttl + swr when idle', async () => {
    const source = await lab.warm()
    publish('b')
    await lab.advance(SWR_END)
    expect(await ask(source, 'a')).toBe('key_unknown')
  })

  test('a withdrawn key is refused after ttl + sie while the issuer cannot be reached', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    let accepted = 0
    while ((await ask(source, 'a', SECOND)) === 'a') {
      accepted = lab.time
      await lab.advance(10 * SECOND)
    }
    expect(accepted).toBeGreaterThan(SIE_END - MINUTE)
    expect(accepted).toBeLessThanOrEqual(SIE_END)
  })

  test('the age of a key set counts the time it was on the way', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: 4 * SECOND, body: { keys: [ecJwk('a')] } })
    await ask(source, 'a', 4 * SECOND)
    expect(source.status()).toMatchObject({ ageMs: 4 * SECOND, freshForMs: TTL - 4 * SECOND })
  })

  test('a suspended machine: the wall clock alone makes keys older', async () => {
    const source = await lab.warm()
    lab.wallOffset += TTL
    expect(source.status()).toMatchObject({ state: 'SWR', ageMs: TTL })
  })

  test('a clock that was stepped back: the monotonic clock alone makes keys older', async () => {
    const source = await lab.warm()
    lab.wallOffset -= HOUR
    await lab.advance(TTL)
    expect(source.status()).toMatchObject({ state: 'SWR', ageMs: TTL })
  })
})

describe('a bad answer never replaces good keys', () => {
  const BAD: Readonly<Record<string, Reply>> = {
    'no keys': { body: { keys: [] } },
    'no key set': { body: { jwks: [] } },
    'no JSON': { body: 'keys' },
    HTML: { headers: { 'content-type': 'text/html' }, body: { keys: [ecJwk('b')] } },
    'a redirect': { status: 302, headers: { location: 'https://evil.example' } },
    'too large by its own word': { headers: { 'content-length': '30000000' }, body: { keys: [ecJwk('b')] } },
    'too large': { body: { keys: [ecJwk('b')], filler: ' '.repeat(300_000) } },
    'too many keys': { body: { keys: Array.from({ length: 501 }, (_, i) => ecJwk(`b ${i}`)) } },
    'only keys that cannot be used': { body: { keys: [{ ...ecJwk('b'), use: 'enc' }] } },
    'no content': { status: 204 },
    'not modified': { status: 304 },
    'not found': { status: 404 },
  }

  test.each(Object.entries(BAD))('%s', async (_, bad) => {
    const source = await lab.warm()
    lab.reply = () => bad
    expect(await ask(source, 'b', SECOND)).toBe('key_unknown')
    expect(said(source.find(query('a')))).toBe('a')
    expect(source.status()).toMatchObject({ generation: 1, failures: 1, kids: ['a'] })
    expect(lab.seen).toHaveLength(1)
  })

  test('one member that cannot be used does not spoil the others', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ body: { keys: [null, { kty: 'EC' }, ecJwk('b'), { ...ecJwk('c'), use: 'enc' }] } })
    expect(await ask(source, 'b')).toBe('b')
    expect(source.status().kids).toEqual(['b'])
  })
})

describe('keys keep their identity', () => {
  test('an unchanged key keeps its object across refreshes', async () => {
    const source = await lab.warm()
    const before = await only(source, 'a')
    publish('a', 'b')
    await ask(source, 'b')
    expect(await only(source, 'a')).toBe(before)
    expect(source.holds(query('a'), before)).toBe(true)
  })

  test('a key that moved to another kid, or is for encryption now, is no candidate any more', async () => {
    const source = await lab.warm()
    const key = await only(source, 'a')
    lab.reply = () => ({ body: { keys: [ecJwk('b', 'a')] } })
    await ask(source, 'b')
    expect(source.holds(query('a'), key)).toBe(false)
    expect(source.holds(query('b'), key)).toBe(false)
    const moved = await only(source, 'b')
    lab.reply = () => ({ body: { keys: [{ ...ecJwk('b', 'a'), use: 'enc' }, ecJwk('c')] } })
    await ask(source, 'c')
    expect(source.holds(query('b'), moved)).toBe(false)
  })

  test('same kid, new key: the old object is no candidate', async () => {
    const source = await lab.warm()
    const key = await only(source, 'a')
    lab.reply = () => ({ body: { keys: [ecJwk('a', 'new')] } })
    await lab.advance(TTL)
    expect(await ask(source, 'a')).toBe('a') // the old key, while the new one is fetched
    await flush()
    expect(source.holds(query('a'), key)).toBe(false)
    expect(await ask(source, 'a')).toBe('a')
  })

  test('expired keys are held no more', async () => {
    const source = await lab.warm()
    const key = await only(source, 'a')
    await lab.advance(SIE_END - 1)
    expect(source.holds(query('a'), key)).toBe(true)
    await lab.advance(1)
    expect(source.holds(query('a'), key)).toBe(false)
  })
})

describe('ready', () => {
  test('fetches ahead, and waits longer than a request would', async () => {
    const { source } = lab.open()
    lab.reply = () => ({ afterMs: 8 * SECOND, body: { keys: [ecJwk('a')] } })
    const ready = source.ready()
    await lab.advance(8 * SECOND)
    await ready
    expect(said(source.find(query('a')))).toBe('a')
  })

  test('resolves where the issuer is down, and in back-off without asking', async () => {
    const { source } = lab.open()
    lab.reply = () => DOWN
    const ready = source.ready()
    await lab.advance(ONE_FAILURE)
    await ready
    await source.ready()
    expect(lab.seen).toHaveLength(2)
    expect(source.status()).toMatchObject({ state: 'EMPTY', failures: 1 })
  })

  test('with fresh keys asks nothing; with stale ones refreshes without waiting', async () => {
    const source = await lab.warm()
    await source.ready()
    expect(lab.seen).toEqual([])
    await lab.advance(TTL)
    lab.reply = () => HANG
    await source.ready()
    await flush()
    expect(lab.seen).toHaveLength(1)
  })
})

describe('status and events', () => {
  test('status tells ages and what comes next', async () => {
    const { source } = lab.open()
    expect(source.status()).toEqual({
      issuer: 'https://idp.example',
      state: 'EMPTY',
      generation: 0,
      kids: [],
      ageMs: undefined,
      freshForMs: undefined,
      staleUntilMs: undefined,
      stateEndsMs: undefined,
      failures: 0,
      lastError: undefined,
      fetching: false,
      nextAttemptMs: 0,
    })
    await ask(source, 'a')
    expect(source.status()).toMatchObject({
      state: 'FRESH',
      stateEndsMs: AHEAD,
      ageMs: 0,
      freshForMs: TTL,
      staleUntilMs: SIE_END,
    })
    await lab.advance(MINUTE)
    expect(source.status()).toMatchObject({
      ageMs: MINUTE,
      freshForMs: TTL - MINUTE,
      staleUntilMs: SIE_END - MINUTE,
    })
  })

  test('a refresh and what it changed', async () => {
    const { source } = lab.open()
    await ask(source, 'a')
    expect(lab.events).toEqual([{ type: 'keys.refreshed', issuer: 'https://idp.example', keys: 1 }])
    lab.events.length = 0
    publish('b', 'c')
    await ask(source, 'b')
    expect(lab.events).toEqual([
      { type: 'keys.refreshed', issuer: 'https://idp.example', keys: 2 },
      { type: 'keys.changed', issuer: 'https://idp.example', added: 2, removed: 1 },
    ])
  })

  test('unknown kids are counted, never named, at most one event in 10 s', async () => {
    const source = await lab.warm()
    await ask(source, 'invented')
    for (let i = 0; i < 5; i += 1) await ask(source, 'invented')
    await lab.advance(10 * SECOND)
    await ask(source, 'invented')
    expect(told('keys.unknown')).toMatchObject([{ count: 1 }, { count: 6 }])
    expect(JSON.stringify(lab.events)).not.toContain('invented')
  })

  test('look-ups that were refused for want of a token are counted', async () => {
    const source = await lab.warm()
    for (let i = 0; i < 5; i += 1) await ask(source, `invented ${i}`)
    expect(told('keys.suppressed')).toMatchObject([{ count: 1 }])
    await lab.advance(10 * SECOND)
    await ask(source, 'invented 5')
    expect(told('keys.suppressed')).toMatchObject([{ count: 1 }, { count: 3 }])
  })
})

describe('timers', () => {
  test('none is left when nothing is under way', async () => {
    const { source } = lab.open()
    await ask(source, 'a')
    expect(lab.timers.size).toBe(0)
    lab.reply = () => DOWN
    await ask(source, 'b', SECOND)
    expect(lab.timers.size).toBe(0)
  })

  test('a refresh in the background holds nothing; a waiting request does', async () => {
    const source = await lab.warm()
    await lab.advance(TTL)
    lab.reply = () => HANG
    void source.find(query('a'))
    await flush()
    expect([...lab.timers].map(({ hold }) => hold)).toEqual([false])
    void source.find(query('b'))
    expect([...lab.timers].map(({ hold }) => hold)).toEqual([false, true])
  })

  test('the pause before a retry holds, and ends with the source', async () => {
    const lease = lab.open()
    lab.reply = () => DOWN
    void lease.source.ready()
    await flush()
    expect([...lab.timers].filter(({ hold }) => hold)).toHaveLength(2)
    lease.release()
    await flush()
    expect(lab.timers.size).toBe(0)
    await lab.advance(MINUTE)
    expect(lab.seen).toHaveLength(1)
  })
})
