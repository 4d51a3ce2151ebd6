import { plain, verifierOf } from '../contenders/ours.js'
import { AUDIENCE, makeKey } from '../keys.js'
import { counted } from '../stage.js'
import type { Row } from './row.js'

/** What only ours promises. */
export const own: readonly Row[] = [
  {
    fault: '`revokeKey`, then refreshes that still list the key',
    must: 'refused for good',
    needs: 'our options',
    async run(stage) {
      const { url: issuer, jwksUri } = stage.issuer
      const [key, other] = [makeKey(), makeKey()]
      stage.issuer.publish(key, other)
      const verifier = verifierOf({ issuer, jwksUri, audience: AUDIENCE })
      try {
        const subject = plain(verifier)
        const token = await stage.token(key)
        await stage.wave('before', subject, [token], { accepted: 1 })
        verifier.revokeKey({ issuer, kid: key.kid })
        for (const minutes of [0, 10, 10]) {
          // oxlint-disable no-await-in-loop -- one refresh after the other
          stage.jump(minutes)
          await stage.wave('the other key', subject, await stage.tokens(other, 1), { accepted: 1 })
          await stage.wave('the revoked key', subject, [token, ...(await stage.tokens(key, 4))], {
            accepted: 0,
            refusal: 401,
          })
          // oxlint-enable no-await-in-loop
        }
      } finally {
        await verifier.close()
      }
    },
  },
  {
    fault: 'two verifiers on one source, one closes while a fetch is under way',
    must: 'the other goes on',
    needs: 'our options',
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      stage.issuer.faults.jwks = { kind: 'slow', ms: 1_000 }
      const [first, second] = [await stage.start(), await stage.start()]
      const token = await stage.token(key)
      const asked = [first, second].map((subject) => stage.ask(subject, token))
      await stage.time.still(20)
      await first.close()
      const [closed, open] = await stage.settle(asked)
      if (closed && open) {
        stage.judge('of the closed one', [closed], 0, { accepted: 0, refusal: 503 })
        stage.judge('of the other', [open], stage.issuer.fetches(), { accepted: 1, fetches: 1 })
      }
      await stage.wave('of the other, later', second, await stage.tokens(key, 20), {
        accepted: 20,
        fetches: 0,
      })
    },
  },
  {
    fault: 'a new `fetch` closure for each of 50 requests',
    must: 'the allowance of the URL holds: at most 13 fetches, and an event',
    needs: 'our options',
    async run(stage) {
      const key = makeKey()
      stage.issuer.publish(key)
      let told = 0
      for (let n = 0; n < 50; n += 1) {
        // oxlint-disable no-await-in-loop -- one request after the other
        const subject = await stage.start({
          more: {
            fetch: (url, init) => fetch(url, init),
            observer: ({ type }) => {
              if (type === 'keys.unshared') told += 1
            },
          },
        })
        await stage.settle([stage.ask(subject, await stage.token(key))])
        // oxlint-enable no-await-in-loop
      }
      const fetches = stage.issuer.fetches()
      stage.note('the 50', counted(fetches, 'fetch'), fetches <= 13)
      stage.note('`keys.unshared`', `told ${told === 1 ? 'once' : `${told} times`}`, told === 1)
    },
  },
]
