import { expect, test } from 'vitest'
import { healingBound, healings } from './healing.js'

const change = { kid: 'b', at: 10_000, announced: false }
const publication = (answeredAt: number) => ({
  kids: new Set(['b']),
  askedAt: answeredAt,
  answeredAt,
  inTime: true,
})

test('tells how long it took until the new key was learnt', () => {
  expect(healings([change], [publication(11_000)], [], 60_000)).toEqual([
    { announced: false, tookMs: 1_000, boundMs: healingBound(0) },
  ])
})

test('takes no time for a key that was known before it signed', () => {
  expect(healings([change], [publication(9_000)], [], 60_000)).toMatchObject([{ tookMs: 0 }])
})

test('grants time for each failure between, and for none before or after', () => {
  const fetches = [2_000, 10_500, 30_000].map((at) => ({ at, failed: true }))
  expect(healings([change], [publication(13_000)], fetches, 60_000)).toMatchObject([
    { boundMs: healingBound(1) },
  ])
})

test('a key that was never learnt counts to the end of the run, unless that came too soon', () => {
  expect(healings([change], [], [], 60_000)).toEqual([
    { announced: false, tookMs: 50_000, boundMs: healingBound(0) },
  ])
  expect(healings([change], [], [], 11_000)).toEqual([])
})

test('the bound without a failure is the refill of the demand bucket and one answer', () => {
  expect(healingBound(0)).toBe(3_100)
  expect(healingBound(2)).toBeGreaterThan(healingBound(1))
})
