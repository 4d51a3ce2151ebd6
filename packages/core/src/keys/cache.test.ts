import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Cache, type CacheParts } from './cache.js'
import { failure, type Attempt, type Fetched } from './fetch.js'
import { flush, Lab } from './lab.test-support.js'
import { Backoff } from './limits.js'

type Load = (attempt: Attempt) => Promise<Fetched<string>>

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

function cacheOf(load: Load, more: Partial<CacheParts<string>> = {}): Cache<string> {
  return new Cache({
    clock: { now: lab.now, monotonic: lab.runtime.monotonic },
    runtime: lab.runtime,
    windows: { ttlMs: 1_000, staleWhileRevalidateMs: 500, staleIfErrorMs: 2_000 },
    timeoutMs: 300,
    backoff: new Backoff(),
    emptyBackoffCapMs: 10_000,
    load,
    ...more,
  })
}

function good(value = 'value'): Load {
  return async ({ sending }) => {
    sending()
    return { ok: true, value }
  }
}

describe('a flight', () => {
  test('is one: who comes later joins it', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    expect(cache.refresh()).toBe(cache.refresh())
    expect(await cache.flight?.done).toBe(true)
    expect(cache.flight).toBeUndefined()
    expect(load).toHaveBeenCalledOnce()
    expect(cache.value()).toBe('value')
  })

  test('is there before anything is sent: a fetch that asks for keys itself joins it', async () => {
    const joined: unknown[] = []
    const cache: Cache<string> = cacheOf(async (attempt) => {
      joined.push(cache.refresh())
      return good()(attempt)
    })
    const flight = cache.refresh()
    expect(await flight?.done).toBe(true)
    expect(joined).toEqual([flight])
  })

  test('never rejects: a load that throws is a failure', async () => {
    const cache = cacheOf(() => {
      throw new Error('a bug')
    })
    expect(await cache.refresh()?.done).toBe(false)
    expect(cache.lastError).toBe('unexpected error')
  })

  test('ends at its time limit, and what comes later changes nothing', async () => {
    let finish: ((result: Fetched<string>) => void) | undefined
    const cache = cacheOf(() => new Promise((resolve) => (finish = resolve)))
    const flight = cache.refresh()
    await lab.advance(300)
    expect(await flight?.done).toBe(false)
    expect(cache.lastError).toBe('timeout')
    finish?.({ ok: true, value: 'late' })
    await flush()
    expect(cache.value()).toBeUndefined()
  })

  test('tells its load whether it may try once more: only after a success', async () => {
    const load = vi.fn<Load>(async () => failure('down'))
    const cache = cacheOf(load)
    await cache.refresh()?.done
    await lab.advance(1_000)
    await cache.refresh()?.done
    load.mockImplementation(good())
    await lab.advance(2_000)
    await cache.refresh(true)?.done
    await cache.refresh()?.done
    expect(load.mock.calls.map(([{ mayRetry }]) => mayRetry)).toEqual([true, false, false, true])
    expect(load.mock.calls.map(([{ forced }]) => forced)).toEqual([false, false, true, false])
  })

  test('is not started in back-off; its cap depends on whether there is a value', async () => {
    const backoff = new Backoff()
    for (let i = 0; i < 20; i += 1) backoff.fail({ now: lab.now, monotonic: lab.runtime.monotonic }, 1)
    expect(cacheOf(good(), { backoff }).nextAttemptMs()).toBe(10_000)
    expect(cacheOf(good(), { backoff }).refresh()).toBeUndefined()
    expect(cacheOf(good(), { backoff, emptyBackoffCapMs: 0 }).refresh()).toBeDefined()
    const full = cacheOf(good(), { backoff, emptyBackoffCapMs: 0 })
    await full.refresh()?.done
    for (let i = 0; i < 20; i += 1) backoff.fail({ now: lab.now, monotonic: lab.runtime.monotonic }, 1)
    expect(full.nextAttemptMs()).toBe(60_000)
  })
})

describe('evidence', () => {
  test('is the number of the request that succeeded, not of the last one sent', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    expect([cache.sent, cache.evidence]).toEqual([0, 0])
    await cache.refresh()?.done
    expect([cache.sent, cache.evidence]).toEqual([1, 1])
    load.mockImplementation(async ({ sending }) => {
      sending()
      return failure('down')
    })
    await cache.refresh()?.done
    expect([cache.sent, cache.evidence]).toEqual([2, 1])
  })

  test('the age counts from the request that succeeded, not from the start of the flight', async () => {
    const cache = cacheOf(async ({ sending }) => {
      sending()
      await new Promise<void>((resolve) => lab.runtime.after(100, resolve, false))
      sending()
      return { ok: true, value: 'second try' }
    })
    cache.refresh()
    await lab.advance(150)
    expect(cache.ageMs()).toBe(50)
  })
})

describe('a wait', () => {
  test('ends with the flight, or when the flight is so old', async () => {
    let finish: ((result: Fetched<string>) => void) | undefined
    const cache = cacheOf(() => new Promise((resolve) => (finish = resolve)))
    const flight = cache.refresh()
    if (flight === undefined) throw new Error('no flight')
    await lab.advance(60)
    const [short, long] = [cache.wait(flight, 100), cache.wait(flight, 200)]
    await lab.advance(40)
    expect(await short).toBe('late')
    expect(cache.wait(flight, 100)).toBe('late')
    finish?.(failure('down'))
    expect(await long).toBe('failed')
    expect(lab.timers.size).toBe(0)
  })
})

describe('close', () => {
  test('ends the flight without counting a failure, forgets the value, and is for good', async () => {
    const onFailure = vi.fn<() => void>()
    const cache = cacheOf(good(), { onFailure })
    await cache.refresh()?.done
    const flight = cache.refresh()
    cache.close()
    expect(await flight?.done).toBe(false)
    expect(cache.value()).toBeUndefined()
    expect(cache.refresh()).toBeUndefined()
    expect(cache.closed).toBe(true)
    expect(onFailure).not.toHaveBeenCalled()
    expect(lab.timers.size).toBe(0)
  })
})
