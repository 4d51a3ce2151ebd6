import type { Subject } from '../contender.js'
import type { Fault } from '../fault.js'
import type { FaultyIssuer } from '../issuer.js'
import { makeKey, type Key } from '../keys.js'
import { counted, type Stage, type Timed } from '../stage.js'
import type { Row } from './row.js'

const DOWN = { kind: 'status', status: 503 } as const

/** A start while the issuer is in trouble. */
export const cold: readonly Row[] = [
  {
    fault: 'cold, the issuer answers after 8 s',
    must: 'the first wave gets 503 after 5 s, then all are accepted: the fetch was not thrown away',
    overHttp: true,
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      stage.issuer.faults.jwks = { kind: 'slow', ms: 8_000 }
      const subject = await stage.start()
      // Whoever waits for the answer is as good as whoever says after 5 s when to come again.
      const asked = (await stage.tokens(key, 20)).map((token) => stage.ask(subject, token))
      const first = await stage.settle(asked)
      const told = first.every(
        ({ status, retryAfter, waited }) => status === 503 && retryAfter && waited < 5.5,
      )
      const waited = first.every(({ accepted }) => accepted)
      stage.judge('the first 20', first, stage.issuer.fetches(), {})
      if (!told && !waited && first.some(({ status }) => status !== undefined)) {
        stage.note('the first 20', 'neither accepted nor told when to come again', false)
      }
      const [longest] = first.map((answer) => answer.waited).toSorted((a, b) => b - a)
      await stage.time.pass(Math.max(0, 8.5 - (longest ?? 0)) * 1_000)
      await stage.wave('the 20 after 8.5 s', subject, await stage.tokens(key, 20), {
        accepted: 20,
        fetches: 0,
      })
    },
  },
  { ...down('503', DOWN), overHttp: true },
  down('connections refused', (issuer) => issuer.refuse()),
  down('reset', { kind: 'reset', where: 'before the headers' }),
  down('hung', { kind: 'hang', where: 'before the headers' }),
  down('HTML with status 200', { kind: 'html' }),
  downFor(10, 'cold, the issuer down for 10 min, 10 requests a second', DOWN),
  downFor(10, 'the same, and the issuer says `Retry-After: 3600`', { ...DOWN, retryAfter: 3_600 }),
  {
    fault: 'cold, the issuer down for 1 min; the attempt under way when it comes back hangs',
    must: 'accepted again within 25 s',
    async run(stage) {
      const key = makeKey()
      const subject = await stage.start()
      stage.issuer.faults.jwks = DOWN
      await keepAsking(stage, { subject, key, minutes: 1 })
      await hangOnce(stage, subject, key)
      await recover(stage, { subject, key, within: 25 })
    },
  },
]

function down(fault: string, strike: Fault | ((issuer: FaultyIssuer) => Promise<void>)): Row {
  return {
    fault: `cold, the issuer down (${fault}), 50 requests`,
    must: 'at most 3 fetches, all 503 with `Retry-After`',
    async run(stage) {
      const key = makeKey()
      const subject = await stage.start()
      const tokens = await stage.tokens(key, 50)
      if (typeof strike === 'function') await strike(stage.issuer)
      else stage.issuer.faults.jwks = strike
      await stage.wave('the first 25', subject, tokens.slice(0, 25), { accepted: 0, refusal: 503 })
      await stage.wave('the next 25', subject, tokens.slice(25), { accepted: 0, refusal: 503 })
      const fetches = stage.issuer.fetches()
      if (stage.issuer.listening) stage.note('in all', counted(fetches, 'fetch'), fetches <= 3)
    },
  }
}

/** Minutes of outage from the start, then the way back. */
function downFor(minutes: number, fault: string, strike: Fault): Row {
  return {
    fault,
    must: 'about 85 and never more than 130 fetches, all 503 with `Retry-After`; accepted again within 10 s',
    async run(stage) {
      const key = makeKey()
      const subject = await stage.start()
      stage.issuer.faults.jwks = strike
      const answers = await keepAsking(stage, { subject, key, minutes })
      const fetches = stage.issuer.fetches()
      stage.judge(`the ${minutes} min`, answers, fetches, { accepted: 0, fetches: [0, 130], refusal: 503 })
      await recover(stage, { subject, key, within: 10 })
    },
  }
}

/** Ten requests a second. */
async function keepAsking(
  stage: Stage,
  { subject, key, minutes }: { subject: Subject; key: Key; minutes: number },
): Promise<readonly Timed[]> {
  const answers: Timed[] = []
  let token = ''
  for (let n = 0; n < minutes * 600; n += 1) {
    // oxlint-disable no-await-in-loop -- ten requests a second
    if (n % 100 === 0) token = await stage.token(key)
    answers.push(...(await stage.settle([stage.ask(subject, token)], { computes: true })))
    stage.time.jump(100)
    // oxlint-enable no-await-in-loop
  }
  return answers
}

/** Lets requests come until one of them begins a fetch, which hangs. */
async function hangOnce(stage: Stage, subject: Subject, key: Key): Promise<void> {
  stage.issuer.faults.jwks = { kind: 'hang', where: 'before the headers' }
  const before = stage.issuer.fetches()
  for (let n = 0; n < 200 && stage.issuer.fetches() === before; n += 1) {
    // oxlint-disable no-await-in-loop -- ten requests a second
    void stage.ask(subject, await stage.token(key))
    await stage.time.pass(100)
    // oxlint-enable no-await-in-loop
  }
}

/** The issuer comes back: ten requests a second until the first one is accepted. */
async function recover(
  stage: Stage,
  { subject, key, within }: { subject: Subject; key: Key; within: number },
): Promise<void> {
  stage.issuer.faults.jwks = undefined
  stage.issuer.publish(key)
  let accepted = false
  const patience = 40
  for (let tenths = 0; tenths < patience * 10; tenths += 1) {
    // oxlint-disable no-await-in-loop -- ten requests a second
    void stage.ask(subject, await stage.token(key)).then((answer) => (accepted ||= answer.accepted))
    await stage.time.pass(100)
    // oxlint-enable no-await-in-loop
    if (accepted) {
      const seconds = (tenths + 1) / 10
      stage.note('back', `accepted after ${seconds.toFixed(1)} s`, seconds <= within + 0.2)
      return
    }
  }
  stage.note('back', `still refused after ${patience} s`, false)
}
