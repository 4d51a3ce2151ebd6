import { createVerifier, type AuthErrorCode, type Verifier } from '@require-jwt/core'
import { FAULTS } from '@require-jwt/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { makeFaulty } from '../../../packages/testing/src/faulty-token.js'
import { FRAMEWORKS, type Api } from './frameworks.js'
import { ALGORITHMS } from './create-provider.js'
import { startOidcProvider } from './start-oidc-provider.js'

const API = 'https://orders.test'

// A token that is longer than all header fields may be is refused by Node itself, before any framework.
const HEADERS_TOO_LARGE = 431

describe.each(Object.entries(FRAMEWORKS))('%s behind a real OpenID Provider', async (_name, start) => {
  const provider = await startOidcProvider()
  let refused: AuthErrorCode | undefined
  const verifier: Verifier = createVerifier({
    issuer: provider.issuer,
    audience: API,
    profile: 'at+jwt',
    observer: (event) => {
      if (event.type === 'rejected') refused = event.code
    },
  })
  const api: Api = await start(verifier)
  afterAll(async () => {
    await Promise.all([api.close(), verifier.close(), provider.close()])
  })

  async function call(
    token: string,
  ): Promise<{ status: number; body: unknown; refused: AuthErrorCode | undefined }> {
    refused = undefined
    const response = await fetch(api.url, { headers: { authorization: `Bearer ${token}` } })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), refused }
  }

  test.each(ALGORITHMS)('accepts an access token of a user, signed with %s', async (alg) => {
    const { accessToken } = await provider.signIn({ resource: API, scope: 'orders:read', alg })
    expect(await call(accessToken)).toEqual({ status: 200, body: { subject: 'ada' }, refused: undefined })
  })

  test.each(ALGORITHMS)('accepts an access token of a service, signed with %s', async (alg) => {
    const token = await provider.accessToken({ resource: API, alg })
    expect(await call(token)).toMatchObject({ status: 200, body: { subject: `service-${alg}` } })
  })

  test('refuses an access token without the scope', async () => {
    const token = await provider.accessToken({ resource: API, scope: 'orders:write' })
    expect(await call(token)).toMatchObject({ status: 403, refused: 'scope_insufficient' })
  })

  test('refuses an access token for another API', async () => {
    const token = await provider.accessToken({ resource: 'https://billing.test' })
    expect(await call(token)).toMatchObject({ status: 401, refused: 'audience_mismatch' })
  })

  test.each(ALGORITHMS)('refuses ID tokens signed with %s', async (alg) => {
    const { idToken, frontChannelIdToken } = await provider.signIn({ resource: API, alg })
    expect(await call(idToken)).toMatchObject({ status: 401, refused: 'type_rejected' })
    expect(await call(frontChannelIdToken)).toMatchObject({ status: 401, refused: 'type_rejected' })
  })

  test.each(FAULTS)('refuses a token of which $description', async ({ name, code }) => {
    const good = await provider.draft({ resource: API })
    const faulty = await makeFaulty(name, good, Math.floor(Date.now() / 1000))
    const told =
      code === 'token_too_large'
        ? { status: HEADERS_TOO_LARGE, refused: undefined }
        : { status: 401, refused: code }
    expect(await call(faulty)).toMatchObject(told)
  })

  test('goes on after a rotation: new tokens pass, old ones do not', async () => {
    const before = await provider.accessToken({ resource: API })
    await provider.rotate()
    const after = await provider.accessToken({ resource: API })
    expect(await call(after)).toMatchObject({ status: 200 })
    expect(await call(before)).toMatchObject({ status: 401, refused: 'key_unknown' })
  })
})
