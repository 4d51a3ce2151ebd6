import { describe, expect, test } from 'vitest'
import { attemptsIn, countStretches, steadyBound, type SeenFetch } from './fetch-bound.js'
import { onMachine } from './settings.js'

const every = (seconds: number, count: number, failed = false): SeenFetch[] =>
  Array.from({ length: count }, (_, index) => ({ at: onMachine(index * seconds * 1000), failed }))

const isWithin = (fetches: readonly SeenFetch[]): boolean => {
  const nearest = countStretches(fetches)?.nearest
  return nearest !== undefined && nearest.count <= nearest.bound
}

describe('the bound of fetches', () => {
  test('has room for an unknown key each 30 s, a bad signature each 60 s and a renewal each 45 s', () => {
    expect(
      isWithin([...every(30, 40), ...every(60, 20), ...every(45, 26)].toSorted((a, b) => a.at - b.at)),
    ).toBe(true)
  })

  test('has none for a fetch each 10 s, nor for a burst', () => {
    expect(isWithin(every(10, 60))).toBe(false)
    expect(isWithin(every(0, 6))).toBe(false)
  })

  test('finds a burst in the middle of a quiet run', () => {
    const burst = Array.from({ length: 6 }, () => ({ at: onMachine(600_000), failed: false }))
    const fetches = [...every(60, 20), ...burst].toSorted((a, b) => a.at - b.at)
    const { nearest, whole } = countStretches(fetches) ?? {}
    expect(whole?.count).toBeLessThan(whole?.bound ?? 0)
    expect(nearest).toEqual({ seconds: 0, count: 7, bound: 4 })
  })

  test('grants one more fetch for each failure, but no more than the back-off', () => {
    expect(isWithin([...every(0, 4), { at: 0, failed: true }])).toBe(true)
    expect(isWithin(every(0.1, 100, true))).toBe(false)
    expect(isWithin(every(35, 100, true))).toBe(true)
  })

  test('is counted from nothing where there was no fetch', () => {
    expect(countStretches([])).toBeUndefined()
  })
})

test('the back-off allows two attempts at once, and after ten minutes less than one in 30 s more', () => {
  expect(attemptsIn(0)).toBe(4) // 2 s of jitter: two pauses of at least 0.5 and 1 s
  expect(attemptsIn(onMachine(600_000))).toBeLessThan(30)
  expect(steadyBound(0)).toBeLessThan(5)
})
