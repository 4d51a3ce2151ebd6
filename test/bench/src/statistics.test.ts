import { describe, expect, test } from 'vitest'
import { netOf, ratioOf, shuffled, spreadOf } from './statistics.js'

describe('spreadOf', () => {
  test('gives the middle of an odd and of an even number of measurements, in any order', () => {
    expect(spreadOf([3, 1, 2]).median).toBe(2)
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5)
  })

  test('gives the tenth and the ninetieth percentile', () => {
    const { p10, p90 } = spreadOf(Array.from({ length: 101 }, (_, index) => index))
    expect([p10, p90]).toEqual([10, 90])
  })

  test('is not moved by one measurement that was disturbed', () => {
    expect(spreadOf([1, 1, 1, 1, 900])).toMatchObject({ median: 1, p10: 1 })
  })

  test('gives one measurement as it is', () => {
    expect(spreadOf([7])).toEqual({ median: 7, p10: 7, p90: 7 })
  })

  test('has nothing to say of no measurement', () => {
    expect(() => spreadOf([])).toThrow(RangeError)
  })
})

test('ratioOf divides round by round: a slow round is slow for both', () => {
  expect(ratioOf([2, 20, 200], [1, 10, 100])).toEqual({ median: 2, p10: 2, p90: 2 })
  expect(() => ratioOf([1, 2], [1])).toThrow(RangeError)
})

test('netOf takes off what the harness cost in the same round', () => {
  expect(netOf([5, 7], [1, 2])).toEqual([4, 5])
})

test('shuffled keeps everybody, in the order that was drawn', () => {
  const lots = [0.9, 0.1, 0.5]
  expect(shuffled(['a', 'b', 'c'], () => lots.pop() ?? 0)).toEqual(['b', 'a', 'c'])
})
