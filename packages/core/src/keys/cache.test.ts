import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Cache, type CacheParts, type Flight, type Loaded, type Snapshot } from './cache.js'
import { failure, type Fetched } from './fetch.js'
import { flush, Lab } from './lab.test-support.js'
import { Backoff } from './limits.js'
import type { Windows } from './window.js'

type Load = CacheParts<string>['load']

const WINDOWS: Windows = { aheadMs: 800, ttlMs: 1_000, swrEndMs: 1_500, endMs: 3_000 }

let lab: Lab

beforeEach(() => {
  lab = new Lab()
})

function cacheOf(load: Load, more: Partial<CacheParts<string>> = {}): Cache<string> {
  return new Cache({
    clock: { now: lab.now, monotonic: lab.runtime.monotonic },
    runtime: lab.runtime,
    isolated: false,
    windowsOf: () => WINDOWS,
    timeoutMs: 300,
    backoff: new Backoff(),
    emptyBackoffCapMs: 10_000,
    load,
    ...more,
  })
}

function loaded(value: string, more: Partial<Loaded<string>> = {}): Fetched<Loaded<string>> {
  return {
    ok: true,
    value: { value, notModified: false, freshness: undefined, validators: undefined, ...more },
  }
}

function isolate(load: Load, more: Partial<CacheParts<string>> = {}): Cache<string> {
  return cacheOf(load, { isolated: true, ...more })
}

function good(value = 'value'): Load {
  return async ({ sending }) => {
    sending()
    return loaded(value)
  }
}

/** A load that takes some time; `undefined`: it fails. */
function slow(ms: number, value: string | undefined): Load {
  return async ({ sending }) => {
    sending()
    await new Promise<void>((resolve) => lab.runtime.after(ms, resolve, false))
    return value === undefined ? failure('down') : loaded(value)
  }
}

function flightOf(flight: Flight | undefined): Flight {
  if (flight === undefined) throw new Error('no flight')
  return flight
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
      return loaded(`mayRetry ${attempt.mayRetry}`)
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
    let finish: ((result: Fetched<Loaded<string>>) => void) | undefined
    const cache = cacheOf(() => new Promise((resolve) => (finish = resolve)))
    const flight = cache.refresh()
    await lab.advance(300)
    expect(await flight?.done).toBe(false)
    expect(cache.lastError).toBe('timeout')
    finish?.(loaded('late'))
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
    await cache.refresh({ forced: true })?.done
    await cache.refresh()?.done
    expect(load.mock.calls.map(([{ mayRetry }]) => mayRetry)).toEqual([true, false, false, true])
    expect(load.mock.calls.map(([{ forced }]) => forced)).toEqual([false, false, true, false])
  })

  test('that is ordered is forced as well, and is told so', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    await cache.refresh()?.done
    await cache.refresh({ ordered: true })?.done
    expect(load.mock.calls.map(([{ forced, ordered }]) => [forced, ordered])).toEqual([
      [false, false],
      [true, true],
    ])
  })

  test('in back-off is started by order alone', async () => {
    const load = vi.fn<Load>(async () => failure('down'))
    const cache = cacheOf(load)
    await cache.refresh()?.done
    expect(cache.refresh({ forced: true })).toBeUndefined()
    load.mockImplementation(good())
    expect(await cache.refresh({ ordered: true })?.done).toBe(true)
    expect(cache.nextAttemptMs()).toBe(0)
  })

  test('is told of the snapshot at hand, and of none that has expired', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    await cache.refresh()?.done
    await cache.refresh()?.done
    await lab.advance(3_000)
    await cache.refresh()?.done
    expect(load.mock.calls.map(([, previous]) => previous?.value)).toEqual([undefined, 'value', undefined])
  })

  test('makes the back-off as long as the server asked for', async () => {
    const cache = cacheOf(async () => failure('status 503', 'transient', 5_000))
    await cache.refresh()?.done
    expect(cache.nextAttemptMs()).toBe(5_000)
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

describe('a success', () => {
  test('makes the windows from what the server said and a random number', async () => {
    const windowsOf = vi.fn<CacheParts<string>['windowsOf']>(() => WINDOWS)
    const freshness = { maxAgeMs: 5_000, staleIfErrorMs: undefined }
    const validators = { url: 'https://idp.example', etag: '"1"', lastModified: undefined }
    const load: Load = async ({ sending }) => {
      sending()
      return loaded('value', { freshness, validators })
    }
    const cache = cacheOf(load, { windowsOf })
    lab.random = 0.25
    await cache.refresh()?.done
    expect(windowsOf.mock.calls).toEqual([[freshness, 0.25]])
    expect(cache.snapshot()).toMatchObject({ value: 'value', freshness, validators, windows: WINDOWS })
  })

  test('that changed nothing makes the value young again, and is no new generation', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    await cache.refresh()?.done
    await lab.advance(900)
    load.mockImplementation(async ({ sending }, previous) => {
      sending()
      return loaded(previous?.value ?? '', { notModified: true })
    })
    expect([cache.state(), cache.generation]).toEqual(['AHEAD', 1])
    await cache.refresh()?.done
    expect([cache.state(), cache.generation, cache.evidence, cache.value()]).toEqual(['FRESH', 1, 2, 'value'])
    load.mockImplementation(good())
    await cache.refresh()?.done
    expect(cache.generation).toBe(2)
  })

  test('is told with the value before it', async () => {
    const onSuccess = vi.fn<NonNullable<CacheParts<string>['onSuccess']>>()
    const load = vi.fn<Load>(good('one'))
    const cache = cacheOf(load, { onSuccess })
    await cache.refresh()?.done
    load.mockImplementation(good('two'))
    await cache.refresh()?.done
    const told = onSuccess.mock.calls.map(([{ value, windows }, previous]) => [value, previous, windows])
    expect(told).toEqual([
      ['one', undefined, WINDOWS],
      ['two', 'one', WINDOWS],
    ])
  })
})

describe('refreshBeside', () => {
  test('starts one flight, and none where one is under way', async () => {
    const load = vi.fn<Load>(good())
    const cache = cacheOf(load)
    cache.refreshBeside({ forced: true })
    cache.refreshBeside()
    await lab.advance(0)
    expect(load.mock.calls.map(([{ forced }]) => forced)).toEqual([true])
    expect(cache.value()).toBe('value')
  })

  test('respects the back-off', async () => {
    const load = vi.fn<Load>(async () => failure('down'))
    const cache = cacheOf(load)
    await cache.refresh()?.done
    cache.refreshBeside()
    await lab.advance(0)
    expect(load).toHaveBeenCalledOnce()
  })
})

describe('waitUntil', () => {
  test('gets the flight, with what follows a success', async () => {
    let stored: (() => void) | undefined
    const onSuccess = (): Promise<void> => new Promise((resolve) => (stored = resolve))
    const work: Promise<unknown>[] = []
    let ended = false
    const cache = cacheOf(slow(100, 'value'), { onSuccess })
    cache.refresh({ occasion: { waitUntil: (promise) => work.push(promise) } })
    expect(work).toHaveLength(1)
    void work[0]?.then(() => (ended = true))
    await lab.advance(100)
    expect([cache.value(), ended]).toEqual(['value', false])
    stored?.()
    await flush()
    expect(ended).toBe(true)
  })

  test('gets nothing where the flight is another request’s', async () => {
    const waitUntil = vi.fn<(work: Promise<unknown>) => void>()
    const cache = cacheOf(good())
    cache.refresh()
    cache.refresh({ occasion: { waitUntil } })
    cache.refreshBeside({ occasion: { waitUntil } })
    expect(waitUntil).not.toHaveBeenCalled()
    await lab.advance(0)
  })
})

function nothing(): void {}

describe('in an isolate', () => {
  test('every refresh is a flight of its own: no promise is shared', async () => {
    const load = vi.fn<Load>(slow(100, 'value'))
    const cache = isolate(load)
    const [one, two] = [flightOf(cache.refresh()), flightOf(cache.refresh())]
    expect(one).not.toBe(two)
    expect(one.done).not.toBe(two.done)
    await lab.advance(100)
    expect(await Promise.all([one.done, two.done])).toEqual([true, true])
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('the success of a later request stays, whenever an earlier one comes', async () => {
    const load = vi.fn<Load>(slow(200, 'earlier'))
    const onSuccess = vi.fn<NonNullable<CacheParts<string>['onSuccess']>>()
    const cache = isolate(load, { onSuccess })
    const earlier = cache.refresh()
    await lab.advance(10)
    load.mockImplementation(slow(100, 'later'))
    cache.refresh()
    await lab.advance(190)
    expect(await earlier?.done).toBe(true)
    expect([cache.value(), cache.generation, cache.evidence]).toEqual(['later', 1, 2])
    expect(cache.ageMs()).toBe(190)
    expect(onSuccess).toHaveBeenCalledOnce()
  })

  test('the success of a later request replaces that of an earlier one', async () => {
    const load = vi.fn<Load>(slow(100, 'earlier'))
    const cache = isolate(load)
    cache.refresh()
    await flush()
    load.mockImplementation(slow(200, 'later'))
    cache.refresh()
    await lab.advance(100)
    expect(cache.value()).toBe('earlier')
    await lab.advance(100)
    expect(cache.value()).toBe('later')
  })

  test('failures side by side count once, and a later one counts again', async () => {
    const onFailure = vi.fn<() => void>()
    const backoff = new Backoff()
    const cache = isolate(slow(100, undefined), { backoff, onFailure })
    for (let i = 0; i < 10; i += 1) {
      cache.refresh()
      // oxlint-disable-next-line no-await-in-loop -- one begins after the other, and ends after it
      await lab.advance(5)
    }
    await lab.advance(100)
    expect([backoff.failures, onFailure.mock.calls.length]).toEqual([1, 1])
    await lab.advance(1_000)
    cache.refresh()
    await lab.advance(100)
    expect([backoff.failures, onFailure.mock.calls.length]).toEqual([2, 2])
  })

  test('a failure after the success of another side by side counts for nothing', async () => {
    const backoff = new Backoff()
    const load = vi.fn<Load>(slow(200, undefined))
    const cache = isolate(load, { backoff })
    cache.refresh()
    await flush()
    load.mockImplementation(slow(100, 'value'))
    cache.refresh()
    await lab.advance(200)
    expect([backoff.failures, cache.lastError, cache.value()]).toEqual([0, undefined, 'value'])
  })

  test('a flight under way is seen by its start, for as long as it may take', async () => {
    // The request ends, and its flight with it: nothing tells of that.
    const cache = isolate(() => new Promise(() => undefined), {
      runtime: { ...lab.runtime, after: () => () => undefined },
    })
    const flight = cache.refresh()
    await lab.advance(299)
    expect(cache.flight).toBe(flight)
    await lab.advance(1)
    expect(cache.flight).toBeUndefined()
  })

  test('the end of an earlier flight says nothing of a later one', async () => {
    const cache = isolate(slow(100, 'value'))
    cache.refresh()
    await lab.advance(50)
    const later = cache.refresh()
    await lab.advance(50)
    expect(cache.flight).toBe(later)
    await lab.advance(50)
    expect(cache.flight).toBeUndefined()
  })

  test('beside a request nothing goes on without waitUntil', async () => {
    const load = vi.fn<Load>(good())
    const cache = isolate(load)
    cache.refreshBeside()
    cache.refreshBeside({ occasion: {} })
    await lab.advance(0)
    expect(load).not.toHaveBeenCalled()
    cache.refreshBeside({ occasion: { waitUntil: nothing } })
    await lab.advance(0)
    expect(load).toHaveBeenCalledOnce()
  })

  test('beside a request one flight is enough for all, until it should have ended', async () => {
    const load = vi.fn<Load>(() => new Promise(() => undefined))
    const cache = isolate(load, { runtime: { ...lab.runtime, after: () => () => undefined } })
    cache.refreshBeside({ occasion: { waitUntil: nothing } })
    await lab.advance(299)
    cache.refreshBeside({ occasion: { waitUntil: nothing } })
    await lab.advance(0)
    expect(load).toHaveBeenCalledOnce()
    await lab.advance(1)
    cache.refreshBeside({ occasion: { waitUntil: nothing } })
    await lab.advance(0)
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('close ends every flight', async () => {
    const cache = isolate(() => new Promise(() => undefined))
    const flights = [1, 2, 3].map(() => flightOf(cache.refresh()))
    await lab.advance(0)
    cache.close()
    expect(await Promise.all(flights.map(({ done }) => done))).toEqual([false, false, false])
    expect(lab.timers.size).toBe(0)
  })
})

function kept(value: string, ageMs: number): Omit<Snapshot<string>, 'windows'> {
  const { monotonic } = lab.runtime
  const sentAt = { wall: lab.now() - ageMs, monotonic: monotonic() - ageMs }
  return { value, sentAt, freshness: undefined, validators: undefined }
}

describe('restore', () => {
  test('takes a value as old as it is, as a new generation that proves nothing', () => {
    const cache = cacheOf(good())
    expect(cache.restore(kept('kept', 900))).toBe(true)
    expect([cache.value(), cache.ageMs(), cache.state()]).toEqual(['kept', 900, 'AHEAD'])
    expect([cache.generation, cache.evidence]).toEqual([1, 0])
  })

  test('makes its windows anew', () => {
    const windowsOf = vi.fn<CacheParts<string>['windowsOf']>(() => WINDOWS)
    const freshness = { maxAgeMs: 5_000, staleIfErrorMs: 1_000 }
    cacheOf(good(), { windowsOf }).restore({ ...kept('kept', 0), freshness })
    expect(windowsOf.mock.calls).toEqual([[freshness, 0.5]])
  })

  test('takes nothing that has expired: it is as if there had been nothing', () => {
    const cache = cacheOf(good())
    expect(cache.restore(kept('kept', 3_000))).toBe(false)
    expect([cache.value(), cache.state(), cache.generation]).toEqual([undefined, 'EMPTY', 0])
    expect(cache.restore(kept('kept', 2_999))).toBe(true)
  })

  test('takes nothing where there is a value, but where it has expired', async () => {
    const cache = cacheOf(good('fetched'))
    await cache.refresh()?.done
    expect(cache.restore(kept('kept', 0))).toBe(false)
    expect(cache.value()).toBe('fetched')
    await lab.advance(3_000)
    expect(cache.restore(kept('kept', 0))).toBe(true)
    expect([cache.value(), cache.state()]).toEqual(['kept', 'FRESH'])
  })

  test('takes nothing as old as what has expired, though a clock that was set back makes it young', async () => {
    const cache = cacheOf(good())
    const same = kept('kept', 0)
    await cache.refresh()?.done
    lab.wallOffset += 3_000
    expect(cache.state()).toBe('EXPIRED')
    lab.wallOffset -= 3_000
    expect([cache.restore(same), cache.restore(kept('older', 100))]).toEqual([false, false])
    expect(cache.state()).toBe('EXPIRED')
    await lab.advance(1)
    expect(cache.restore(kept('newer', 0))).toBe(true)
  })

  test('takes nothing after close', () => {
    const cache = cacheOf(good())
    cache.close()
    expect(cache.restore(kept('kept', 0))).toBe(false)
    expect(cache.value()).toBeUndefined()
  })

  test('makes place for what is fetched after it', async () => {
    const cache = cacheOf(good('fetched'))
    cache.restore(kept('kept', 0))
    await cache.refresh()?.done
    expect([cache.value(), cache.generation]).toEqual(['fetched', 2])
  })
})

describe('what has expired', () => {
  test('is dropped on sight: no clock brings it back', async () => {
    const cache = cacheOf(good())
    await cache.refresh()?.done
    lab.wallOffset += 3_000
    expect(cache.state()).toBe('EXPIRED')
    lab.wallOffset -= 3_000
    expect([cache.state(), cache.value(), cache.snapshot(), cache.ageMs()]).toEqual([
      'EXPIRED',
      undefined,
      undefined,
      undefined,
    ])
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
      return loaded('second try')
    })
    cache.refresh()
    await lab.advance(150)
    expect(cache.ageMs()).toBe(50)
  })
})

describe('a wait', () => {
  test('ends with the flight, or when the flight is so old', async () => {
    let finish: ((result: Fetched<Loaded<string>>) => void) | undefined
    const cache = cacheOf(() => new Promise((resolve) => (finish = resolve)))
    const flight = flightOf(cache.refresh())
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
