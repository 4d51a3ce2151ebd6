import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS } from '../signature/algorithms.js'
import type { KeyLookup, KeySource } from './key-source.js'
import { ecJwk, Lab, type Reply } from './lab.test-support.js'

vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

const SECOND = 1_000
const MINUTE = 60 * SECOND
const TTL = 10 * MINUTE
const SIE_END = 70 * MINUTE
const URL = 'https://idp.example/jwks'
const ALGORITHMS = new Set(ASYMMETRIC_ALGORITHMS)

type Step =
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'set the wall clock'; readonly by: number }
  | { readonly do: 'ask'; readonly kid: string | undefined }
  | { readonly do: 'flood'; readonly kids: number; readonly everyMs: number }
  | { readonly do: 'ready' }
  | { readonly do: 'publish'; readonly kids: readonly string[]; readonly afterMs: number | undefined }
  | { readonly do: 'break'; readonly reply: Reply }

const kid = fc.constantFrom('a', 'b', 'c', 'd')
const pass = fc.oneof(
  fc.integer({ min: 0, max: 2 * SECOND }),
  fc.integer({ min: 0, max: MINUTE }),
  fc.integer({ min: MINUTE, max: 80 * MINUTE }),
)
const afterMs = fc.oneof(fc.constant(undefined), fc.integer({ min: 0, max: 20 * SECOND }))
const broken = fc.constantFrom<Reply>(
  { status: 503 },
  { status: 404 },
  { status: 302 },
  { fault: 'error' },
  { fault: 'hang' },
  { fault: 'error', afterMs: 3 * SECOND },
  { body: { keys: [] } },
  { body: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
  { body: 'no JSON' },
  { body: { keys: [ecJwk('a')], filler: ' '.repeat(300_000) } },
)
const traffic: fc.Arbitrary<Step>[] = [
  fc.record({ do: fc.constant('pass'), ms: pass }),
  fc.record({ do: fc.constant('ask'), kid: fc.oneof({ weight: 5, arbitrary: kid }, fc.constant(undefined)) }),
  fc.record({
    do: fc.constant('flood'),
    kids: fc.integer({ min: 1, max: 20 }),
    everyMs: fc.integer({ min: 0, max: 500 }),
  }),
  fc.record({ do: fc.constant('ready') }),
  fc.record({
    do: fc.constant('publish'),
    kids: fc.uniqueArray(kid, { minLength: 1, maxLength: 3 }),
    afterMs,
  }),
  fc.record({ do: fc.constant('break'), reply: broken }),
]
const clockSteps = fc.record<Step>({
  do: fc.constant('set the wall clock'),
  by: fc.integer({ min: -3 * 60 * MINUTE, max: 30 * MINUTE }),
})

/** One schedule, played; every invariant that can be seen from outside is checked at every step. */
class Play {
  readonly lab = new Lab()
  readonly source: KeySource
  readonly successes: number[] = []
  /** The key set of the last good answer, and the one that is in use. */
  #answered: { readonly kids: readonly string[]; readonly sentAt: number } | undefined
  #current: { readonly kids: readonly string[]; readonly sentAt: number } | undefined
  #waiting = 0
  #floods = 0

  constructor(factor: number) {
    this.lab.random = factor
    this.source = this.lab.open({}, { observer: (event) => this.#hear(event.type) }).source
    this.#publish(['a'], undefined)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      // oxlint-disable-next-line no-await-in-loop -- a schedule is one step after the other
      await this.#step(step)
      this.#checkState()
    }
    // 10: every request gets its answer, and within the waits that are promised.
    await this.lab.advance(15 * SECOND)
    expect(this.#waiting).toBe(0)
  }

  async #step(step: Step): Promise<void> {
    switch (step.do) {
      case 'pass':
        return this.lab.advance(step.ms)
      case 'set the wall clock':
        this.lab.wallOffset += step.by
        return undefined
      case 'ask':
        return this.#ask(step.kid)
      case 'flood':
        for (let i = 0; i < step.kids; i += 1) {
          this.#ask(`invented ${(this.#floods += 1)}`)
          // oxlint-disable-next-line no-await-in-loop -- one request after the other
          await this.lab.advance(step.everyMs)
        }
        return undefined
      case 'ready':
        void this.source.ready()
        return undefined
      case 'publish':
        return this.#publish(step.kids, step.afterMs)
      case 'break':
        this.lab.reply = () => step.reply
        return undefined
    }
  }

  #publish(kids: readonly string[], ms: number | undefined): void {
    const sign = (): Reply => {
      this.#answered = { kids, sentAt: this.lab.time }
      const body = { keys: kids.map((name) => ecJwk(name)) }
      return ms === undefined ? { body } : { body, afterMs: ms }
    }
    this.lab.reply = sign
  }

  #hear(type: string): void {
    if (type !== 'keys.refreshed') return
    this.successes.push(this.lab.time)
    this.#current = this.#answered
  }

  #ask(kid: string | undefined): void {
    const { state, kids } = this.source.status()
    const asked = this.lab.time
    const found = this.source.find({ kid, alg: 'ES256', algorithms: ALGORITHMS })
    // 5: a valid token with a known kid does not wait in FRESH and SWR.
    if ((state === 'FRESH' || state === 'SWR') && kid !== undefined && kids.includes(kid)) {
      expect(isRefusal(found) || found instanceof Promise).toBe(false)
    }
    if (!(found instanceof Promise)) return this.#checkAnswer(found)
    this.#waiting += 1
    void found.then((answer) => {
      this.#waiting -= 1
      expect(this.lab.time - asked).toBeLessThanOrEqual(15 * SECOND)
      this.#checkAnswer(answer)
    })
    return undefined
  }

  #checkAnswer(answer: KeyLookup): void {
    if (isRefusal(answer)) {
      // 10: one documented code each, and a time to come again with each 503.
      expect(['key_unknown', 'keys_unavailable']).toContain(answer.code)
      if (answer.code === 'key_unknown') return
      expect(Number.isInteger(answer.retryAfter)).toBe(true)
      expect(answer.retryAfter).toBeGreaterThanOrEqual(1)
      expect(answer.retryAfter).toBeLessThanOrEqual(60)
      return
    }
    expect(answer).toHaveLength(1)
    // 3: only keys of the latest set. 4 and 9: only while that set is young enough, by a clock that never goes back.
    expect(this.#current?.kids).toContain(answer[0]?.kid)
    expect(this.lab.time - (this.#current?.sentAt ?? Number.NaN)).toBeLessThan(SIE_END)
  }

  #checkState(): void {
    const { state, kids, ageMs } = this.source.status()
    expect(this.lab.mostInFlight).toBeLessThanOrEqual(1) // 1
    expect(this.lab.seen.every(({ url }) => url === URL)).toBe(true) // 7
    if (state === 'EMPTY' || state === 'EXPIRED') return expect(kids).toEqual([])
    // 6: what is in use is what the last good answer had, whatever came after it.
    expect(kids.toSorted()).toEqual([...(this.#current?.kids ?? [])].toSorted())
    return expect(ageMs).toBeGreaterThanOrEqual(this.lab.time - (this.#current?.sentAt ?? Number.NaN)) // 9
  }
}

test('invariants 1, 3, 4, 5, 6, 7, 9 and 10 hold in every schedule, with a wall clock that jumps', async () => {
  const schedule = fc.array(fc.oneof(...traffic, clockSteps), { minLength: 5, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(schedule, fc.double({ min: 0, max: 0.99, noNaN: true }), async (steps, factor) => {
      await new Play(factor).run(steps)
    }),
    { numRuns: 1_500 },
  )
}, 60_000)

test('invariant 2: fetches are bounded in every window, whatever tokens arrive', async () => {
  const schedule = fc.array(fc.oneof(...traffic), { minLength: 10, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(schedule, async (steps) => {
      const play = new Play(0) // the shortest pauses
      await play.run(steps)
      const sent = play.lab.seen.map(({ at }) => at)
      for (const [first, from] of sent.entries()) {
        for (const [last, to] of sent.entries()) {
          if (last < first) continue
          expect(last - first + 1).toBeLessThanOrEqual(mostFetches(from, to, play.successes))
        }
      }
    }),
    { numRuns: 1_000 },
  )
}, 60_000)

/** How many fetches there may be from one moment to another: demand, ttl, back-off, retries. */
function mostFetches(from: number, to: number, allSuccesses: readonly number[]): number {
  const width = to - from
  const successes = allSuccesses.filter((at) => at >= from && at <= to)
  const runs = [from, ...successes].map((start, i) => (successes[i] ?? to) - start)
  const demand = 2 + width / (30 * SECOND)
  const ttlRefreshes = 1 + width / TTL
  const failures = runs.reduce((sum, run) => sum + mostFailures(run), 0)
  const retries = runs.length
  return demand + ttlRefreshes + failures + retries
}

/** How many attempts can fail in a row within a time, at the shortest pauses of the back-off. */
function mostFailures(width: number): number {
  let attempts = 1
  for (let at = 0; ; attempts += 1) {
    at += Math.min(10, 2 ** (attempts - 1)) * 0.5 * SECOND
    if (at > width) return attempts
  }
}
