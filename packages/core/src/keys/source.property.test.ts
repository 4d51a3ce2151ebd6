import * as fc from 'fast-check'
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

const kidName = fc.constantFrom('a', 'b', 'c', 'd')
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
  pass.map((ms) => ({ do: 'pass', ms })),
  fc.option(kidName, { freq: 5, nil: undefined }).map((kid) => ({ do: 'ask', kid })),
  fc
    .tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 500 }))
    .map(([kids, everyMs]) => ({ do: 'flood', kids, everyMs })),
  fc.constant({ do: 'ready' }),
  fc
    .tuple(fc.uniqueArray(kidName, { minLength: 1, maxLength: 3 }), afterMs)
    .map(([kids, ms]) => ({ do: 'publish', kids, afterMs: ms })),
  broken.map((reply) => ({ do: 'break', reply })),
]
const clockSteps: fc.Arbitrary<Step> = fc
  .integer({ min: -3 * 60 * MINUTE, max: 2 * 60 * MINUTE })
  .map((by) => ({ do: 'set the wall clock', by }))

/** One schedule, played. Notes every invariant that is seen to be broken, by its number. */
class Play {
  readonly lab = new Lab()
  readonly broken: string[] = []
  /** When the requests were sent that succeeded. */
  readonly successes: number[] = []
  readonly #source: KeySource
  /** The key set of the last good answer, and the one that is in use. */
  #answered = { kids: new Array<string>(), sentAt: 0 }
  #current = this.#answered
  #waiting = 0
  #invented = 0

  constructor(factor: number) {
    this.lab.random = factor
    this.#source = this.lab.open({}, { observer: (event) => this.#hear(event.type) }).source
    this.#publish(['a'], undefined)
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      // oxlint-disable-next-line no-await-in-loop -- a schedule is one step after the other
      await this.#step(step)
      this.#checkState()
    }
    await this.lab.advance(15 * SECOND)
    this.#must(this.#waiting === 0, '10: every request gets an answer')
  }

  #must(holds: boolean, invariant: string): void {
    if (!holds) this.broken.push(`${invariant} (at ${this.lab.time})`)
  }

  async #step(step: Step): Promise<void> {
    if (step.do === 'pass') await this.lab.advance(step.ms)
    else if (step.do === 'set the wall clock') this.lab.wallOffset += step.by
    else if (step.do === 'ask') this.#ask(step.kid)
    else if (step.do === 'flood') await this.#flood(step.kids, step.everyMs)
    else if (step.do === 'ready') void this.#source.ready()
    else if (step.do === 'publish') this.#publish([...step.kids], step.afterMs)
    else this.lab.reply = () => step.reply
  }

  async #flood(kids: number, everyMs: number): Promise<void> {
    for (let i = 0; i < kids; i += 1) {
      this.#ask(`invented ${(this.#invented += 1)}`)
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      await this.lab.advance(everyMs)
    }
  }

  #publish(kids: string[], ms: number | undefined): void {
    this.lab.reply = () => {
      this.#answered = { kids, sentAt: this.lab.time }
      const body = { keys: kids.map((name) => ecJwk(name)) }
      return ms === undefined ? { body } : { body, afterMs: ms }
    }
  }

  #hear(type: string): void {
    if (type !== 'keys.refreshed') return
    this.#current = this.#answered
    this.successes.push(this.#current.sentAt)
  }

  #ask(kid: string | undefined): void {
    const { state, kids } = this.#source.status()
    const asked = this.lab.time
    const found = this.#source.find({ kid, alg: 'ES256', algorithms: ALGORITHMS })
    if ((state === 'FRESH' || state === 'SWR') && kid !== undefined && kids.includes(kid)) {
      this.#must(Array.isArray(found), '5: a known kid does not wait in FRESH and SWR')
    }
    if (!(found instanceof Promise)) return this.#checkAnswer(found)
    this.#waiting += 1
    const check = (answer: KeyLookup): void => {
      this.#waiting -= 1
      this.#must(this.lab.time - asked <= 15 * SECOND, '10: the answer comes in time')
      this.#checkAnswer(answer)
    }
    void found.then(check)
    return undefined
  }

  #checkAnswer(answer: KeyLookup): void {
    if (isRefusal(answer)) {
      const { code, retryAfter = 0 } = answer
      const comeAgain = Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 60
      this.#must(
        code === 'key_unknown' || (code === 'keys_unavailable' && comeAgain),
        '10: a documented code',
      )
      return
    }
    const [key, second] = answer
    this.#must(
      second === undefined && this.#current.kids.includes(key?.kid ?? ''),
      '3: a key of the latest set',
    )
    // By a clock that never goes back, whatever the wall clock says.
    this.#must(this.lab.time - this.#current.sentAt < SIE_END, '4: no key past ttl + sie')
  }

  #checkState(): void {
    const { state, kids, ageMs = Number.NaN } = this.#source.status()
    this.#must(this.lab.mostInFlight <= 1, '1: one fetch in flight')
    this.#must(
      this.lab.seen.every(({ url }) => url === URL),
      '7: no other URL',
    )
    if (state === 'EMPTY' || state === 'EXPIRED') return this.#must(kids.length === 0, '4: nothing stale')
    this.#must(
      kids.toSorted().join() === this.#current.kids.toSorted().join(),
      '6: only good answers change keys',
    )
    return this.#must(ageMs >= this.lab.time - this.#current.sentAt, '9: no clock makes keys younger')
  }
}

test('invariants 1, 3, 4, 5, 6, 7, 9 and 10 hold in every schedule, with a wall clock that jumps', async () => {
  const schedule = fc.array(fc.oneof(...traffic, clockSteps), { minLength: 5, maxLength: 40 })
  const factor = fc.double({ min: 0, max: 0.99, noNaN: true })
  const holds = fc.asyncProperty(schedule, factor, async (steps, random) => {
    const play = new Play(random)
    await play.run(steps)
    expect(play.broken).toEqual([])
  })
  await expect(fc.assert(holds, { numRuns: 2_000 })).resolves.toBeUndefined()
}, 60_000)

test('invariant 2: fetches are bounded in every window, whatever tokens arrive', async () => {
  const schedule = fc.array(fc.oneof(...traffic), { minLength: 10, maxLength: 60 })
  const holds = fc.asyncProperty(schedule, async (steps) => {
    const play = new Play(0) // the shortest pauses
    await play.run(steps)
    const sent = play.lab.seen.map(({ at }) => at)
    const windows = sent.flatMap((from, first) =>
      sent.slice(first).map((to, i) => ({ from, to, fetches: i + 1 })),
    )
    expect(windows.filter((window) => isTooMany(window, play.successes))).toEqual([])
  })
  await expect(fc.assert(holds, { numRuns: 1_000 })).resolves.toBeUndefined()
}, 60_000)

/** Whether more was fetched from one moment to another than demand, ttl, back-off and retries account for. */
function isTooMany(
  { from, to, fetches }: { from: number; to: number; fetches: number },
  allSuccesses: readonly number[],
): boolean {
  const successes = allSuccesses.filter((at) => at >= from && at <= to)
  const demand = 2 + (to - from) / (30 * SECOND)
  const ttlRefreshes = 1 + (to - from) / TTL
  const runs = [from, ...successes].map((start, i) => (successes[i] ?? to) - start)
  const failures = runs.reduce((sum, run) => sum + mostFailures(run), 0)
  const retries = runs.length
  return successes.length > demand + ttlRefreshes || fetches - successes.length > failures + retries
}

/** How many attempts can fail in a row within a time, at the shortest pauses of the back-off. */
function mostFailures(width: number): number {
  let attempts = 1
  for (let at = 0; ; attempts += 1) {
    at += Math.min(10, 2 ** (attempts - 1)) * 0.5 * SECOND
    if (at > width) return attempts
  }
}
