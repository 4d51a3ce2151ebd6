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
  test('is told on entry and at half time of what remained then', () => {
    for (const remainingMs of [3_000, 2_000, 1_501, 1_500, 1_000, 0]) announcer.outage(remainingMs, 'timeout')
    expect(events).toEqual([
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 3_000, severity: 'warning', reason: 'timeout' },
      { type: 'keys.outage', issuer: ISSUER, remainingMs: 1_500, severity: 'critical', reason: 'timeout' },
    ])
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

test('tallies come at once, then at most every 10 s, each kind for itself', () => {
  announcer.tally('keys.unknown')
  announcer.tally('keys.suppressed')
  time += 9_999
  announcer.tally('keys.unknown')
  time += 1
  announcer.tally('keys.unknown')
  announcer.tally('keys.unknown')
  expect(events).toEqual([
    { type: 'keys.unknown', issuer: ISSUER, count: 1 },
    { type: 'keys.suppressed', issuer: ISSUER, count: 1 },
    { type: 'keys.unknown', issuer: ISSUER, count: 2 },
  ])
})

function broken(): never {
  throw new Error('broken')
}

test('an observer that throws keeps an event from nobody', () => {
  const heard: AuthEvent[] = []
  tellAll([broken, (event) => heard.push(event)], { type: 'keys.refreshed', issuer: ISSUER, keys: 1 })
  expect(heard).toHaveLength(1)
})
