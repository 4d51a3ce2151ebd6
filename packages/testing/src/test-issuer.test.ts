import { createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, describe, expect, test } from 'vitest'
import { createTestIssuer, type SigningAlgorithm, type TestIssuer, type TestIssuerOptions } from './index.js'

const AUDIENCE = 'https://api.test'
const START = 1_800_000_000_000

const issuers: TestIssuer[] = []

async function start(options: Partial<TestIssuerOptions> = {}): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ audience: AUDIENCE, algorithm: 'ES256', ...options })
  issuers.push(issuer)
  return issuer
}

afterEach(async () => {
  await Promise.all(issuers.splice(0).map((issuer) => issuer.close()))
})

// An opinion of its own: jose, with the rules of RFC 9068.
async function verify(issuer: TestIssuer, token: string): Promise<unknown> {
  const { payload } = await jwtVerify(token, createLocalJWKSet(await issuer.jwks()), {
    issuer: issuer.issuer,
    audience: AUDIENCE,
    typ: 'at+jwt',
    currentDate: new Date(issuer.now()),
    requiredClaims: ['sub', 'client_id', 'iat', 'exp', 'jti'],
  })
  return payload
}

async function getJson(issuer: TestIssuer, url: string): Promise<Record<string, unknown>> {
  const response = await issuer.fetch(url, {
    headers: {},
    redirect: 'manual',
    signal: AbortSignal.timeout(5000),
  })
  expect(response.status).toBe(200)
  const chunk = await response.body?.getReader().read()
  const json: Record<string, unknown> = JSON.parse(String(Buffer.from(chunk?.value ?? [])))
  return json
}

describe('tokens', () => {
  const algorithms: SigningAlgorithm[] = [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'Ed25519',
    'EdDSA',
  ]

  test.each(algorithms)('signs with %s', async (algorithm) => {
    const issuer = await start({ algorithm })
    const token = await issuer.token()
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, typ: 'at+jwt' })
    await expect(verify(issuer, token)).resolves.toMatchObject({ sub: 'user-1' })
  })

  test('signs with RS256 by default', async () => {
    const issuer = await createTestIssuer({ audience: AUDIENCE })
    expect(decodeProtectedHeader(await issuer.token())).toMatchObject({ alg: 'RS256', kid: 'RS256-1' })
  })

  test('signs with another algorithm when asked, and publishes its key', async () => {
    const issuer = await start()
    await expect(verify(issuer, await issuer.token({}, { algorithm: 'ES384' }))).resolves.toBeDefined()
    expect((await issuer.jwks()).keys.map((key) => key.kid)).toEqual(['ES384-1', 'ES256-1'])
  })

  test('publishes the keys of several algorithms from the start and signs with the first', async () => {
    const issuer = await start({ algorithm: ['Ed25519', 'ES256'] })
    expect((await issuer.jwks()).keys.map((key) => key.kid)).toEqual(['Ed25519-1', 'ES256-1'])
    expect(decodeProtectedHeader(await issuer.token())).toMatchObject({ alg: 'Ed25519' })
  })

  test('adds, replaces and leaves out claims', async () => {
    const issuer = await start()
    const claims = decodeJwt(
      await issuer.token({ scope: 'orders:read', sub: 'user-2', client_id: undefined }),
    )
    expect(claims).toMatchObject({ scope: 'orders:read', sub: 'user-2', aud: AUDIENCE })
    expect(claims).not.toHaveProperty('client_id')
  })

  test('adds, replaces and leaves out header parameters', async () => {
    const issuer = await start()
    const token = await issuer.token({}, { header: { typ: 'JWT', kid: undefined, x: 1 } })
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'JWT', x: 1 })
  })

  test('gives a token five minutes, or as long as told', async () => {
    const issuer = await start({ now: START })
    expect(decodeJwt(await issuer.token())).toMatchObject({ iat: START / 1000, exp: START / 1000 + 300 })
    expect(decodeJwt(await issuer.token({}, { expiresIn: 60 })).exp).toBe(START / 1000 + 60)
  })

  test('gives every token its own jti', async () => {
    const issuer = await start()
    expect(decodeJwt(await issuer.token()).jti).not.toBe(decodeJwt(await issuer.token()).jti)
  })

  test('puts a token into the headers of a request', async () => {
    const issuer = await start()
    const { authorization } = await issuer.headers({ scope: 'orders:read' })
    expect(authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
    await expect(verify(issuer, authorization.slice('Bearer '.length))).resolves.toMatchObject({
      scope: 'orders:read',
    })
  })
})

describe('what it serves', () => {
  test.each([
    ['https://issuer.test', '/.well-known/oauth-authorization-server'],
    ['https://issuer.test', '/.well-known/openid-configuration'],
    ['https://issuer.test/', '/.well-known/openid-configuration'],
    ['https://issuer.test/tenant', '/.well-known/oauth-authorization-server/tenant'],
    ['https://issuer.test/tenant', '/tenant/.well-known/openid-configuration'],
  ])('%s has metadata at %s, which lead to its keys', async (url, path) => {
    const issuer = await start({ issuer: url })
    const metadata = await getJson(issuer, `https://issuer.test${path}`)
    expect(metadata['issuer']).toBe(url)
    expect(await getJson(issuer, String(metadata['jwks_uri']))).toEqual(await issuer.jwks())
  })

  test('publishes public keys only', async () => {
    const issuer = await start({ algorithm: ['ES256', 'RS256'] })
    for (const key of (await issuer.jwks()).keys) {
      expect(key).toMatchObject({ use: 'sig' })
      expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']))
    }
  })

  test('counts the requests that reached it, and those that could not', async () => {
    const issuer = await start()
    await getJson(issuer, 'https://issuer.test/jwks')
    await expect(getJson(issuer, 'https://elsewhere.test/jwks')).rejects.toThrow(TypeError)
    expect(issuer.requests).toEqual(['https://issuer.test/jwks', 'https://elsewhere.test/jwks'])
  })

  test('offers options that stay the same for its whole life', async () => {
    const issuer = await start()
    expect(issuer.options).toEqual({
      issuer: 'https://issuer.test',
      audience: AUDIENCE,
      fetch: issuer.fetch,
      now: issuer.now,
    })
    const { fetch, now } = issuer.options
    await issuer.rotate()
    issuer.advanceSeconds(1)
    expect(issuer.options.fetch).toBe(fetch)
    expect(issuer.options.now).toBe(now)
  })
})

describe('rotation', () => {
  test('replaces the keys: old tokens no longer verify, new ones do', async () => {
    const issuer = await start()
    const old = await issuer.token()
    await issuer.rotate()
    expect((await issuer.jwks()).keys.map((key) => key.kid)).toEqual(['ES256-2'])
    await expect(verify(issuer, old)).rejects.toThrow(/no applicable key/)
    await expect(verify(issuer, await issuer.token())).resolves.toBeDefined()
  })

  test('can leave the old keys in the JWKS, until one that does not', async () => {
    const issuer = await start()
    const old = await issuer.token()
    await issuer.rotate({ keepOld: true })
    await expect(verify(issuer, old)).resolves.toBeDefined()
    await issuer.rotate({ keepOld: true })
    await expect(verify(issuer, old)).resolves.toBeDefined()
    await issuer.rotate()
    await expect(verify(issuer, old)).rejects.toThrow(/no applicable key/)
  })

  test('replaces the keys of every algorithm', async () => {
    const issuer = await start({ algorithm: ['ES256', 'ES384'] })
    await issuer.token({}, { algorithm: 'Ed25519' })
    await issuer.rotate()
    expect((await issuer.jwks()).keys.map((key) => key.kid)).toEqual(
      expect.arrayContaining(['ES256-2', 'ES384-2', 'Ed25519-2']),
    )
  })

  test('publishes foreign keys under the same kid until the next rotation', async () => {
    const issuer = await start()
    const token = await issuer.token()
    const { keys } = await issuer.jwks()
    await issuer.publishForeignKeys()
    const sabotaged = await issuer.jwks()
    expect(sabotaged.keys.map((key) => key.kid)).toEqual(keys.map((key) => key.kid))
    await expect(verify(issuer, token)).rejects.toThrow(/signature verification failed/)
    await issuer.rotate()
    await expect(verify(issuer, await issuer.token())).resolves.toBeDefined()
  })
})

describe('outage', () => {
  test('rejects like a network error while offline, and still mints', async () => {
    const issuer = await start()
    issuer.goOffline()
    await expect(getJson(issuer, 'https://issuer.test/jwks')).rejects.toThrow(TypeError)
    await expect(verify(issuer, await issuer.token())).resolves.toBeDefined()
    issuer.goOnline()
    await expect(getJson(issuer, 'https://issuer.test/jwks')).resolves.toBeDefined()
  })
})

describe('the clock', () => {
  test('runs with the real time and can be moved', async () => {
    const issuer = await start()
    expect(Math.abs(issuer.now() - Date.now())).toBeLessThan(1000)
    issuer.advanceSeconds(3600)
    expect(Math.abs(issuer.now() - Date.now() - 3_600_000)).toBeLessThan(1000)
  })

  test('stands still where it was set, and moves only when told', async () => {
    const issuer = await start({ now: START })
    expect(issuer.now()).toBe(START)
    issuer.advanceSeconds(1.5)
    expect(issuer.now()).toBe(START + 1500)
  })

  test('lets a token expire', async () => {
    const issuer = await start()
    const token = await issuer.token()
    issuer.advanceSeconds(301)
    await expect(verify(issuer, token)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
  })
})

describe('over HTTP', () => {
  test('is the issuer at a free port of 127.0.0.1', async () => {
    const issuer = await start({ listen: true })
    expect(issuer.issuer).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(issuer.options.fetch).toBe(globalThis.fetch)
    const keys = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`))
    await expect(jwtVerify(await issuer.token(), keys, { issuer: issuer.issuer })).resolves.toBeDefined()
    expect(issuer.requests).toEqual([`${issuer.issuer}/jwks`])
  })

  test('hangs up while offline', async () => {
    const issuer = await start({ listen: true })
    issuer.goOffline()
    await expect(fetch(`${issuer.issuer}/jwks`)).rejects.toThrow(TypeError)
    issuer.goOnline()
    await expect(fetch(`${issuer.issuer}/jwks`)).resolves.toMatchObject({ status: 200 })
  })

  test('ends with close(), also called twice', async () => {
    const issuer = await start({ listen: true })
    await fetch(`${issuer.issuer}/jwks`)
    await issuer.close()
    await expect(fetch(`${issuer.issuer}/jwks`)).rejects.toThrow(TypeError)
    await issuer[Symbol.asyncDispose]()
  })
})
