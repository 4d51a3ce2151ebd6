import { makeKey, type Key } from '../keys.js'
import type { Row } from './row.js'

/** Keys that the issuer no longer vouches for. */
export const withdrawal: readonly Row[] = [
  {
    fault: 'key withdrawn, a request every 30 s',
    must: 'refused after 10 min at the latest',
    overHttp: true,
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.publish(makeKey())
      const limit = 10 * 60
      for (let second = 30; second <= 2 * limit; second += 30) {
        stage.time.jump(30_000)
        // oxlint-disable-next-line no-await-in-loop -- time goes on between them
        const [answer] = await stage.settle([stage.ask(subject, await stage.token(key))], { waits: 0 })
        if (answer?.accepted === false) {
          const right = answer.status === undefined || answer.status === 401
          // The request at the limit may be the one that learns of it.
          stage.note('the withdrawn key', `refused after ${minutes(second)}`, second <= limit + 30 && right)
          return
        }
        // oxlint-disable-next-line no-await-in-loop -- as above
        await stage.quiet()
      }
      stage.note('the withdrawn key', `still accepted after ${minutes(2 * limit)}`, false)
    },
  },
  {
    fault: 'key withdrawn, then 20 min without a request',
    must: 'refused',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      stage.issuer.publish(makeKey())
      stage.jump(20)
      await stage.wave('the next request', subject, await stage.tokens(key, 1), { accepted: 0, refusal: 401 })
    },
  },
  remembered('key moved to another `kid`', (key) => [{ ...key.jwk, kid: 'moved' }]),
  remembered('key now marked `use: enc`', (key) => [{ ...key.jwk, use: 'enc' }]),
]

/** What becomes of a token that was accepted before, once its key has been changed and the keys fetched anew. */
function remembered(fault: string, change: (key: Key) => readonly unknown[]): Row {
  return {
    fault: `${fault}, the same token again`,
    must: 'refused once the keys have been fetched',
    async run(stage) {
      const { subject, key } = await stage.startWarm()
      const token = await stage.token(key)
      await stage.wave('before', subject, [token, token], { accepted: 2 })
      const other = makeKey()
      stage.issuer.keys = [...change(key), other.jwk]
      stage.jump(10)
      await stage.wave('another token', subject, await stage.tokens(other, 1), { accepted: 1 })
      await stage.wave('the same token', subject, [token], { accepted: 0, refusal: 401 })
    },
  }
}

function minutes(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
