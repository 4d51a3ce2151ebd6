import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect as connectHttp2, createSecureServer, type Http2ServerRequest } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { type AuthErrorCode, createVerifier, mtls, type ProofFactory, type Verifier } from '@require-jwt/core'
import { decodeJwt } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeRequestView } from '../../packages/node/src/node-request-view.js'
import { certificateHash, derOf } from '../conformance/support/certificates.js'
import { createAuthority, type Identity } from './mtls/certificates.js'
import { listenTls } from './mtls/listen-tls.js'
import { startMtlsProvider } from './mtls/start-mtls-provider.js'
import { createTlsClient, fetchBy, type TlsClient, type TlsClientOptions } from './mtls/tls-client.js'
import { APPS } from './oidc/bound-api.js'

const API = 'https://orders.test'
const BEARER =
  'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"'

const CLIENTS = [
  { id: 'client-a', isBound: true },
  { id: 'client-b', isBound: true },
  { id: 'client-c', isBound: false },
]

describe('with tokens of a real OpenID Provider that are bound to a certificate', async () => {
  const authority = await createAuthority()
  const { ca } = authority
  const server = await authority.issue('an API and an issuer', '127.0.0.1')
  const a = await authority.issue('client-a')
  const b = await authority.issue('client-b')
  const c = await authority.issue('client-c')

  const opened: { close(): unknown }[] = []
  function open(identity: Identity | undefined, connection?: TlsClientOptions['connection']): TlsClient {
    const client = createTlsClient({ ca, identity, connection })
    opened.push(client)
    return client
  }

  const provider = await startMtlsProvider({ server, ca, clients: CLIENTS })
  const { issuer } = provider
  const issued = await provider.issue('client-a', API, open(a))
  const { token } = issued
  const { token: tokenOfB } = await provider.issue('client-b', API, open(b))
  const { token: unbound } = await provider.issue('client-c', API, open(c))

  // The issuer's certificate is of an authority that nothing but this client trusts.
  const fetchKeys = fetchBy(open(undefined))
  const options = { issuer, audience: API, profile: 'at+jwt', fetch: fetchKeys } as const

  afterAll(async () => {
    await Promise.all([...opened.map((each) => each.close()), provider.close()])
  })

  /** An API over TLS. Tells of a request what the client and what the operator see. */
  async function startApi(
    app: (verifier: Verifier) => RequestListener,
    ...proofs: readonly ProofFactory[]
  ): Promise<(client: TlsClient, credentials: string) => Promise<unknown>> {
    let refused: AuthErrorCode | undefined
    const verifier = createVerifier({
      ...options,
      ...(proofs.length > 0 && { proofs }),
      observer: (event) => {
        if (event.type === 'rejected') refused = event.code
      },
    })
    const api = await listenTls(server)
    api.server.on('request', app(verifier))
    opened.push(verifier, api)
    return async (client, credentials) => {
      refused = undefined
      const headers = { authorization: `Bearer ${credentials}` }
      const answer = await client.send(`${api.origin}/orders`, { headers })
      const { status, body, isKept, isResumed } = answer
      const seen = { status, isKept, isResumed }
      if (status === 200) return { ...seen, ...(JSON.parse(body) as object) }
      return { ...seen, challenge: answer.headers['www-authenticate'], refused }
    }
  }

  const good = { status: 200, proof: 'mtls', clientId: 'client-a' }
  const goodOfB = { ...good, clientId: 'client-b' }
  const bad = { status: 401, challenge: BEARER, refused: 'proof_mismatch' }
  const badUnproven = { ...bad, refused: 'proof_required' }

  test('the token says so', () => {
    expect(issued.tokenType).toBe('Bearer')
    expect(decodeJwt(token)).toMatchObject({ cnf: { 'x5t#S256': certificateHash(a.cert) } })
    expect(decodeJwt(unbound)).not.toHaveProperty('cnf')
  })

  test('the provider gives it to nobody else', async () => {
    await expect(provider.issue('client-a', API, open(b))).rejects.toThrow('401')
    await expect(provider.issue('client-a', API, open(undefined))).rejects.toThrow('401')
  })

  describe.each(Object.entries(APPS))('%s', async (_name, app) => {
    const ask = await startApi(app, mtls({ from: 'socket' }))
    const askRequired = await startApi(app, mtls({ from: 'socket', required: true }))
    const askWithout = await startApi(app)

    test('accepts it with its certificate', async () => {
      expect(await ask(open(a), token)).toMatchObject(good)
      expect(await askRequired(open(a), token)).toMatchObject(good)
    })

    test('refuses it with another certificate, and with none', async () => {
      expect(await ask(open(b), token)).toMatchObject(bad)
      expect(await ask(open(undefined), token)).toMatchObject(bad)
    })

    test('refuses it with a certificate of the same name that somebody else signed', async () => {
      const stranger = await createAuthority()
      expect(await ask(open(await stranger.issue('client-a')), token)).toMatchObject(bad)
    })

    test('refuses it also with its certificate, where nothing checks this', async () => {
      expect(await askWithout(open(a), token)).toMatchObject(badUnproven)
    })

    test('accepts a token that is bound to nothing only where none must be', async () => {
      const client = open(a)
      expect(await ask(client, unbound)).toMatchObject({ status: 200, proof: 'none', clientId: 'client-c' })
      expect(await askRequired(client, unbound)).toMatchObject(badUnproven)
    })

    test('does not mix up connections that are kept', async () => {
      const [ofA, ofB] = [open(a, 'kept'), open(b, 'kept')]
      expect(await ask(ofA, token)).toMatchObject({ ...good, isKept: false })
      expect(await ask(ofB, tokenOfB)).toMatchObject({ ...goodOfB, isKept: false })
      expect(await ask(ofB, token)).toMatchObject({ ...bad, isKept: true })
      expect(await ask(ofA, tokenOfB)).toMatchObject({ ...bad, isKept: true })
      expect(await ask(ofB, tokenOfB)).toMatchObject({ ...goodOfB, isKept: true })
      expect(await ask(ofA, token)).toMatchObject({ ...good, isKept: true })
    })

    test('does not mix up requests that come at once', async () => {
      const clients = Array.from({ length: 20 }, (_, at) => open(at % 2 === 0 ? a : b, 'kept'))
      const answers = await Promise.all(clients.map((client) => ask(client, token)))
      const statuses = answers.map((answer) => (answer as { readonly status: number }).status)
      expect(statuses).toEqual(clients.map((_, at) => (at % 2 === 0 ? 200 : 401)))
    })

    test('knows the certificate of a session that is resumed', async () => {
      const [ofA, ofB] = [open(a), open(b)]
      expect(await ask(ofA, token)).toMatchObject({ ...good, isResumed: false })
      expect(await ask(ofB, token)).toMatchObject({ ...bad, isResumed: false })
      expect(await ask(ofA, token)).toMatchObject({ ...good, isResumed: true })
      expect(await ask(ofB, token)).toMatchObject({ ...bad, isResumed: true })
    })
  })

  describe('where the API is asked without a framework', () => {
    const bearer = { authorization: `Bearer ${token}` }

    test('the certificate of a connection of HTTP/2 is shown as well', async () => {
      const listening = createSecureServer({ ...server, requestCert: true, rejectUnauthorized: false })
      await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
      const { port } = listening.address() as AddressInfo
      const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, ...a }).on('error', () => undefined)
      try {
        session.request({ ':path': '/orders', ...bearer }).on('error', () => undefined)
        const [req] = (await once(listening, 'request')) as [Http2ServerRequest]
        expect(nodeRequestView(req).peer).toEqual({ address: '127.0.0.1', certificate: derOf(a.cert) })
      } finally {
        session.destroy()
        await new Promise((resolve) => listening.close(resolve))
      }
    })

    test('a client that is gone before its token is checked is refused, and is no error of ours', async () => {
      const api = await listenTls(server)
      const came = once(api.server, 'request') as Promise<[IncomingMessage]>
      const gone = came.then(([req]) => once(req.socket, 'close'))
      const verifier = createVerifier({
        ...options,
        fetch: async (url, init) => {
          await gone
          return fetchKeys(url, init)
        },
        proofs: [mtls({ from: 'socket' })],
      })
      opened.push(api, verifier)
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.origin).port), ca, ...a })
      socket.write(
        `GET /orders HTTP/1.1\r\nHost: orders.test\r\nAuthorization: ${bearer.authorization}\r\n\r\n`,
      )
      const [req] = await came
      const outcome = verifier.authenticate(nodeRequestView(req))
      socket.destroy()
      expect(await outcome).toMatchObject({ code: 'proof_mismatch' })
    })
  })
})
