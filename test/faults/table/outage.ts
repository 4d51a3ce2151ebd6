import type { Fault } from '../fault.js'
import type { FaultyIssuer } from '../issuer.js'
import type { Row } from './row.js'

const TTL = 10
const DAY = 24 * 60

/** An issuer that fails once its keys are no longer fresh. */
export const outage: readonly Row[] = [
  late('503', { kind: 'status', status: 503 }),
  late('503 with `Retry-After: 3600`', { kind: 'status', status: 503, retryAfter: 3_600 }),
  late('429', { kind: 'status', status: 429 }),
  late('404', { kind: 'status', status: 404 }),
  late('connections refused', (issuer) => issuer.refuse()),
  late('reset before the headers', { kind: 'reset', where: 'before the headers' }),
  late('reset in the body', { kind: 'reset', where: 'in the body' }),
  late('slow, 1 s', { kind: 'slow', ms: 1_000 }),
  late('hung before the headers', { kind: 'hang', where: 'before the headers' }),
  late('hung in the body', { kind: 'hang', where: 'in the body' }),
  late('half a document', { kind: 'half' }),
  late('`Content-Length` too large', { kind: 'length', off: 10 }),
  // What follows the announced end is for the HTTP client to judge: nothing to compare.
  { ...late('`Content-Length` too small', { kind: 'length', off: -10 }), needs: 'our options' },
  {
    fault: 'hung, 20 min after the last fetch, 10 requests a second for 20 s',
    must: 'all accepted; only those of the first 5 s wait, and no longer than that',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.faults.jwks = { kind: 'hang', where: 'before the headers' }
      stage.jump(2 * TTL)
      const before = stage.issuer.fetches()
      const asked = []
      for (let n = 0; n < 200; n += 1) {
        // oxlint-disable no-await-in-loop -- a steady load
        const asking = stage.ask(subject, await stage.token(key))
        asked.push(asking)
        // Nobody is to wait after that, so that nobody is hurried here either.
        await Promise.race([asking, stage.time.still(n < 50 ? 20 : 500)])
        await stage.time.pass(100)
        // oxlint-enable no-await-in-loop
      }
      const answers = await stage.settle(asked)
      const fetches = stage.issuer.fetches() - before
      stage.judge('the first 5 s', answers.slice(0, 50), fetches, { accepted: 50, waits: 5.5 })
      stage.judge('the 15 s after', answers.slice(51), 0, { accepted: 149, waits: 0 })
    },
  },
  {
    fault: '503, 70 min after the last fetch',
    must: 'nothing stale is accepted: 503',
    overHttp: true,
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.faults.jwks = { kind: 'status', status: 503 }
      // An API without requests learns nothing; one with requests has failed to by now.
      for (let minute = 0; minute < 70; minute += 5) {
        stage.time.jump(5 * 60_000)
        // oxlint-disable-next-line no-await-in-loop -- time goes on between them
        await stage.settle([stage.ask(subject, await stage.token(key))], { waits: 0 })
      }
      stage.jump(0)
      const good = await stage.tokens(key, 50)
      await stage.wave('the 50', subject, good, { accepted: 0, refusal: 503 })
    },
  },
  {
    fault: '503 past the ttl with `staleIfErrorMs: 0`',
    must: 'nothing stale is accepted: 503',
    needs: 'our options',
    async run(stage) {
      const { subject, key } = await stage.startWarm({ more: { keySet: { staleIfErrorMs: 0 } } })
      stage.issuer.faults.jwks = { kind: 'status', status: 503 }
      stage.jump(TTL)
      await stage.wave('the 50', subject, await stage.tokens(key, 50), { accepted: 0, refusal: 503 })
    },
  },
  {
    fault: 'an issuer with an `ETag`, the keys unchanged for a day',
    must: 'all accepted, by 304',
    needs: 'our options',
    async run(stage) {
      stage.issuer.etag = '"1"'
      const { subject, key } = await stage.startWarm()
      const asked = []
      for (let minute = 0; minute < DAY; minute += 15) {
        stage.time.jump(15 * 60_000)
        // oxlint-disable no-await-in-loop -- time goes on between them
        asked.push(...(await stage.settle([stage.ask(subject, await stage.token(key))], { waits: 0 })))
        await stage.time.still(20)
        // oxlint-enable no-await-in-loop
      }
      const fetches = stage.issuer.fetches()
      stage.judge('one each 15 min', asked, fetches, { accepted: asked.length, waits: 0 })
      const { notModified } = stage.issuer
      stage.note(
        'of the fetches',
        `${notModified} answered 304`,
        notModified === fetches - 1 && notModified > 0,
      )
    },
  },
]

/** A fault that strikes after the ttl of ten minutes, with 50 good tokens. */
function late(fault: string, strike: Fault | ((issuer: FaultyIssuer) => Promise<void>)): Row {
  return {
    fault: `${fault}, 10 min after the last fetch`,
    must: '50 of 50 accepted without a wait, at most 2 fetches',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      if (typeof strike === 'function') await strike(stage.issuer)
      else stage.issuer.faults.jwks = strike
      stage.jump(TTL)
      await stage.wave('the 50', subject, await stage.tokens(key, 50), {
        accepted: 50,
        fetches: [0, 2],
        waits: 0,
      })
    },
  }
}
