import { randomUUID } from 'node:crypto'
import { createVerifier, dpop, isRefusal, type ReplayStore, type RequestView } from '@require-jwt/core'
import { afterAll, describe, expect, test } from 'vitest'
import { ADAPTERS } from '../conformance/adapters/index.js'
import { createStand } from '../conformance/stand.js'
import { protect, TRUST } from '../conformance/support/app.js'
import { ec, type Pair } from '../conformance/support/keys.js'
import { BASE, bound, CLIENT, proofFor, proven } from '../conformance/support/proofs.js'
import { eventsOf } from '../conformance/support/table.js'
import { once } from './support/proving.js'

const COPIES = 200

/** As many unexpired proofs of one key are remembered. */
const MAX_PROOFS = 10_000

const TOKEN = bound()
const NEIGHBOUR = ec('neighbour', 'ES256', 'P-256')

/** A store in another process: it answers later, and for many in one go. */
function distantStore(): ReplayStore {
  const claimed = new Set<string>()
  return {
    async claim(key) {
      await new Promise(setImmediate)
      return claimed.size < claimed.add(key).size
    },
  }
}

describe.each(ADAPTERS)('$name', (adapter) => {
  const stand = createStand(adapter, 'plain')
  afterAll(stand.close)

  describe.each([
    ['in memory', {}],
    ['in a distant store', { replayStore: distantStore() }],
  ])('where proofs are kept %s', (_, more) => {
    const app = protect({ baseUrl: BASE, proofs: [dpop({ mode: 'required', ...more })] })

    test('200 racing copies of one proof open the door once', async () => {
      app.runs = 0
      app.events.length = 0
      const sent = once(proven(TOKEN, { claims: { jti: randomUUID() } }))
      const answers = await Promise.all(Array.from({ length: COPIES }, () => stand.send(app, sent)))
      const refused = answers.filter(({ status }) => status !== 200)
      expect(refused).toHaveLength(COPIES - 1)
      expect(app.runs).toBe(1)
      expect(new Set(refused.map(({ bytes }) => bytes)).size).toBe(1)
      expect(refused[0]?.status).toBe(401)
      expect(JSON.parse(refused[0]?.body ?? '')).toMatchObject({ error: 'invalid_dpop_proof' })
      const codes = eventsOf(app, 'rejected').map(({ code }) => code)
      expect(codes).toEqual(refused.map(() => 'dpop_proof_replayed'))
    })

    test('200 racing proofs of one key open the door each', async () => {
      app.runs = 0
      const answers = await Promise.all(
        Array.from({ length: COPIES }, () =>
          stand.send(app, once(proven(TOKEN, { claims: { jti: randomUUID() } }))),
        ),
      )
      expect(answers.filter(({ status }) => status !== 200)).toEqual([])
      expect(app.runs).toBe(COPIES)
    })
  })

  test('a proof with a jti of 10 MiB is refused without being read', async () => {
    const app = protect({ baseUrl: BASE, proofs: [dpop('required')] })
    const server = await adapter.serve(app, 'plain', 2 ** 24)
    const field = proofFor(TOKEN, '/thing', { claims: { jti: 'j'.repeat(10 * 2 ** 20) } })
    const large = createStand({ ...adapter, serve: async () => server }, 'plain')
    const { status } = await large.send(app, {
      headers: [
        ['Authorization', `DPoP ${TOKEN}`],
        ['DPoP', field],
      ],
    })
    await large.close()
    expect(status).toBe(401)
    expect(app.runs).toBe(0)
    // Not for anything that it says.
    expect(eventsOf(app, 'rejected')).toMatchObject([
      { code: 'dpop_proof_invalid', detail: expect.stringContaining('the proof is longer than') as string },
    ])
  })
})

describe('where many are made', () => {
  const verifier = createVerifier({
    ...TRUST,
    baseUrl: BASE,
    proofs: [dpop({ mode: 'required', proofMaxAge: 300 })],
  })

  async function codesOf(count: number, key: Pair): Promise<readonly (string | undefined)[]> {
    const token = bound({}, key)
    const outcomes = await Promise.all(
      Array.from({ length: count }, () => verifier.authenticate(viewOf(token, key))),
    )
    return outcomes.map((outcome) => (isRefusal(outcome) ? outcome.code : undefined))
  }

  test('a flood of proofs of one key is refused from the 10,001st on, and no proof of another client is', async () => {
    const codes: (string | undefined)[] = []
    // In parts: all at once would be all in memory.
    for (let left = MAX_PROOFS; left > 0; left -= 500) {
      // oxlint-disable-next-line no-await-in-loop
      codes.push(...(await codesOf(500, CLIENT)))
    }
    expect(codes.filter((code) => code !== undefined)).toEqual([])
    expect(await codesOf(1, CLIENT)).toEqual(['dpop_proof_replayed'])
    expect(await codesOf(1, NEIGHBOUR)).toEqual([undefined])
    expect(await codesOf(1, CLIENT)).toEqual(['dpop_proof_replayed'])
  }, 120_000)
})

function viewOf(token: string, key: Pair): RequestView {
  const fields: Readonly<Record<string, readonly string[]>> = {
    authorization: [`DPoP ${token}`],
    dpop: [proofFor(token, '/', { key })],
  }
  return { method: 'GET', url: '/', values: (name) => fields[name] ?? [] }
}
