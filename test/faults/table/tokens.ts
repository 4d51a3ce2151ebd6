import { makeKey, type Key } from '../keys.js'
import { counted, type Stage, type Timed } from '../stage.js'
import type { Subject } from '../contender.js'
import type { Row } from './row.js'

const SLOW = { kind: 'slow', ms: 1_000 } as const

/** Tokens that make a verifier ask, or must not. */
export const tokens: readonly Row[] = [
  {
    fault: '200 concurrent, cold',
    must: 'all accepted, 1 fetch',
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      const subject = await stage.start()
      await stage.wave('the 200', subject, await stage.tokens(key, 200), {
        accepted: 200,
        fetches: 1,
        computes: true,
      })
    },
  },
  {
    fault: '100 random `kid`s, the issuer takes 1 s',
    must: 'at most 2 fetches; a good token among them does not wait',
    overHttp: true,
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.faults.jwks = SLOW
      const before = stage.issuer.fetches()
      const [good, forged]: [Timed[], Timed[]] = [[], []]
      for (let n = 0; n < 4; n += 1) {
        // oxlint-disable no-await-in-loop -- one after the other: at once they would share a fetch
        const flood = (await forge(stage, 25)).map((token) => stage.ask(subject, token))
        good.push(...(await stage.settle([stage.ask(subject, await stage.token(key))], { waits: 0 })))
        forged.push(...(await stage.settle(flood)))
        // oxlint-enable no-await-in-loop
      }
      const fetches = stage.issuer.fetches() - before
      stage.judge('good ones among them', good, 0, { accepted: 4, waits: 0 })
      stage.judge('the 100', forged, fetches, { accepted: 0, fetches: [0, 2], refusal: 401 })
    },
  },
  {
    fault: 'a real rotation during that flood, which goes on',
    must: 'accepted within 30 s',
    async run(stage) {
      const { subject } = await stage.startWarm()
      await stage.settle((await forge(stage, 100)).map((token) => stage.ask(subject, token)))
      const next = makeKey()
      stage.issuer.publish(next)
      await acceptedWithin(stage, { subject, key: next, seconds: 30, flood: 10 })
    },
  },
  {
    fault: 'a `kid` asked for one second before it is published',
    must: 'accepted within 30 s',
    async run(stage) {
      const { subject } = await stage.startWarm()
      const next = makeKey()
      await stage.wave('too early', subject, await stage.tokens(next, 1), { accepted: 0 })
      stage.time.jump(1_000)
      stage.issuer.publish(next)
      await acceptedWithin(stage, { subject, key: next, seconds: 30, flood: 0 })
    },
  },
  {
    fault: '100 bad signatures under a known `kid`, the issuer takes 1 s',
    must: 'refused without a wait, at most 1 fetch',
    overHttp: true,
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.faults.jwks = SLOW
      const before = stage.issuer.fetches()
      const forged = await stage.tokens(makeKey(key.kid), 100)
      const expected = { accepted: 0, waits: 0, refusal: 401 } as const
      await stage.wave('the first 50', subject, forged.slice(0, 50), expected)
      await stage.time.pass(2_000)
      await stage.wave('the next 50', subject, forged.slice(50), expected)
      const fetches = stage.issuer.fetches() - before
      stage.note('in all', counted(fetches, 'fetch'), fetches <= 1)
    },
  },
  {
    fault: 'rotation one second after a fetch',
    must: 'the first request accepted',
    async run(stage) {
      const { subject } = await stage.startWarm()
      stage.time.jump(1_000)
      const next = makeKey()
      stage.issuer.publish(next)
      await stage.wave('the first', subject, await stage.tokens(next, 1), { accepted: 1, fetches: 1 })
    },
  },
  {
    fault: 'same `kid`, new key',
    must: 'the second request accepted',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      const next = makeKey(key.kid)
      stage.issuer.publish(next)
      await stage.wave('the first', subject, await stage.tokens(next, 1), {})
      await stage.wave('the second', subject, await stage.tokens(next, 1), { accepted: 1 })
    },
  },
]

async function forge(stage: Stage, count: number): Promise<readonly string[]> {
  const stranger = makeKey()
  return Promise.all(Array.from({ length: count }, () => stage.token(stranger, crypto.randomUUID())))
}

/** Asks once a second, among forged tokens, until a good one is accepted. */
async function acceptedWithin(
  stage: Stage,
  { subject, key, seconds, flood }: { subject: Subject; key: Key; seconds: number; flood: number },
): Promise<void> {
  const before = stage.issuer.fetches()
  const least = 2 * seconds
  for (let second = 0; second < least; second += 1) {
    // oxlint-disable no-await-in-loop -- one second after the other
    const asked = [await stage.token(key), ...(await forge(stage, flood))].map((token) =>
      stage.ask(subject, token),
    )
    const [good] = await stage.settle(asked)
    if (good?.accepted === true) {
      const fetches = stage.issuer.fetches() - before
      stage.note(
        'the new key',
        `accepted after ${second} s and ${counted(fetches, 'fetch')}`,
        second <= seconds,
      )
      return
    }
    stage.time.jump(1_000)
    // oxlint-enable no-await-in-loop
  }
  stage.note('the new key', `still refused after ${least} s`, false)
}
