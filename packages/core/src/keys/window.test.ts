import { describe, expect, test } from 'vitest'
import { freshForMs, stateAt, usableForMs } from './window.js'

const WINDOWS = { ttlMs: 600, staleWhileRevalidateMs: 100, staleIfErrorMs: 3_600 }

describe('stateAt', () => {
  test.each([
    [undefined, 'EMPTY'],
    [0, 'FRESH'],
    [599, 'FRESH'],
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

  test('without a window for stale keys the next one begins at the ttl', () => {
    expect(stateAt(600, { ...WINDOWS, staleWhileRevalidateMs: 0 })).toBe('MUST_REVALIDATE')
    expect(stateAt(600, { ...WINDOWS, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 })).toBe('EXPIRED')
  })

  test('stale-while-revalidate as long as stale-if-error leaves nothing between them', () => {
    const windows = { ttlMs: 600, staleWhileRevalidateMs: 300, staleIfErrorMs: 300 }
    expect(stateAt(899, windows)).toBe('SWR')
    expect(stateAt(900, windows)).toBe('EXPIRED')
  })

  test('endless windows never end', () => {
    const endless = Number.POSITIVE_INFINITY
    const windows = { ttlMs: 600, staleWhileRevalidateMs: endless, staleIfErrorMs: endless }
    expect(stateAt(1e15, windows)).toBe('SWR')
  })
})

test.each([
  [0, 600, 4_200],
  [599, 1, 3_601],
  [600, 0, 3_600],
  [4_199, 0, 1],
  [4_200, 0, 0],
  [9_999, 0, 0],
])('at an age of %i keys are fresh for %i and usable for %i more', (age, fresh, usable) => {
  expect(freshForMs(age, WINDOWS)).toBe(fresh)
  expect(usableForMs(age, WINDOWS)).toBe(usable)
})
