import { createTestIssuer } from '@require-jwt/testing'
import { Hono, type ExecutionContext } from 'hono'
import { describe, expect, test } from 'vitest'
import { requireJwt } from './index.js'
import { requestView } from './request-view.js'

test('a fetch of keys is handed to the execution context of the request that began it', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const work: Promise<unknown>[] = []
  const context = {
    waitUntil(promise: Promise<unknown>) {
      if (this !== context) throw new TypeError('Illegal invocation')
      work.push(promise)
    },
    passThroughOnException: () => undefined,
    props: {},
  } satisfies ExecutionContext
  const app = new Hono().get('/', requireJwt({ ...issuer.options, isolates: true }), (c) => c.text('in'))
  const headers = await issuer.headers()
  expect((await app.request('/', { headers }, {}, context)).status).toBe(200)
  expect(work).toHaveLength(1)
  await Promise.all(work)
  expect((await app.request('/', { headers }, {}, context)).status).toBe(200)
  expect(work).toHaveLength(1)
})

test('without an execution context requests fetch for themselves and are answered', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const app = new Hono().get('/', requireJwt({ ...issuer.options, isolates: true }), (c) => c.text('in'))
  const headers = await issuer.headers()
  const answers = await Promise.all([1, 2, 3].map(async () => app.request('/', { headers })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
})

test('an execution context that cannot keep work going is as good as none', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const app = new Hono().get('/', requireJwt(issuer.options), (c) => c.text('in'))
  const headers = await issuer.headers()
  expect((await app.request('/', { headers }, {}, {} as ExecutionContext)).status).toBe(200)
})

/** Some DER: nobody looks inside it here. */
const DER = new Uint8Array([0x30, 0x00])

/** The other end of the connection, as the view shows it where a server passes this along. */
async function peerWith(env: object | undefined): Promise<unknown> {
  let seen: unknown
  const app = new Hono().get('/', (c) => {
    seen = requestView(c).peer
    return c.text('in')
  })
  const response = await app.request('/', { headers: { 'x-forwarded-for': '192.0.2.9' } }, env)
  expect(response.status).toBe(200)
  return seen
}

describe('the other end of the connection', () => {
  test.each([
    ['nothing', undefined],
    ['no connection', {}],
    ['a variable of the same name', { incoming: 'text' }],
    ['a binding of the same name', { incoming: { get: () => 'text' } }],
    ['a connection that is null', { incoming: null }],
    ['a connection without a socket', { incoming: { socket: undefined } }],
  ])('is not there where the server passes along %s', async (_what, env) => {
    expect(await peerWith(env)).toBeUndefined()
  })

  test('has an address, and no certificate where there is no TLS', async () => {
    const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }
    expect(await peerWith(env)).toEqual({ address: '192.0.2.1', certificate: undefined })
  })

  test('has neither on a Unix socket', async () => {
    const env = { incoming: { socket: { remoteAddress: undefined } } }
    expect(await peerWith(env)).toEqual({ address: undefined, certificate: undefined })
  })

  test('has the certificate that the client has shown to the server for Node', async () => {
    const socket = {
      remoteAddress: '192.0.2.1',
      raw: DER,
      getPeerCertificate() {
        return { subject: { CN: 'client' }, raw: this.raw }
      },
    }
    expect(await peerWith({ incoming: { socket } })).toEqual({ address: '192.0.2.1', certificate: DER })
  })

  test.each([
    ['the client has shown none', () => ({})],
    ['the connection has ended, and TLS with it', () => null],
  ])('has no certificate where %s', async (_where, getPeerCertificate) => {
    const env = { incoming: { socket: { remoteAddress: '192.0.2.1', getPeerCertificate } } }
    expect(await peerWith(env)).toEqual({ address: '192.0.2.1', certificate: undefined })
  })
})
