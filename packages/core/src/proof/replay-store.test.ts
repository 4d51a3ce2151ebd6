import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import {
  capacityOf,
  checkReplayStore,
  memoryReplayStore,
  ReplayStoreFull,
  type ReplayStore,
} from './replay-store.js'

const KEYS = Array.from('abcdefghijklmnop')

/** What comes of a claim: the answer, or the name of the error. */
function outcome(store: ReplayStore, key: string, ttlMs: number): unknown {
  try {
    return store.claim(key, ttlMs)
  } catch (error) {
    return (error as Error).name
  }
}

afterEach(() => vi.restoreAllMocks())

describe('memoryReplayStore', () => {
  test('lets a key be claimed once, and again when its time is over', () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout')
    let time = 0
    const store = memoryReplayStore({}, () => time)
    expect(store.claim('a', 1_000)).toBe(true)
    expect(store.claim('a', 5_000)).toBe(false)
    expect(store.claim('b', 1_000)).toBe(true)
    time = 999
    expect(store.claim('a', 1_000)).toBe(false)
    time = 1_000
    expect(store.claim('a', 1_000)).toBe(true)
    expect(timeouts).not.toHaveBeenCalled()
  })

  test('goes by a clock that nobody can set', () => {
    vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValueOnce(999).mockReturnValueOnce(1_000)
    vi.spyOn(Date, 'now').mockReturnValue(0)
    const store = memoryReplayStore()
    expect([1, 2, 3].map(() => store.claim('a', 1_000))).toEqual([true, false, true])
  })

  test('when full, throws and forgets nothing', () => {
    let time = 0
    const store = memoryReplayStore({ maxEntries: 2 }, () => time)
    void store.claim('a', 1_000)
    void store.claim('b', 2_000)
    const error = thrownBy(() => store.claim('secret', 1_000))
    expect(error).toBeInstanceOf(ReplayStoreFull)
    expect(error).toMatchObject({ name: 'ReplayStoreFull', message: 'All 2 entries are in use.' })
    expect([store.claim('a', 1_000), store.claim('b', 1_000)]).toEqual([false, false])
    time = 1_000
    expect(store.claim('c', 1_000)).toBe(true)
    expect(store.claim('b', 1_000)).toBe(false)
  })

  test('a key that was claimed anew before it was dropped stays claimed', () => {
    let time = 0
    const store = memoryReplayStore({}, () => time)
    for (const [index, key] of ['a', 'b', 'c', 'd', 'e', 'f'].entries()) void store.claim(key, index + 1)
    time = 10
    expect(store.claim('f', 100)).toBe(true)
    void store.claim('g', 100)
    expect(store.claim('f', 100)).toBe(false)
  })

  test('does and says what a list of all that was claimed would', () => {
    const claims = fc.record({
      wait: fc.integer({ min: 0, max: 5 }),
      key: fc.constantFrom(...KEYS),
      ttlMs: fc.integer({ min: 1, max: 60 }),
    })
    const maxEntries = 8
    fc.assert(
      fc.property(fc.array(claims, { maxLength: 100 }), (all) => {
        let time = 0
        const store = memoryReplayStore({ maxEntries }, () => time)
        const model = new Map<string, number>()
        for (const { wait, key, ttlMs } of all) {
          time += wait
          const live = [...model].filter(([, until]) => until > time)
          const isKnown = live.some(([known]) => known === key)
          const isFull = !isKnown && live.length === maxEntries
          if (!isKnown && !isFull) model.set(key, time + ttlMs)
          expect(outcome(store, key, ttlMs)).toBe(isFull ? 'ReplayStoreFull' : !isKnown)
        }
      }),
    )
  })

  test('holds no more than may be unexpired at once, whatever goes through it', () => {
    let time = 0
    const store = memoryReplayStore({ maxEntries: 1_000 }, () => time)
    let firsts = 0
    for (; time < 100_000; time += 1) if (store.claim(`proof ${time}`, 1_000) === true) firsts += 1
    expect(firsts).toBe(100_000)
  })

  test('drops a few with each claim, however many have expired', () => {
    let time = 0
    const store = memoryReplayStore({}, () => time)
    for (let index = 0; index < 1_000; index += 1) void store.claim(`proof ${index}`, 1_000)
    time = 1_000
    const deletions = vi.spyOn(Map.prototype, 'delete')
    expect(store.claim('proof 500', 1_000)).toBe(true)
    expect(deletions).toHaveBeenCalledTimes(4)
  })

  test.each([0, 10_000_001, Number.NaN])('refuses to keep at most %s', (maxEntries) => {
    expect(isConfigError(thrownBy(() => memoryReplayStore({ maxEntries })))).toBe(true)
    expect(messageOf(() => memoryReplayStore({ maxEntries }))).toContain(
      'memoryReplayStore({ maxEntries }): got',
    )
  })
})

describe('capacityOf', () => {
  test.each([
    ['the default', memoryReplayStore(), 1_000_000],
    ['what it was made with', memoryReplayStore({ maxEntries: 5 }), 5],
    ['the default, for another store', { claim: () => true }, 1_000_000],
  ])('is %s', (_, store, entries) => {
    expect(capacityOf(store)).toBe(entries)
  })
})

describe('checkReplayStore', () => {
  test('takes whatever can claim', () => {
    const store = { claim: () => true }
    expect(checkReplayStore(store, 'o')).toBe(store)
  })

  test.each([undefined, null, {}, { claim: true }, 'redis', () => true])('refuses %j', (value) => {
    expect(isConfigError(thrownBy(() => checkReplayStore(value, 'o')))).toBe(true)
    expect(messageOf(() => checkReplayStore(value, 'o'))).toMatch(/^o: got .* claim\(key, ttlMs\)\.$/)
  })
})
