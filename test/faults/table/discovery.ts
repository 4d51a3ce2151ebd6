import type { Fault } from '../fault.js'
import type { FaultyIssuer } from '../issuer.js'
import { makeKey } from '../keys.js'
import { counted, PATIENCE, type Timed } from '../stage.js'
import { howMuch } from './documents.js'
import type { Row } from './row.js'

const HANG = { kind: 'hang', where: 'before the headers' } as const
const DOWN = { kind: 'status', status: 503 } as const

/** The same faults where the JWKS URL comes from. */
export const discovery: readonly Row[] = [
  late('503', DOWN),
  late('429', { kind: 'status', status: 429 }),
  late('404', { kind: 'status', status: 404 }),
  late('reset before the headers', { kind: 'reset', where: 'before the headers' }),
  late('reset in the body', { kind: 'reset', where: 'in the body' }),
  late('slow, 1 s', { kind: 'slow', ms: 1_000 }),
  late('hung before the headers', HANG),
  late('hung in the body', { kind: 'hang', where: 'in the body' }),
  late('half a document', { kind: 'half' }),
  late('`Content-Length` too large', { kind: 'length', off: 10 }),
  // What follows the announced end is for the HTTP client to judge: nothing to compare.
  { ...late('`Content-Length` too small', { kind: 'length', off: -10 }), needs: 'our options' },
  late('30 MiB with `Content-Length`', { kind: 'huge', declared: true }),
  late('30 MiB without `Content-Length`', { kind: 'huge', declared: false }),
  late('30 MiB packed by gzip into 30 KiB', { kind: 'bomb' }),
  late('`{}`', { kind: 'body', body: '{}' }),
  late('HTML with status 200', { kind: 'html' }),
  late('302', { kind: 'redirect', to: '/elsewhere' }),
  { ...down('503', DOWN), overHttp: true },
  down('connections refused', (issuer) => issuer.refuse()),
  down('reset', { kind: 'reset', where: 'before the headers' }),
  down('hung', HANG),
  down('HTML with status 200', { kind: 'html' }),
  {
    fault: 'discovery names another issuer',
    must: 'not used: all 503 with `Retry-After`',
    // No outage, but a rule of RFC 8414 §3.3: the comparison is about outages.
    needs: 'our options',
    overHttp: true,
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      const { jwksUri } = stage.issuer
      const body = JSON.stringify({ issuer: 'https://other.example', jwks_uri: jwksUri })
      stage.issuer.faults.discovery = { kind: 'body', body }
      const subject = await stage.start({ discovery: true })
      await stage.wave('the 20', subject, await stage.tokens(key, 20), {
        accepted: 0,
        fetches: 0,
        refusal: 503,
      })
    },
  },
  {
    fault: 'the JWKS moves: 404 at the old place, a new `jwks_uri` in discovery',
    must: 'a new key is accepted within 30 s; the known one goes on',
    needs: 'discovery',
    async run(stage) {
      const { subject, key } = await stage.startWarm({ discovery: true })
      const next = makeKey()
      stage.issuer.jwksPath = '/moved'
      stage.issuer.publish(key, next)
      stage.jump(10)
      await stage.wave('the known key', subject, await stage.tokens(key, 20), { accepted: 20, waits: 0 })
      for (let second = 0; second <= 60; second += 1) {
        // oxlint-disable no-await-in-loop -- one second after the other
        const [answer] = await stage.settle([stage.ask(subject, await stage.token(next))])
        if (answer?.accepted === true) {
          stage.note('the new key', `accepted after ${second} s`, second <= 30)
          return
        }
        stage.time.jump(1_000)
        // oxlint-enable no-await-in-loop
      }
      stage.note('the new key', 'still refused after 60 s', false)
    },
  },
]

/** A fault of discovery alone, long after the document was fetched: the keys are to be had where they were. */
function late(fault: string, strike: Fault): Row {
  return {
    fault: `discovery: ${fault}, for 2 h`,
    must: 'all accepted without a wait; the keys go on being fetched',
    needs: 'discovery',
    async run(stage) {
      const { subject, key } = await stage.startWarm({ discovery: true })
      stage.issuer.faults.discovery = strike
      const before = stage.issuer.fetches()
      const sentBefore = stage.issuer.sentBytes('discovery')
      const large = strike.kind === 'huge' || strike.kind === 'bomb'
      const expected = { waits: 0, computes: large }
      const asked: Timed[] = []
      // Who has not come back once never will.
      for (let minute = 0; minute < 120 && asked.every(({ waited }) => waited < PATIENCE); minute += 10) {
        stage.time.jump(10 * 60_000)
        // oxlint-disable no-await-in-loop -- time goes on between them
        asked.push(...(await stage.settle([stage.ask(subject, await stage.token(key))], expected)))
        await stage.time.still(10)
        // oxlint-enable no-await-in-loop
      }
      const { length } = asked
      stage.judge('one each 10 min', asked, stage.issuer.fetches() - before, {
        ...expected,
        accepted: length,
        fetches: [1, length],
      })
      if (strike.kind !== 'huge') return
      await stage.quiet()
      const read = stage.issuer.sentBytes('discovery') - sentBefore
      stage.note('read', ...howMuch(read / (stage.issuer.fetches('discovery') - 1)))
    },
  }
}

/** A start while discovery fails. */
function down(fault: string, strike: Fault | ((issuer: FaultyIssuer) => Promise<void>)): Row {
  return {
    fault: `cold, discovery down (${fault}), 50 requests`,
    must: 'at most 3 attempts, all 503 with `Retry-After`',
    needs: 'discovery',
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      const subject = await stage.start({ discovery: true })
      const tokens = await stage.tokens(key, 50)
      if (typeof strike === 'function') await strike(stage.issuer)
      else stage.issuer.faults.discovery = strike
      await stage.wave('the first 25', subject, tokens.slice(0, 25), { accepted: 0, refusal: 503 })
      await stage.wave('the next 25', subject, tokens.slice(25), { accepted: 0, refusal: 503 })
      const fetches = stage.issuer.fetches('discovery')
      // An attempt asks at up to two places.
      if (stage.issuer.listening) stage.note('in all', counted(fetches, 'request'), fetches <= 6)
    },
  }
}
