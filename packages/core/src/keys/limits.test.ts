import { beforeEach, describe, expect, test } from 'vitest'
import { Backoff, demandBucket, NegativeKids, signatureBucket } from './limits.js'

const time = { wall: 0, monotonic: 0 }
const clock = { now: () => time.wall, monotonic: () => time.monotonic }

beforeEach(() => {
  time.wall = 1_700_000_000_000
  time.monotonic = 5_000
})

function pass(ms: number): void {
  time.wall += ms
  time.monotonic += ms
}

describe('demandBucket', () => {
  test('gives two tokens at once, then none', () => {
    const bucket = demandBucket()
    expect([bucket.take(clock), bucket.take(clock), bucket.take(clock)]).toEqual([true, true, false])
  })

  test('earns one token per 30 s, counted from the first that was taken', () => {
    const bucket = demandBucket()
    bucket.take(clock)
    pass(10_000)
    bucket.take(clock)
    pass(19_999)
    expect(bucket.take(clock)).toBe(false)
    pass(1)
    expect(bucket.take(clock)).toBe(true)
    expect(bucket.take(clock)).toBe(false)
    pass(29_999)
    expect(bucket.take(clock)).toBe(false)
    pass(1)
    expect(bucket.take(clock)).toBe(true)
  })

  test('a full bucket earns nothing: there are never more than two', () => {
    const bucket = demandBucket()
    bucket.take(clock)
    pass(3_600_000)
    expect([bucket.take(clock), bucket.take(clock), bucket.take(clock)]).toEqual([true, true, false])
    pass(29_999)
    expect(bucket.take(clock)).toBe(false)
  })

  test('time in which it was full does not count for the next token', () => {
    const bucket = demandBucket()
    expect(bucket.nextMs(clock)).toBe(0)
    pass(29_000)
    bucket.take(clock)
    bucket.take(clock)
    pass(29_999)
    expect(bucket.take(clock)).toBe(false)
    pass(1)
    expect(bucket.take(clock)).toBe(true)
  })

  test('asking often loses no part of a token', () => {
    const bucket = demandBucket()
    bucket.take(clock)
    bucket.take(clock)
    for (let i = 0; i < 29; i += 1) {
      pass(1_000)
      expect(bucket.take(clock)).toBe(false)
    }
    pass(1_000)
    expect(bucket.take(clock)).toBe(true)
  })

  test('several tokens are earned at once, and the rest of the time counts for the next', () => {
    const bucket = demandBucket()
    bucket.take(clock)
    bucket.take(clock)
    pass(45_000)
    expect(bucket.take(clock)).toBe(true)
    expect(bucket.take(clock)).toBe(false)
    pass(15_000)
    expect(bucket.take(clock)).toBe(true)
  })

  test('tells when the next token comes', () => {
    const bucket = demandBucket()
    expect(bucket.nextMs(clock)).toBe(0)
    bucket.take(clock)
    expect(bucket.nextMs(clock)).toBe(0)
    bucket.take(clock)
    expect(bucket.nextMs(clock)).toBe(30_000)
    pass(12_000)
    expect(bucket.nextMs(clock)).toBe(18_000)
    pass(18_000)
    expect(bucket.nextMs(clock)).toBe(0)
  })

  test('a wall clock that is stepped back takes nothing away, one that is suspended gives', () => {
    const bucket = demandBucket()
    bucket.take(clock)
    bucket.take(clock)
    time.wall -= 3_600_000
    time.monotonic += 30_000
    expect(bucket.take(clock)).toBe(true)
    expect(bucket.take(clock)).toBe(false)
    time.wall += 2 * 3_600_000
    expect(bucket.take(clock)).toBe(true)
  })
})

describe('signatureBucket', () => {
  test('gives one token, then one per 60 s', () => {
    const bucket = signatureBucket()
    expect([bucket.take(clock), bucket.take(clock)]).toEqual([true, false])
    pass(59_999)
    expect([bucket.nextMs(clock), bucket.take(clock)]).toEqual([1, false])
    pass(1)
    expect([bucket.take(clock), bucket.take(clock)]).toEqual([true, false])
  })

  test('saves nothing up', () => {
    const bucket = signatureBucket()
    pass(3_600_000)
    expect([bucket.take(clock), bucket.take(clock)]).toEqual([true, false])
  })
})

describe('Backoff', () => {
  test('nothing to wait for before a failure', () => {
    const backoff = new Backoff()
    expect(backoff.failures).toBe(0)
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
  })

  test('doubles from 1 s up to the cap', () => {
    const backoff = new Backoff()
    const pauses = Array.from({ length: 9 }, () => {
      backoff.fail(clock, 1)
      return backoff.remainingMs(clock, 60_000)
    })
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    expect(backoff.failures).toBe(9)
  })

  test.each([
    [0, 500],
    [0.5, 750],
    [1, 1_000],
  ])('a random number of %d makes the first pause %i ms', (random, ms) => {
    const backoff = new Backoff()
    backoff.fail(clock, random)
    expect(backoff.remainingMs(clock, 60_000)).toBe(ms)
  })

  test('the cap is shortened by the random factor too', () => {
    const backoff = new Backoff()
    for (let i = 0; i < 20; i += 1) backoff.fail(clock, 0)
    expect(backoff.remainingMs(clock, 60_000)).toBe(30_000)
  })

  test('counts down from the last failure to nothing', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 1)
    pass(400)
    expect(backoff.remainingMs(clock, 60_000)).toBe(600)
    backoff.fail(clock, 1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(2_000)
    pass(1_999)
    expect(backoff.remainingMs(clock, 60_000)).toBe(1)
    pass(1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
    pass(1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
  })

  test('a lower cap shortens the pause that is under way', () => {
    const backoff = new Backoff()
    for (let i = 0; i < 7; i += 1) backoff.fail(clock, 1)
    pass(4_000)
    expect(backoff.remainingMs(clock, 60_000)).toBe(56_000)
    expect(backoff.remainingMs(clock, 10_000)).toBe(6_000)
    expect(backoff.remainingMs(clock, 0)).toBe(0)
  })

  test('a success ends it, and the next failure is a first one', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 1)
    backoff.fail(clock, 1)
    backoff.succeed()
    expect(backoff.failures).toBe(0)
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
    backoff.fail(clock, 1)
    expect(backoff.failures).toBe(1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(1_000)
  })

  test('goes by the clock that is further', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 1)
    time.wall -= 60_000
    time.monotonic += 700
    expect(backoff.remainingMs(clock, 60_000)).toBe(300)
  })
})

describe('Backoff with Retry-After', () => {
  test('waits as long as the issuer asked for, counted from the failure, and not a random part of it', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 0, 20_000)
    expect(backoff.remainingMs(clock, 60_000)).toBe(20_000)
    pass(19_999)
    expect(backoff.remainingMs(clock, 60_000)).toBe(1)
    pass(1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
  })

  test('never waits less than without it', () => {
    const backoff = new Backoff()
    for (let i = 0; i < 5; i += 1) backoff.fail(clock, 1, 2_000)
    expect(backoff.remainingMs(clock, 60_000)).toBe(16_000)
  })

  test.each([
    [10_000, 10_000],
    [60_000, 60_000],
    [7_200_000, 3_600_000],
    [0, 0],
  ])('under a cap of %i ms an hour is %i ms', (capMs, ms) => {
    const backoff = new Backoff()
    backoff.fail(clock, 1, 3_600_000)
    expect(backoff.remainingMs(clock, capMs)).toBe(ms)
  })

  test('holds for one step: the next failure knows nothing of it, nor does the next success', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 1, 30_000)
    backoff.fail(clock, 1)
    expect(backoff.remainingMs(clock, 60_000)).toBe(2_000)
    backoff.fail(clock, 1, 30_000)
    backoff.succeed()
    expect(backoff.remainingMs(clock, 60_000)).toBe(0)
  })

  test('is no failure more: the step after it is as long as ever', () => {
    const backoff = new Backoff()
    backoff.fail(clock, 1, 30_000)
    expect(backoff.failures).toBe(1)
  })
})

describe('NegativeKids', () => {
  test('remembers a kid for 30 s', () => {
    const kids = new NegativeKids()
    expect(kids.has('a', clock)).toBe(false)
    kids.add('a', clock)
    expect(kids.has('b', clock)).toBe(false)
    pass(29_999)
    expect(kids.has('a', clock)).toBe(true)
    pass(1)
    expect(kids.has('a', clock)).toBe(false)
  })

  test('remembers 256; the oldest leaves for the next', () => {
    const kids = new NegativeKids()
    for (let i = 0; i < 256; i += 1) kids.add(`kid ${i}`, clock)
    expect(kids.has('kid 0', clock)).toBe(true)
    kids.add('kid 256', clock)
    expect(kids.has('kid 0', clock)).toBe(false)
    expect(kids.has('kid 1', clock)).toBe(true)
    expect(kids.has('kid 256', clock)).toBe(true)
  })

  test('one that is seen again is the youngest again', () => {
    const kids = new NegativeKids()
    kids.add('first', clock)
    kids.add('second', clock)
    pass(20_000)
    kids.add('first', clock)
    for (let i = 0; i < 255; i += 1) kids.add(`kid ${i}`, clock)
    expect(kids.has('second', clock)).toBe(false)
    expect(kids.has('first', clock)).toBe(true)
    pass(29_999)
    expect(kids.has('first', clock)).toBe(true)
  })

  test('forgets all when told', () => {
    const kids = new NegativeKids()
    kids.add('a', clock)
    kids.clear()
    expect(kids.has('a', clock)).toBe(false)
  })

  test('a kid that is named like a member of an object is nothing but a name', () => {
    const kids = new NegativeKids()
    expect(kids.has('__proto__', clock)).toBe(false)
    expect(kids.has('constructor', clock)).toBe(false)
  })
})
