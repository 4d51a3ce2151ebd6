import { dpop } from '@require-jwt/core'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { APPS, type BoundApi, startBoundApi } from './oidc/bound-api.js'
import { NONCE_SECRET, PROOF_ALGORITHMS } from './oidc/create-provider.js'
import { CLIENT_ID, createDpopClient, getFrom, refusalOf, retryWithNonce } from './oidc/dpop-client.js'
import { startOidcProvider } from './oidc/start-oidc-provider.js'

const API = 'https://orders.test'
const REALM = { realm: 'api' }
const ALGS = { algs: 'ES256 ES384 EdDSA Ed25519 PS256 RS256' }

const INVALID_TOKEN = {
  error: 'invalid_token',
  error_description: 'The access token is not valid here',
}
const INVALID_PROOF = {
  error: 'invalid_dpop_proof',
  error_description: 'The DPoP proof is not valid for this request',
}
const NONCE_NEEDED = {
  error: 'use_dpop_nonce',
  error_description: 'Resource server requires nonce in DPoP proof',
}

// RFC 9449 §7.2: the scheme that was used says what is wrong, the other one that it is there.
const DOWNGRADED = [
  { scheme: 'bearer', parameters: { ...REALM, ...INVALID_TOKEN } },
  { scheme: 'dpop', parameters: ALGS },
]

function dropProof(fields: Headers): void {
  fields.delete('dpop')
}

describe('with tokens of a real OpenID Provider that are bound by DPoP', async () => {
  const provider = await startOidcProvider()
  const { issuer } = provider
  const options = { issuer, audience: API }
  const client = await createDpopClient(issuer, API, 'ES256')
  const { token } = client
  const started: BoundApi[] = []
  afterAll(async () => {
    await Promise.all([...started.map((api) => api.close()), provider.close()])
  })

  test('the token says so', () => {
    expect(client.tokenType).toBe('dpop')
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt' })
    expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: expect.stringMatching(/^[\w-]{43}$/) } })
  })

  describe.each(Object.entries(APPS))('%s and a real client', async (_name, app) => {
    const required = await startBoundApi(app, { ...options, proofs: [dpop('required')] })
    const allowed = await startBoundApi(app, { ...options, proofs: [dpop('allowed')] })
    const withNonces = await startBoundApi(app, {
      ...options,
      // RFC 9449 §9 tells the nonces of the two servers apart; one secret for both must not make them the same.
      proofs: [dpop({ mode: 'required', nonce: { secret: NONCE_SECRET } })],
    })
    const without = await startBoundApi(app, options)
    started.push(required, allowed, withNonces, without)

    test.each(PROOF_ALGORITHMS)('accept a proof that is signed with %s', async (alg) => {
      const own = await createDpopClient(issuer, API, alg)
      const response = await getFrom(required.url, own.token, { dpop: own.dpop })
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual({ proof: 'dpop', clientId: CLIENT_ID })
    })

    test('accept a proof where proofs are allowed, and a bearer token beside it', async () => {
      const bound = await getFrom(allowed.url, token, { dpop: client.dpop })
      expect(await bound.json()).toEqual({ proof: 'dpop', clientId: CLIENT_ID })
      const unbound = await getFrom(allowed.url, await provider.accessToken({ resource: API }))
      expect(await unbound.json()).toEqual({ proof: 'none', clientId: CLIENT_ID })
    })

    test('accept a proof for a URL with a query, which no proof names', async () => {
      const response = await getFrom(new URL('?page=2', required.url), token, { dpop: client.dpop })
      expect(response.status).toBe(200)
    })

    test('agree on a nonce: the first request is refused, the second and all after it pass', async () => {
      const own = await createDpopClient(issuer, API, 'ES256')
      const request = (): Promise<Response> => getFrom(withNonces.url, own.token, { dpop: own.dpop })
      expect(await refusalOf(request())).toEqual({
        status: 401,
        challenges: [{ scheme: 'dpop', parameters: NONCE_NEEDED }],
        asksForNonce: true,
        nonce: expect.stringMatching(/^[\w-]{43}$/),
      })
      expect(withNonces.refused.at(-1)).toBe('dpop_nonce_required')
      const refusedBefore = withNonces.refused.length
      for (const response of [await request(), await request()]) {
        expect(response.status).toBe(200)
        expect(await response.json()).toEqual({ proof: 'dpop', clientId: CLIENT_ID })
      }
      expect(withNonces.refused).toHaveLength(refusedBefore)
    })

    test("agree on a nonce by the client's own retry", async () => {
      const own = await createDpopClient(issuer, API, 'ES256')
      const response = await retryWithNonce(() => getFrom(withNonces.url, own.token, { dpop: own.dpop }))
      expect(response.status).toBe(200)
    })

    test('tell the nonces of the authorization server from those of the API', async () => {
      // It is one that the authorization server takes: the token was issued for it.
      const dpopWithServerNonce = client.withNonce(client.serverNonce)
      const refused = await refusalOf(getFrom(withNonces.url, token, { dpop: dpopWithServerNonce }))
      expect(refused).toMatchObject({ status: 401, asksForNonce: true })
      expect(refused.nonce).not.toBe(client.serverNonce)
      expect(withNonces.refused.at(-1)).toBe('dpop_nonce_required')
      const dpopWithOwnNonce = client.withNonce(refused.nonce ?? '')
      expect((await getFrom(withNonces.url, token, { dpop: dpopWithOwnNonce })).status).toBe(200)
    })

    test('say what is wrong where the proof is missing', async () => {
      const request = getFrom(required.url, token, { dpop: client.dpop, edit: dropProof })
      expect(await refusalOf(request)).toEqual({
        status: 401,
        challenges: [{ scheme: 'dpop', parameters: { ...ALGS, ...INVALID_PROOF } }],
        asksForNonce: false,
        nonce: null,
      })
      expect(required.refused.at(-1)).toBe('dpop_proof_invalid')
    })

    test('say what is wrong where the proof is replayed', async () => {
      let proof = ''
      const keep = (fields: Headers): void => {
        proof = fields.get('dpop') ?? ''
      }
      expect((await getFrom(required.url, token, { dpop: client.dpop, edit: keep })).status).toBe(200)
      const repeat = (fields: Headers): void => fields.set('dpop', proof)
      expect(await refusalOf(getFrom(required.url, token, { dpop: client.dpop, edit: repeat }))).toEqual({
        status: 401,
        challenges: [{ scheme: 'dpop', parameters: { ...ALGS, ...INVALID_PROOF } }],
        asksForNonce: false,
        nonce: null,
      })
      expect(required.refused.at(-1)).toBe('dpop_proof_replayed')
    })

    test.each([
      ['required', required],
      ['allowed', allowed],
    ])('refuse the token as a bearer token where proofs are %s', async (_mode, api) => {
      expect(await refusalOf(getFrom(api.url, token))).toEqual({
        status: 401,
        challenges: DOWNGRADED,
        asksForNonce: false,
        nonce: null,
      })
      expect(api.refused.at(-1)).toBe('proof_required')
    })

    test('refuse the token as a bearer token where no proof is checked', async () => {
      expect(await refusalOf(getFrom(without.url, token))).toEqual({
        status: 401,
        challenges: [{ scheme: 'bearer', parameters: { ...REALM, ...INVALID_TOKEN } }],
        asksForNonce: false,
        nonce: null,
      })
      expect(without.refused.at(-1)).toBe('proof_required')
    })

    test('take no proof where none is checked: the client is told that only bearer tokens pass', async () => {
      expect(await refusalOf(getFrom(without.url, token, { dpop: client.dpop }))).toMatchObject({
        status: 401,
        challenges: [{ scheme: 'bearer', parameters: REALM }],
      })
      expect(without.refused.at(-1)).toBe('token_missing')
    })

    test('refuse the token under the key of another client', async () => {
      const other = await createDpopClient(issuer, API, 'ES256')
      expect(await refusalOf(getFrom(required.url, token, { dpop: other.dpop }))).toMatchObject({
        status: 401,
        challenges: [{ scheme: 'dpop', parameters: { ...ALGS, ...INVALID_TOKEN } }],
      })
      expect(required.refused.at(-1)).toBe('proof_mismatch')
    })
  })
})
