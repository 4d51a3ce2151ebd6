import { describe, expect, test } from 'vitest'
import {
  freshForMs,
  stateAt,
  usableForMs,
  windowEndsInMs,
  windowsOf,
  type WindowOptions,
  type Windows,
} from './window.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const DEFAULTS: WindowOptions = { ttlMs: undefined, staleWhileRevalidateMs: undefined, staleIfErrorMs: HOUR }

function windows(options: Partial<WindowOptions> = {}, maxAgeMs?: number, staleIfErrorMs?: number): Windows {
  return windowsOf({ ...DEFAULTS, ...options }, { maxAgeMs, staleIfErrorMs }, 0.5)
}

describe('windowsOf', () => {
  test('without a word from anybody: 10 min fresh, as long while renewed, 1 h while the issuer is down', () => {
    const expected = { aheadMs: 8 * MINUTE, ttlMs: 10 * MINUTE, swrEndMs: 20 * MINUTE, endMs: 70 * MINUTE }
    expect(windowsOf(DEFAULTS, undefined, 0.5)).toEqual(expected)
    expect(windows()).toEqual(expected)
  })

  test.each([
    [0, MINUTE],
    [59 * SECOND, MINUTE],
    [61 * SECOND, 61 * SECOND],
    [59 * MINUTE, 59 * MINUTE],
    [61 * MINUTE, HOUR],
    [24 * HOUR, HOUR],
    [Number.POSITIVE_INFINITY, HOUR],
  ])('a max-age of %i ms makes keys fresh for %i ms', (maxAgeMs, ttlMs) => {
    expect(windows({}, maxAgeMs).ttlMs).toBe(ttlMs)
  })

  test('the option ttlMs is the last word, whatever the server says', () => {
    for (const maxAgeMs of [undefined, 0, MINUTE, 24 * HOUR]) {
      expect(windows({ ttlMs: 5 * MINUTE }, maxAgeMs).ttlMs).toBe(5 * MINUTE)
    }
  })

  test('stale-if-error of the server shortens, and never lengthens', () => {
    expect(windows({}, undefined, 30 * MINUTE).endMs).toBe(40 * MINUTE)
    expect(windows({}, undefined, 0).endMs).toBe(10 * MINUTE)
    expect(windows({}, undefined, 2 * HOUR).endMs).toBe(70 * MINUTE)
    expect(windows({ staleIfErrorMs: 0 }, undefined, HOUR).endMs).toBe(10 * MINUTE)
  })

  test('keys are used while renewed for as long as they were fresh, or as the option says', () => {
    expect(windows({}, 5 * MINUTE).swrEndMs).toBe(10 * MINUTE)
    expect(windows({ staleWhileRevalidateMs: MINUTE }).swrEndMs).toBe(11 * MINUTE)
    expect(windows({ staleWhileRevalidateMs: 0 }).swrEndMs).toBe(10 * MINUTE)
  })

  test('but never longer than while the issuer is down', () => {
    expect(windows({ staleIfErrorMs: MINUTE })).toMatchObject({ swrEndMs: 11 * MINUTE, endMs: 11 * MINUTE })
    const both = { staleWhileRevalidateMs: 30 * MINUTE }
    expect(windows(both, undefined, MINUTE)).toMatchObject({ swrEndMs: 11 * MINUTE, endMs: 11 * MINUTE })
  })

  test.each([
    [0, 75],
    [0.5, 80],
    [1, 85],
  ])('a random number of %d: renewed from %i %% of the ttl on', (random, percent) => {
    for (const ttlMs of [MINUTE, HOUR]) {
      const { aheadMs } = windowsOf({ ...DEFAULTS, ttlMs }, undefined, random)
      expect(aheadMs).toBeCloseTo((ttlMs * percent) / 100, 6)
    }
  })
})

const WINDOWS: Windows = { aheadMs: 480, ttlMs: 600, swrEndMs: 700, endMs: 4_200 }

describe('stateAt', () => {
  test.each([
    [0, 'FRESH'],
    [479, 'FRESH'],
    [480, 'AHEAD'],
    [599, 'AHEAD'],
    [600, 'SWR'],
    [699, 'SWR'],
    [700, 'MUST_REVALIDATE'],
    [4_199, 'MUST_REVALIDATE'],
    [4_200, 'EXPIRED'],
    [Number.POSITIVE_INFINITY, 'EXPIRED'],
    [Number.NaN, 'EXPIRED'],
  ])('an age of %s is %s', (age, state) => {
    expect(stateAt(age, WINDOWS)).toBe(state)
  })

  test('a window of no length is left out', () => {
    expect(stateAt(600, { ...WINDOWS, swrEndMs: 600 })).toBe('MUST_REVALIDATE')
    expect(stateAt(600, { ...WINDOWS, swrEndMs: 600, endMs: 600 })).toBe('EXPIRED')
    expect(stateAt(700, { ...WINDOWS, endMs: 700 })).toBe('EXPIRED')
  })

  test('endless windows never end', () => {
    const endless = Number.POSITIVE_INFINITY
    expect(stateAt(1e15, { ...WINDOWS, swrEndMs: endless, endMs: endless })).toBe('SWR')
  })
})

test.each([
  [0, 480],
  [479, 1],
  [480, 120],
  [600, 100],
  [700, 3_500],
  [4_199, 1],
  [4_200, 0],
  [9_999, 0],
])('at an age of %i the window ends in %i', (age, ms) => {
  expect(windowEndsInMs(age, WINDOWS)).toBe(ms)
})

test('a window of no length never ends: the one after it does', () => {
  expect(windowEndsInMs(600, { ...WINDOWS, swrEndMs: 600 })).toBe(3_600)
})

test.each([
  [0, 600, 4_200],
  [480, 120, 3_720],
  [599, 1, 3_601],
  [600, 0, 3_600],
  [4_199, 0, 1],
  [4_200, 0, 0],
  [9_999, 0, 0],
])('at an age of %i keys answer for %i and may be used for %i more', (age, fresh, usable) => {
  expect(freshForMs(age, WINDOWS)).toBe(fresh)
  expect(usableForMs(age, WINDOWS)).toBe(usable)
})
