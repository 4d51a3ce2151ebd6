import { afterAll, describe, expect, test } from 'vitest'
import { ADAPTERS } from '../conformance/adapters/index.js'
import { createStand } from '../conformance/stand.js'
import { protect } from '../conformance/support/app.js'
import { exchangeInTurn, type Answer, type Sent } from '../conformance/support/http.js'
import { P256, published, RSA, STRANGER } from '../conformance/support/keys.js'
import { authorization, bearer } from '../conformance/support/table.js'
import { ISSUER, mint, NOW } from '../conformance/support/tokens.js'
import { publish, severalIssuers, target } from './support/target.js'

const SECOND = { iss: 'https://second.example', aud: 'second-api' }
const SHARED = { kid: 'shared' }

/** A request, and what its answer must say: whom it admitted, or with which status it refused. */
interface Asked {
  readonly sent: Sent
  readonly answer: string | number
}

describe.each(ADAPTERS)('$name', (adapter) => {
  const stand = createStand(adapter, 'plain')
  afterAll(stand.close)

  test('150 good and bad tokens at once are each answered for their own', async () => {
    const issuers = [
      { issuer: ISSUER, audience: 'https://api.example', jwksUri: publish([published(RSA, SHARED)]) },
      { issuer: SECOND.iss, audience: SECOND.aud, jwksUri: publish([published(P256, SHARED)]) },
    ]
    // In the thread pool: what is checked in place is done before the next one comes.
    const app = severalIssuers(issuers, { offload: 'always' })
    const asked = Array.from({ length: 25 }, (_, index) => sixRequests(index)).flat()
    expect(asked).toHaveLength(150)
    const answers = await Promise.all(asked.map(({ sent }) => stand.send(app, sent)))
    expect(answers.map(meaningOf)).toEqual(asked.map(({ answer }) => answer))
    expect(app.runs).toBe(50)
  })

  test('requests in one connection are each answered for their own', async () => {
    const app = target()
    const bad = mint({}, {}, STRANGER)
    const asked: readonly Asked[] = [
      { sent: bearer(mint({ sub: 'first' })), answer: 'first' },
      { sent: bearer(bad), answer: 401 },
      { sent: bearer(mint({ sub: 'second' })), answer: 'second' },
      { sent: {}, answer: 401 },
      { sent: authorization('Bearer'), answer: 400 },
      { sent: bearer(mint({ exp: NOW - 60 })), answer: 401 },
      { sent: bearer(mint({ sub: 'third' }, {}, P256)), answer: 'third' },
      { sent: { method: 'POST', body: `access_token=${mint()}` }, answer: 401 },
      { sent: bearer(mint({ sub: 'fourth' })), answer: 'fourth' },
    ]
    const server = await adapter.serve(app, 'plain')
    const answers = await exchangeInTurn(
      server.url,
      asked.map(({ sent }) => sent),
    )
    await server.close()
    expect(answers.map(meaningOf)).toEqual(asked.map(({ answer }) => answer))
    expect(app.runs).toBe(4)
  })

  test('a good token after a bad one in one connection leaves nothing to the next', async () => {
    const app = protect()
    const good = bearer(mint())
    const server = await adapter.serve(app, 'plain')
    const [first, , third, , fifth] = await exchangeInTurn(server.url, [{}, good, {}, good, {}])
    await server.close()
    expect([third?.bytes, fifth?.bytes]).toEqual([first?.bytes, first?.bytes])
    expect(app.runs).toBe(2)
  })
})

/** Two that are good, by issuers that share a kid, and four that are not. */
function sixRequests(index: number): readonly Asked[] {
  const first = `first-${index}`
  const second = `second-${index}`
  return [
    { sent: bearer(mint({ sub: first }, SHARED)), answer: first },
    { sent: bearer(mint({ ...SECOND, sub: first }, SHARED)), answer: 401 },
    { sent: bearer(mint({ ...SECOND, sub: second }, SHARED, P256)), answer: second },
    { sent: bearer(mint({ sub: second }, SHARED, P256)), answer: 401 },
    { sent: bearer(mint({ sub: first }, SHARED, STRANGER)), answer: 401 },
    { sent: authorization(`Bearer ${first}`, `Bearer ${second}`), answer: 400 },
  ]
}

function meaningOf({ status, body }: Answer): string | number {
  if (status !== 200) return status
  const { auth } = JSON.parse(body) as { readonly auth: { readonly subject: string } }
  return auth.subject
}
