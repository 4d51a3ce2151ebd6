import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTVerifyResult, jwtVerify } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { startOidcProvider } from './start-oidc-provider.js'

const RESOURCE = 'https://orders.test'

describe('the OpenID Provider', async () => {
  const provider = await startOidcProvider()
  afterAll(() => provider.close())

  function verify(token: string, audience: string): Promise<JWTVerifyResult> {
    const jwks = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`))
    return jwtVerify(token, jwks, { issuer: provider.issuer, audience })
  }

  describe.each(['RS256', 'ES256', 'EdDSA'] as const)('with %s', (alg) => {
    test('mints JWT access tokens of a service', async () => {
      const token = await provider.accessToken({ resource: RESOURCE, scope: 'orders:read orders:write', alg })
      const { payload, protectedHeader } = await verify(token, RESOURCE)
      expect(protectedHeader).toMatchObject({ alg, typ: 'at+jwt' })
      expect(payload).toMatchObject({ client_id: `service-${alg}`, scope: 'orders:read orders:write' })
    })

    test('mints JWT access tokens of a user', async () => {
      const { accessToken } = await provider.signIn({ resource: RESOURCE, scope: 'orders:read', alg })
      const { payload, protectedHeader } = await verify(accessToken, RESOURCE)
      expect(protectedHeader).toMatchObject({ alg, typ: 'at+jwt' })
      expect(payload).toMatchObject({ sub: 'ada', client_id: `app-${alg}`, scope: 'orders:read' })
    })

    test('mints ID tokens', async () => {
      const { idToken, frontChannelIdToken } = await provider.signIn({ alg })
      for (const token of [idToken, frontChannelIdToken]) {
        const { payload, protectedHeader } = await verify(token, `app-${alg}`)
        expect(protectedHeader.alg).toBe(alg)
        expect(payload).toMatchObject({ sub: 'ada', aud: `app-${alg}` })
      }
      expect(decodeJwt(frontChannelIdToken)).toHaveProperty('c_hash')
    })
  })

  test('gives the ID token of the token endpoint alone', async () => {
    await expect(verify(await provider.idToken(), 'app-RS256')).resolves.toBeDefined()
  })

  test('has other keys after a rotation, behind the same address', async () => {
    const before = await provider.accessToken()
    await provider.rotate()
    const after = await provider.accessToken()
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid)
    await expect(verify(after, 'https://api.test')).resolves.toBeDefined()
    await expect(verify(before, 'https://api.test')).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
  })
})
