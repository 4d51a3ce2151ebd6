import { afterEach, describe, expect, test, vi } from 'vitest'
import { readFreshness, readRetryAfter, type Freshness } from './freshness.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

function fresh(cacheControl: string, age?: string): Freshness | undefined {
  return readFreshness(new Headers({ 'cache-control': cacheControl, ...(age === undefined ? {} : { age }) }))
}

describe('max-age', () => {
  test.each([
    ['max-age=300', 300],
    ['public, max-age=300, must-revalidate', 300],
    ['public,max-age=300,immutable', 300],
    ['public ,  max-age=300\t, immutable', 300],
    ['Max-Age=300', 300],
    ['MAX-AGE="300"', 300],
    ['max-age=0', 0],
    ['max-age=0300', 300],
  ])('%j is %i s', (cacheControl, seconds) => {
    expect(fresh(cacheControl)).toEqual({ maxAgeMs: seconds * 1000, staleIfErrorMs: undefined })
  })

  test.each([
    'no-store',
    'no-cache',
    'No-Cache',
    'max-age=300, no-store',
    'no-cache, max-age=300',
    'no-cache="set-cookie", max-age=300',
  ])('%j is stale at once', (cacheControl) => {
    expect(fresh(cacheControl)?.maxAgeMs).toBe(0)
  })

  test.each([
    'max-age',
    'max-age=',
    'max-age=-5',
    'max-age=1.5',
    'max-age=1e3',
    'max-age=soon',
    'max-age=""',
  ])('%j cannot be read, and is stale at once', (cacheControl) => {
    expect(fresh(cacheControl)?.maxAgeMs).toBe(0)
  })

  test('of two the shorter one counts, in whichever order', () => {
    expect(fresh('max-age=300, max-age=60')?.maxAgeMs).toBe(60_000)
    expect(fresh('max-age=60, max-age=300')?.maxAgeMs).toBe(60_000)
    expect(fresh('max-age=300, max-age=soon')?.maxAgeMs).toBe(0)
  })

  test.each(['public', '', ',,', '=', 's-maxage=300', 'x-max-age=300', 'private="max-age=300"'])(
    '%j says nothing of it',
    (cacheControl) => {
      expect(fresh(cacheControl)).toEqual({ maxAgeMs: undefined, staleIfErrorMs: undefined })
    },
  )

  test('a number beyond all bounds is a large number, also less another one', () => {
    const huge = '9'.repeat(400)
    expect(fresh(`max-age=${huge}`)?.maxAgeMs).toBe(2 ** 31 * 1000)
    expect(fresh(`max-age=${huge}`, huge)?.maxAgeMs).toBe(0)
  })
})

describe('Age', () => {
  test.each([
    ['100', 200],
    ['300', 0],
    ['500', 0],
    ['-100', 300],
    ['old', 300],
    ['', 300],
  ])('%j leaves %i of 300 s', (age, seconds) => {
    expect(fresh('max-age=300', age)?.maxAgeMs).toBe(seconds * 1000)
  })

  test('alone says nothing', () => {
    expect(readFreshness(new Headers({ age: '10' }))).toBeUndefined()
    expect(fresh('public', '10')?.maxAgeMs).toBeUndefined()
  })
})

describe('stale-if-error', () => {
  test.each([
    ['stale-if-error=60', 60_000],
    ['max-age=300, Stale-If-Error="60"', 60_000],
    ['stale-if-error=0', 0],
    ['stale-if-error=120, stale-if-error=60', 60_000],
    ['stale-if-error=60, stale-if-error=120', 60_000],
    ['stale-if-error=60, stale-if-error=soon', 60_000],
  ])('%j is %i ms', (cacheControl, ms) => {
    expect(fresh(cacheControl)?.staleIfErrorMs).toBe(ms)
  })

  test.each(['stale-if-error', 'stale-if-error=-1', 'stale-if-error=soon', 'stale-while-revalidate=60'])(
    '%j shortens nothing',
    (cacheControl) => {
      expect(fresh(cacheControl)?.staleIfErrorMs ?? Number.POSITIVE_INFINITY).toBe(Number.POSITIVE_INFINITY)
    },
  )

  test('does not get shorter by Age', () => {
    expect(fresh('stale-if-error=60', '30')?.staleIfErrorMs).toBe(60_000)
  })
})

test('without Cache-Control there is nothing to read', () => {
  expect(readFreshness(new Headers())).toBeUndefined()
})

describe('Retry-After', () => {
  const NOW = Date.UTC(1994, 10, 6, 8, 49, 0)

  function pause(retryAfter: string): number {
    return readRetryAfter(new Headers({ 'retry-after': retryAfter }), NOW)
  }

  test('is seconds', () => {
    expect(pause('120')).toBe(120_000)
    expect(pause('0')).toBe(0)
  })

  test.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'or a date, in GMT wherever we are: %s',
    (date) => {
      for (const zone of ['America/New_York', 'Asia/Tokyo']) {
        vi.stubEnv('TZ', zone)
        expect(pause(date)).toBe(37_000)
      }
    },
  )

  test.each([
    'Sun, 06 Nov 1994 08:48:59 GMT',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '-5',
    '12.5',
    '2030-01-01T00:00:00Z',
    'in 2030',
    'soon',
    'Sun, 42 Nov 1994 08:49:37 GMT',
    '6 Nov 1994 08:49:37 GMT',
    '',
  ])('%j is no pause', (retryAfter) => {
    expect(pause(retryAfter)).toBe(0)
  })

  test('is no pause where there is none', () => {
    expect(readRetryAfter(new Headers(), NOW)).toBe(0)
  })
})
