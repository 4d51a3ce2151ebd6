import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { RUNTIME } from '../keys/clock.js'
import { ReplayGuard, type ReplayVerdict } from './replay-guard.js'
import { memoryReplayStore, type ReplayStore } from './replay-store.js'

/** A bound that is soon reached. */
const BOUND = 20
const TTL = 60_000

interface Timer {
  readonly ms: number
  readonly run: () => void
  readonly hold: boolean
  isCancelled: boolean
}

/** A clock that stands still, and timers that only the test runs. */
function standing() {
  const timers: Timer[] = []
  let start: () => void = failing
  return {
    timers,
    /** Fulfilled when the first timer was started. */
    started: new Promise<void>((resolve) => (start = resolve)),
    time: 0,
    monotonic() {
      return this.time
    },
    after(ms: number, run: () => void, hold: boolean) {
      const timer = { ms, run, hold, isCancelled: false }
      timers.push(timer)
      start()
      return () => void (timer.isCancelled = true)
    },
  }
}

/** A store that answers always the same. */
function answering(answer: unknown): ReplayStore {
  return { claim: () => answer as boolean }
}

function failing(): never {
  throw new Error('down')
}

async function claimMany(guard: ReplayGuard, jkt: string, count: number): Promise<Set<ReplayVerdict>> {
  const claims = Array.from({ length: count }, async (_, index) => guard.claim(jkt, `many ${index}`, TTL))
  return new Set(await Promise.all(claims))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** Promises that are at hand have gone on by then. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

describe('ReplayGuard', () => {
  test('tells a proof that comes again from one that is new; each key has its own', async () => {
    const guard = new ReplayGuard(memoryReplayStore())
    expect(await guard.claim('key', 'a', TTL)).toBe('first')
    expect(await guard.claim('key', 'a', TTL)).toBe('again')
    expect(await guard.claim('key', 'b', TTL)).toBe('first')
    expect(await guard.claim('other', 'a', TTL)).toBe('first')
  })

  test('of the same proof many times at once one is the first', async () => {
    const guard = new ReplayGuard(memoryReplayStore())
    const verdicts = await Promise.all([1, 2, 3, 4].map(async () => guard.claim('key', 'a', TTL)))
    expect(verdicts.toSorted()).toEqual(['again', 'again', 'again', 'first'])
  })

  test('asks the store by the SHA-256 of key and jti, for whole milliseconds', async () => {
    const asked: unknown[] = []
    const guard = new ReplayGuard({ claim: (...all) => asked.push(all) > 0 })
    await guard.claim('k', 'a","b', 12.5)
    await guard.claim('k","a', 'b', 0)
    expect(asked).toEqual([
      [hash(String.raw`["k","a\",\"b"]`), 13],
      [hash(String.raw`["k\",\"a","b"]`), 1],
    ])
  })

  test.each([
    ['in memory', memoryReplayStore()],
    ['that answers at once', answering(true)],
    ['that answers later', { claim: async () => Promise.resolve(true) }],
  ])('in a store %s no key has more proofs than it may, and others notice nothing', async (_, store) => {
    const guard = new ReplayGuard(store, RUNTIME, BOUND)
    expect(await claimMany(guard, 'greedy', BOUND)).toEqual(new Set(['first']))
    expect(await guard.claim('greedy', 'one more', TTL)).toBe('too many')
    expect(await guard.claim('other', 'a', TTL)).toBe('first')
  })

  test('a key may have 10,000 proofs', async () => {
    const guard = new ReplayGuard(memoryReplayStore())
    expect(await claimMany(guard, 'greedy', 10_000)).toEqual(new Set(['first']))
    expect(await guard.claim('greedy', 'one more', TTL)).toBe('too many')
  })

  test('claims at once do not pass the bound together', async () => {
    const store = { claim: async () => Promise.resolve(true) }
    expect(await claimMany(new ReplayGuard(store, RUNTIME, BOUND), 'greedy', BOUND + 1)).toEqual(
      new Set(['first', 'too many']),
    )
  })

  test('what is over the bound does not reach the store', async () => {
    let asked = 0
    const guard = new ReplayGuard({ claim: () => (asked += 1) > 0 }, RUNTIME, BOUND)
    await claimMany(guard, 'greedy', BOUND + 5)
    expect(asked).toBe(BOUND)
  })

  test('a key has its room back at most 5 s after its proofs have expired', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(answering(true), runtime, BOUND)
    runtime.time = 2_000
    await claimMany(guard, 'key', BOUND)
    runtime.time += TTL - 1
    expect(await guard.claim('key', 'one more', TTL)).toBe('too many')
    runtime.time += 5_001
    expect(await guard.claim('key', 'one more', TTL)).toBe('first')
  })

  test('a proof counts as long as it holds, beside those that hold longer or shorter', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(answering(true), runtime, BOUND)
    await claimMany(guard, 'key', BOUND - 2)
    await guard.claim('key', 'short', 10_000)
    await guard.claim('key', 'shorter', 5_000)
    expect(await guard.claim('key', 'a', TTL)).toBe('too many')
    runtime.time = 5_000
    expect(await guard.claim('key', 'a', TTL)).toBe('first')
    expect(await guard.claim('key', 'b', TTL)).toBe('too many')
    runtime.time = 10_000
    expect(await guard.claim('key', 'b', TTL)).toBe('first')
    expect(await guard.claim('key', 'c', TTL)).toBe('too many')
  })

  test.each<[string, ReplayStore, ReplayVerdict]>([
    ['a proof that is sent again and again', answering(false), 'again'],
    ['a store that fails', { claim: failing }, 'unavailable'],
    ['a store that fails later', { claim: async () => Promise.reject(new Error('down')) }, 'unavailable'],
  ])('%s takes no room from its key', async (_, broken, verdict) => {
    let store = broken
    const guard = new ReplayGuard({ claim: (...all) => store.claim(...all) }, RUNTIME, BOUND)
    for (let round = 0; round < 2; round += 1) {
      expect(await claimMany(guard, 'key', BOUND)).toEqual(new Set([verdict]))
    }
    store = answering(true)
    expect(await guard.claim('key', 'new', TTL)).toBe('first')
  })

  test.each<[string, ReplayStore]>([
    ['throws', { claim: failing }],
    ['rejects', { claim: async () => Promise.reject(new Error('down')) }],
    ['is full', full()],
    ['says nothing', answering(undefined)],
    ['says "OK"', answering('OK')],
    ['says 1', answering(1)],
    ['says null later', answering(Promise.resolve(null))],
    ['says a promise that is none', answering(new Proxy({}, { get: failing }))],
  ])('a store that %s is unavailable', async (_, store) => {
    expect(await new ReplayGuard(store).claim('key', 'a', TTL)).toBe('unavailable')
  })

  test('waits a second for a store, and no longer', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(answering(new Promise(() => undefined)), runtime, BOUND)
    const verdict = guard.claim('key', 'a', TTL)
    await runtime.started
    expect(runtime.timers).toMatchObject([{ ms: 1_000, hold: true, isCancelled: false }])
    runtime.timers[0]?.run()
    expect(await verdict).toBe('unavailable')
  })

  test.each<ReplayStore>([
    { claim: async () => Promise.resolve(true) },
    { claim: async () => Promise.reject(new Error('down')) },
  ])('leaves no timer behind when the store has answered', async (store) => {
    const runtime = standing()
    await new ReplayGuard(store, runtime, BOUND).claim('key', 'a', TTL)
    expect(runtime.timers).toMatchObject([{ isCancelled: true }])
  })

  test('starts none for a store that answers at once', async () => {
    const runtime = standing()
    await new ReplayGuard(answering(true), runtime, BOUND).claim('key', 'a', TTL)
    expect(runtime.timers).toEqual([])
  })

  test.each<[boolean, ReplayVerdict]>([
    [true, 'too many'],
    [false, 'first'],
  ])('an answer that comes too late, %s, still says what is in the store', async (late, verdict) => {
    const runtime = standing()
    let answer: (isFirst: boolean) => void = failing
    const slow = new Promise<boolean>((resolve) => (answer = resolve))
    let store = answering(true)
    const guard = new ReplayGuard({ claim: (...all) => store.claim(...all) }, runtime, BOUND)
    await claimMany(guard, 'key', BOUND - 1)
    store = answering(slow)
    const claim = guard.claim('key', 'slow', TTL)
    await runtime.started
    runtime.timers[0]?.run()
    expect(await claim).toBe('unavailable')
    answer(late)
    await settled()
    store = answering(true)
    expect(await guard.claim('key', 'next', TTL)).toBe(verdict)
  })

  test('keeps of a holder one count for each 5 s, however many proofs there are', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(answering(true), runtime)
    for (let second = 0; second < 600; second += 1) {
      runtime.time = second * 1_000
      await guard.claim('key', `${second}`, TTL)
    }
    expect({ holders: guard.holders, slots: guard.slots }).toEqual({ holders: 1, slots: 13 })
  })

  test('knows no more holders than the store has entries', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(
      memoryReplayStore({ maxEntries: 3 }, () => runtime.time),
      runtime,
    )
    const verdicts: ReplayVerdict[] = []
    for (const jkt of ['a', 'b', 'c', 'd', 'e']) verdicts.push(await guard.claim(jkt, 'a', TTL))
    expect(verdicts).toEqual(['first', 'first', 'first', 'unavailable', 'unavailable'])
    expect(guard.holders).toBe(3)
    expect(await guard.claim('a', 'a', TTL)).toBe('again')
  })

  test('forgets two holders without a proof with each claim, those first that were here longest ago', async () => {
    const runtime = standing()
    const guard = new ReplayGuard(answering(true), runtime, BOUND)
    for (const jkt of ['a', 'b', 'c', 'd', 'e']) await guard.claim(jkt, 'a', TTL)
    runtime.time = TTL - 1
    await guard.claim('a', 'b', TTL)
    expect(guard.holders).toBe(5)
    runtime.time = TTL
    await guard.claim('f', 'a', TTL)
    expect(guard.holders).toBe(4)
    await guard.claim('f', 'b', TTL)
    expect(guard.holders).toBe(2)
    await guard.claim('f', 'c', TTL)
    expect(guard.holders).toBe(2)
  })

  test.each([3_600_001, Infinity, Number.NaN])(
    'a proof that holds for %s milliseconds is kept nowhere',
    async (ttlMs) => {
      let asked = 0
      const guard = new ReplayGuard({ claim: () => (asked += 1) > 0 })
      expect(await guard.claim('key', 'a', ttlMs)).toBe('unavailable')
      expect({ asked, holders: guard.holders }).toEqual({ asked: 0, holders: 0 })
    },
  )
})

function full(): ReplayStore {
  const store = memoryReplayStore({ maxEntries: 1 })
  void store.claim('other', TTL)
  return store
}
