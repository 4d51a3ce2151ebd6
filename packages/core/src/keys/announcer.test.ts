import { beforeEach, describe, expect, test } from 'vitest'
import type { AuthEvent } from '../events.js'
import { Announcer, tellAll } from './announcer.js'
import { keySetOf, type KeySet } from './key-set.js'
import { publishedKey } from './published-key.js'

const ISSUER = 'https://idp.example'

let time: number
let events: AuthEvent[]
let announcer: Announcer

beforeEach(() => {
  time = 0
  events = []
  const clock = { now: () => time, monotonic: () => time }
  announcer = new Announcer(ISSUER, clock, (event) => events.push(event))
})

function keys(...names: readonly string[]): KeySet {
  const jwk = { kty: 'RSA', n: 'AAAA', e: 'AQAB' } as const
  return keySetOf(names.map((name) => publishedKey({ jwk, kid: name, alg: undefined, thumbprint: name })))
}

describe('refreshed', () => {
  test('the first set is no change', () => {
    expect(announcer.refreshed(keys('a', 'b'), undefined)).toBe(true)
    expect(events).toEqual([{ type: 'keys.refreshed', issuer: ISSUER, keys: 2 }])
  })

  test('the same keys, in any order, are no change', () => {
    expect(announcer.refreshed(keys('a', 'b'), keys('b', 'a'))).toBe(false)
    expect(events.map(({ type }) => type)).toEqual(['keys.refreshed'])
  })

  test.each([
    [['a', 'b'], ['a'], 0, 1],
    [['a'], ['a', 'b', 'c'], 2, 0],
    [['a'], ['b'], 1, 1],
  ])('from %j to %j: %i added, %i removed', (before, after, added, removed) => {
    expect(announcer.refreshed(keys(...after), keys(...before))).toBe(true)
    expect(events[1]).toEqual({ type: 'keys.changed', issuer: ISSUER, added, removed })
  })
})

describe('outage', () => {
  test('is told in three stages: on entry, at half time of what remained then, when no keys are left', () => {
    for (const remainingMs of [3_000, 2_000, 1_501, 1_500, 1_000, 1, 0, 0]) {
      announcer.outage(remainingMs, 'timeout')
    }
    expect(events).toEqual([
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 3_000, severity: 'warning', reason: 'timeout' },
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 1_500, severity: 'critical', reason: 'timeout' },
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 0, severity: 'critical', reason: 'timeout' },
    ])
  })

  test('a stage that passed unseen is not told afterwards, and none is told twice', () => {
    for (const remainingMs of [3_000, 0, 1_000, 3_000, 0]) announcer.outage(remainingMs, 'timeout')
    expect(events).toMatchObject([{ remainingMs: 3_000 }, { remainingMs: 0 }])
  })

  test('without keys it is critical at once, and told once', () => {
    announcer.outage(0, 'timeout')
    announcer.outage(0, 'timeout')
    expect(events).toMatchObject([{ severity: 'critical', remainingMs: 0 }])
  })

  test('recovery is told once, with how long it took, and the next outage is a new one', () => {
    announcer.outage(3_000, 'timeout')
    time += 500
    announcer.outage(2_500, 'timeout')
    time += 200
    announcer.refreshed(keys('a'), keys('a'))
    announcer.refreshed(keys('a'), keys('a'))
    expect(events.filter(({ type }) => type === 'keys.recovered')).toEqual([
      { type: 'keys.recovered', issuer: ISSUER, outageMs: 700 },
    ])
    announcer.outage(3_000, 'timeout')
    expect(events.at(-1)).toMatchObject({ type: 'keys.outage', severity: 'warning' })
  })
})

test('keys from the store are told of with their number and age', () => {
  announcer.restored(keys('a', 'b'), 5_000)
  expect(events).toEqual([{ type: 'keys.restored', issuer: ISSUER, keys: 2, ageMs: 5_000 }])
})

test('keys from the store are no recovery: the issuer has not answered', () => {
  announcer.outage(0, 'timeout')
  announcer.restored(keys('a'), 5_000)
  expect(events.map(({ type }) => type)).toEqual(['keys.outage', 'keys.restored'])
  announcer.refreshed(keys('a'), keys('a'))
  expect(events.at(-1)?.type).toBe('keys.recovered')
})

describe('tally', () => {
  test('tells at once, then at most every 10 s, each kind for itself', () => {
    announcer.tally({ type: 'keys.unknown' })
    announcer.tally({ type: 'keys.suppressed' })
    time += 9_999
    announcer.tally({ type: 'keys.unknown' })
    time += 1
    announcer.tally({ type: 'keys.unknown' })
    announcer.tally({ type: 'keys.unknown' })
    expect(events).toEqual([
      { type: 'keys.unknown', issuer: ISSUER, count: 1 },
      { type: 'keys.suppressed', issuer: ISSUER, count: 1 },
      { type: 'keys.unknown', issuer: ISSUER, count: 2 },
    ])
  })

  test('a store that fails is counted for each operation', () => {
    for (const operation of ['get', 'set', 'get', 'get'] as const) {
      announcer.tally({ type: 'keys.store_failed', operation })
    }
    time += 10_000
    announcer.tally({ type: 'keys.store_failed', operation: 'set' })
    announcer.tally({ type: 'keys.store_failed', operation: 'get' })
    expect(events).toEqual([
      { type: 'keys.store_failed', issuer: ISSUER, operation: 'get', count: 1 },
      { type: 'keys.store_failed', issuer: ISSUER, operation: 'set', count: 1 },
      { type: 'keys.store_failed', issuer: ISSUER, operation: 'set', count: 1 },
      { type: 'keys.store_failed', issuer: ISSUER, operation: 'get', count: 3 },
    ])
  })
})

function broken(): never {
  throw new Error('broken')
}

test('an observer that throws keeps an event from nobody', () => {
  const heard: AuthEvent[] = []
  tellAll([broken, (event) => heard.push(event)], { type: 'keys.refreshed', issuer: ISSUER, keys: 1 })
  expect(heard).toHaveLength(1)
})
