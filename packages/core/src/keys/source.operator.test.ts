import { beforeEach, describe, expect, test, vi } from 'vitest'
import { AuthError } from '../auth-error.js'
import { isRefusal } from '../refusal.js'
import { ecJwk, flush, Lab, query, said, type Reply } from './lab.test-support.js'

// The keys of a lab are no points of a curve: what the crypto says of them is of no interest here.
vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const DOWN: Reply = { status: 503 }

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

function publishTwo(): void {
  lab.publish('a', 'b')
}

describe('refresh', () => {
  test('asks now, past every cache; a withdrawn key is refused once it has resolved', async () => {
    publishTwo()
    const source = await lab.warm()
    lab.publish('b')
    expect(await source.refresh()).toBeUndefined()
    expect(lab.seen).toMatchObject([{ headers: { 'cache-control': 'no-cache' } }])
    expect(await lab.ask(source, 'a')).toBe('key_unknown')
    expect(await lab.ask(source, 'b')).toBe('b')
  })

  test('asks in back-off as well, and takes nothing from the allowance of the tokens', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    expect(await lab.ask(source, 'b', 500)).toBe('key_unknown')
    expect(source.status().nextAttemptMs).toBeGreaterThan(0)
    lab.publish('c')
    for (let i = 0; i < 5; i += 1) expect(await source.refresh()).toBeUndefined()
    expect(await lab.ask(source, 'c')).toBe('c')
    lab.publish('c', 'd')
    expect(await lab.ask(source, 'd')).toBe('d')
  })

  test('what is under way when it is called proves nothing: it asks once more', async () => {
    publishTwo()
    const source = await lab.warm()
    lab.reply = () => ({ body: { keys: [ecJwk('a')] }, afterMs: SECOND })
    void source.find(query('c'))
    await flush()
    lab.publish('b')
    const refreshed = source.refresh()
    await lab.advance(SECOND)
    expect(await refreshed).toBeUndefined()
    expect(lab.seen).toHaveLength(2)
    expect(await lab.ask(source, 'a')).toBe('key_unknown')
  })

  test('a failure is a refusal, and the keys stay as they were', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    const refreshing = source.refresh()
    await lab.advance(SECOND)
    const refusal = await refreshing
    expect(refusal).toMatchObject({ code: 'keys_unavailable', detail: 'the refresh failed: status 503' })
    expect(refusal && new AuthError(refusal).status).toBe(503)
    expect(await lab.ask(source, 'a')).toBe('a')
  })

  test('asks anew where the keys are', async () => {
    let place = 'https://idp.example/old'
    lab.reply = (url) =>
      url.includes('well-known')
        ? { body: { issuer: 'https://idp.example', jwks_uri: place } }
        : { body: { keys: [ecJwk(url.slice(-3))] } }
    const { source } = lab.open({}, { where: { kind: 'discovery' } })
    expect(await lab.ask(source, 'old')).toBe('old')
    place = 'https://idp.example/new'
    expect(await source.refresh()).toBeUndefined()
    expect(await lab.ask(source, 'new')).toBe('new')
  })

  test('after the last lease has ended it is refused', async () => {
    const lease = lab.open()
    lease.release()
    expect(await lease.source.refresh()).toMatchObject({ code: 'keys_unavailable' })
  })
})

describe('revoke', () => {
  test('a revoked key is refused at once, without network, and is not among the kids', async () => {
    publishTwo()
    const source = await lab.warm()
    const found = await source.find(query('a'))
    if (isRefusal(found) || !found[0]) throw new Error('no key')
    source.revoke('a')
    expect(source.holds(query('a'), found[0])).toBe(false)
    expect(said(source.find(query('a')))).toBe('key_unknown')
    expect(said(source.find(query('b')))).toBe('b')
    expect(source.status().kids).toEqual(['b'])
    expect(lab.seen).toEqual([])
  })

  test('for good: no refresh that still lists it brings it back, under no other kid either', async () => {
    publishTwo()
    const source = await lab.warm()
    source.revoke('a')
    for (let i = 0; i < 3; i += 1) {
      await source.refresh()
      expect(await lab.ask(source, 'a')).toBe('key_unknown')
    }
    lab.reply = () => ({ body: { keys: [{ ...ecJwk('a'), kid: 'c' }, ecJwk('b')] } })
    await source.refresh()
    expect(await lab.ask(source, 'c')).toBe('key_unknown')
  })

  test('a new key under the kid is another key', async () => {
    const source = await lab.warm()
    source.revoke('a')
    lab.reply = () => ({ body: { keys: [ecJwk('a', 'a new key')] } })
    await source.refresh()
    expect(await lab.ask(source, 'a')).toBe('a')
  })

  test('a kid that is revoked before there are keys is refused when they come, and stays so', async () => {
    publishTwo()
    const { source } = lab.open()
    source.revoke('a')
    expect(await lab.ask(source, 'a')).toBe('key_unknown')
    expect(await lab.ask(source, 'b')).toBe('b')
    expect(source.status().kids).toEqual(['b'])
    await source.refresh()
    expect(await lab.ask(source, 'a')).toBe('key_unknown')
  })

  test('without a kid a revoked key is no candidate', async () => {
    publishTwo()
    const source = await lab.warm()
    expect(await lab.ask(source, undefined)).toBe('key_unknown')
    source.revoke('a')
    expect(await lab.ask(source, undefined)).toBe('b')
    source.revoke('b')
    expect(await lab.ask(source, undefined)).toBe('key_unknown')
  })

  test('holds for every source of the issuer, also for those that are opened later', async () => {
    publishTwo()
    const first = lab.open()
    await lab.ask(first.source, 'a')
    const other = await lab.warm({ waitMs: 1_000 })
    first.source.revoke('a')
    first.release()
    expect(await lab.ask(other, 'a')).toBe('key_unknown')
    expect(await lab.ask(lab.open().source, 'a')).toBe('key_unknown')
    const stranger = lab.open({}, { issuer: 'https://other.example' })
    expect(await lab.ask(stranger.source, 'a')).toBe('a')
  })

  test('a look-up under way does not find it either', async () => {
    publishTwo()
    const { source } = lab.open()
    lab.reply = () => ({ body: { keys: [ecJwk('a')] }, afterMs: SECOND })
    const found = said(source.find(query('a')))
    await flush()
    source.revoke('a')
    await lab.advance(SECOND)
    expect(await found).toBe('key_unknown')
  })
})

describe('an outage', () => {
  test('reads as a story, from start to recovery, and status says at every moment until when', async () => {
    const source = await lab.warm()
    lab.reply = () => DOWN
    const seen: string[] = []
    for (let minute = 0; minute < 80; minute += 1) {
      await lab.ask(source, 'a', SECOND)
      const { state, stateEndsMs, kids } = source.status()
      if (seen.at(-1) !== state) seen.push(state)
      expect(stateEndsMs === undefined).toBe(state === 'EXPIRED')
      expect(kids).toEqual(state === 'EXPIRED' ? [] : ['a'])
      await lab.advance(MINUTE - SECOND)
    }
    expect(seen).toEqual(['FRESH', 'AHEAD', 'SWR', 'MUST_REVALIDATE', 'EXPIRED'])
    lab.publish('a')
    await lab.ask(source, 'a')
    expect(lab.events).toMatchObject([
      { type: 'keys.outage', severity: 'warning', reason: 'status 503' },
      { type: 'keys.outage', severity: 'critical' },
      { type: 'keys.outage', severity: 'critical', remainingMs: 0 },
      { type: 'keys.refreshed' },
      { type: 'keys.recovered' },
    ])
  })

  test('each window ends when status says so', async () => {
    const source = await lab.warm()
    lab.reply = () => ({ fault: 'error' })
    for (const next of ['AHEAD', 'SWR', 'MUST_REVALIDATE', 'EXPIRED']) {
      const { state, stateEndsMs = 0 } = source.status()
      await lab.advance(stateEndsMs - 1)
      expect(source.status().state).toBe(state)
      await lab.advance(1)
      expect(source.status().state).toBe(next)
    }
  })
})
