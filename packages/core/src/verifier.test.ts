import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { isAuthError } from './auth-error.js'
import type { StandardSchema } from './claims/standard-schema.js'
import { isConfigError } from './errors.js'
import type { KeySource } from './keys/key-source.js'
import type * as Keys from './keys/registry.js'
import { secretKeySource } from './keys/static.js'
import type { AuthEvent } from './events.js'
import {
  AUDIENCE,
  bearing,
  ISSUER,
  NOW,
  OPTIONS,
  SECRET,
  segment,
  signedText,
  tokenOf,
  viewOf,
  type Changes,
} from './tokens.test-support.js'
import { createVerifier, isVerifier, toVerifier, type Verifier } from './verifier.js'

// What a key source says between two questions is not for a test to time: where one is set, it takes the place.
const stub = vi.hoisted(() => ({ source: undefined as KeySource | undefined }))
vi.mock('./keys/registry.js', async (original) => {
  const registry = await original<typeof Keys>()
  return {
    ...registry,
    openKeySource: (config: Keys.KeySourceConfig): Keys.Lease =>
      stub.source ? { source: stub.source, release: () => undefined } : registry.openKeySource(config),
  }
})

type Options = Readonly<Record<string, unknown>>

function verifierOf(changes: Options = {}): Verifier<unknown> {
  return createVerifier({ ...OPTIONS, ...changes })
}

/** A schema that takes everything, after a wait. */
const SLOW: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: async (claims) => ({ value: claims }) },
}

/** The code and the detail of the error that `verify` rejects with; fails where it does not. */
async function refusedBy(verifier: Verifier<unknown>, token: string): Promise<unknown> {
  const error: unknown = await verifier.verify(token).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  )
  if (!isAuthError(error)) return error
  return { code: error.code, detail: error.detail }
}

const FORGED = `${tokenOf().slice(0, -43)}${'A'.repeat(43)}`

describe('verify', () => {
  test('gives the result of a good token', async () => {
    const auth = await createVerifier(OPTIONS).verify(tokenOf({ scope: 'read' }))
    expect(auth).toMatchObject({ issuer: ISSUER, subject: 'user-1', scopes: ['read'], proof: 'none' })
    expect(auth.claims.aud).toBe(AUDIENCE)
    expect(auth.token).toBe(tokenOf({ scope: 'read' }))
  })

  test.each<[string, string]>([
    ['token_malformed', 'abc'],
    ['token_malformed', ''],
    ['token_too_large', 'a'.repeat(16_385)],
    ['critical_header_rejected', tokenOf({}, { crit: ['x'] })],
    ['issuer_unknown', tokenOf({ iss: 'https://evil.example' })],
    ['algorithm_rejected', tokenOf({}, { alg: 'none' })],
    ['algorithm_rejected', tokenOf({}, { alg: 'RS256' })],
    ['type_rejected', tokenOf({}, { typ: 'logout+jwt' })],
    ['audience_mismatch', tokenOf({ aud: 'other' })],
    ['token_expired', tokenOf({ exp: NOW - 5 })],
    ['token_not_yet_valid', tokenOf({ nbf: NOW + 6 })],
    ['proof_required', tokenOf({ cnf: { jkt: 'x' } })],
    ['claim_missing', tokenOf({ exp: undefined })],
    ['claim_invalid', tokenOf({ sub: 5 })],
    ['signature_invalid', FORGED],
  ])('rejects with %s: %#', async (code, token) => {
    expect(await refusedBy(verifierOf(), token)).toMatchObject({ code })
  })

  test.each([undefined, null, 5, {}])(
    'rejects what is no string as any malformed token: %s',
    async (value) => {
      expect(await refusedBy(verifierOf(), value as never)).toMatchObject({
        code: 'token_malformed',
      })
    },
  )

  test('rejects a token that never expires, bears no secret, or was signed with another', async () => {
    const other = verifierOf({ secret: SECRET.toUpperCase() })
    expect(await refusedBy(other, tokenOf())).toMatchObject({ code: 'signature_invalid' })
  })

  test('takes a token up to the tolerance after its expiry, by the clock that it was given', async () => {
    let seconds = NOW + 604.999
    const verifier = verifierOf({ now: () => seconds * 1000 })
    await expect(verifier.verify(tokenOf())).resolves.toMatchObject({ subject: 'user-1' })
    seconds = NOW + 605
    expect(await refusedBy(verifier, tokenOf())).toMatchObject({ code: 'token_expired' })
  })

  test('refuses a token that runs out while its keys are waited for', async () => {
    const { jwks, sign: signToken } = keyPair()
    const times = [NOW, NOW + 700]
    const now = (): number => (times.shift() ?? 0) * 1000
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks, now })
    expect(await refusedBy(verifier, signToken())).toMatchObject({ code: 'token_expired' })
  })

  test('never tells a token, a key or the value of a claim in an error', async () => {
    const value = 'do-not-log-me'
    const tokens = ['iss', 'aud', 'sub', 'exp', 'nbf', 'iat', 'cnf', 'jti'].map((name) =>
      tokenOf({ [name]: { value } }),
    )
    for (const token of [...tokens, tokenOf({ aud: value }), tokenOf({ iss: value }), FORGED]) {
      // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
      const told = JSON.stringify(await refusedBy(verifierOf(), token))
      expect(told).toContain('"code"')
      for (const secret of [value, SECRET, token]) expect(told).not.toContain(secret)
    }
  })

  test.each(['__proto__'])('refuses a claims set with a member named %s', async (name) => {
    const text = signedText(
      '{"alg":"HS256"}',
      `{"iss":"${ISSUER}","aud":"${AUDIENCE}","exp":${NOW + 9},"${name}":{"admin":true}}`,
    )
    expect(await refusedBy(verifierOf(), text)).toMatchObject({ code: 'token_malformed' })
    expect(({} as Changes)['admin']).toBeUndefined()
  })

  test.each(['constructor', 'hasOwnProperty', 'toString', 'code', 'refusal', 'detail'])(
    'takes a claim named %s as any other: nothing in a token passes for a refusal of ours',
    async (name) => {
      const auth = await verifierOf().verify(tokenOf({ [name]: 'token_missing' }))
      expect((auth.claims as Changes)[name]).toBe('token_missing')
    },
  )
})

describe('several issuers', () => {
  const OTHER = 'https://other.example'
  const verifier = createVerifier({
    issuers: [
      { issuer: [ISSUER, 'https://old.example'], audience: AUDIENCE, secret: SECRET },
      { issuer: OTHER, audience: 'other-api', secret: SECRET.toUpperCase(), profile: 'at+jwt' },
    ],
    now: () => NOW * 1000,
  })

  test('each have their own keys, audience and profile', async () => {
    await expect(verifier.verify(tokenOf())).resolves.toMatchObject({ issuer: ISSUER })
    const wrongKey = { iss: OTHER, aud: 'other-api', client_id: 'app', iat: NOW, jti: '1' }
    expect(await refusedBy(verifier, tokenOf(wrongKey, { typ: 'at+jwt' }))).toMatchObject({
      code: 'signature_invalid',
    })
    expect(await refusedBy(verifier, tokenOf(wrongKey))).toMatchObject({ code: 'type_rejected' })
    expect(await refusedBy(verifier, tokenOf({ iss: OTHER }, { typ: 'at+jwt' }))).toMatchObject({
      code: 'audience_mismatch',
    })
  })

  test('may have several names, of which the result says the one in the token', async () => {
    await expect(verifier.verify(tokenOf({ iss: 'https://old.example' }))).resolves.toMatchObject({
      issuer: 'https://old.example',
    })
  })
})

/** A key of its own, as a JWKS and as what signs. */
function keyPair(): {
  readonly jwks: { readonly keys: readonly object[] }
  readonly sign: (claims?: Changes) => string
} {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk: object = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'ES256', use: 'sig' }
  return {
    jwks: { keys: [jwk] },
    sign: (claims = {}) => {
      const [, payload] = tokenOf(claims).split('.')
      const input = `${segment('{"alg":"ES256","kid":"key-1"}')}.${payload}`
      const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${input}.${signature.toString('base64url')}`
    },
  }
}

describe('keys', () => {
  test('that are given as an option verify a token', async () => {
    const { jwks, sign: signToken } = keyPair()
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, jwks, now: OPTIONS.now })
    await expect(verifier.verify(signToken())).resolves.toMatchObject({
      header: { alg: 'ES256', kid: 'key-1' },
    })
    expect(verifier.status()).toMatchObject({ health: 'ok', sources: [{ state: 'STATIC', kids: ['key-1'] }] })
  })

  test('that are given as an option and cannot be used are a ConfigError of ready and of verify', async () => {
    const verifier = createVerifier({
      issuer: ISSUER,
      audience: AUDIENCE,
      jwks: { keys: [{ kty: 'oct' }] },
      now: OPTIONS.now,
    })
    await expect(verifier.ready()).rejects.toSatisfy(isConfigError)
    await expect(verifier.verify(keyPair().sign())).rejects.toSatisfy(isConfigError)
  })

  test('that are withdrawn while something is waited for admit nothing', async () => {
    const real = secretKeySource(ISSUER, [new TextEncoder().encode(SECRET)])
    const holds = vi.fn<KeySource['holds']>(() => false)
    stub.source = { ...real, holds }
    const outcome = await refusedBy(verifierOf({ claims: SLOW }), tokenOf({}, { kid: 'key-1' }))
    stub.source = undefined
    expect(outcome).toEqual({ code: 'key_unknown', detail: 'the key was withdrawn while we checked' })
    const query = { kid: 'key-1', alg: 'HS256', algorithms: new Set(['HS256']) }
    expect(holds.mock.calls).toMatchObject([[query, { kid: undefined }]])
  })

  test('are asked for only when everything that can refuse without them has passed', async () => {
    const fetch = vi.fn<() => Promise<never>>(() => Promise.reject(new Error('offline')))
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, fetch, now: () => NOW * 1000 })
    const es256 = { alg: 'ES256', kid: 'a' }
    const early = [
      'abc',
      tokenOf({ iss: 'https://evil.example' }, es256),
      tokenOf({}, { alg: 'HS256' }),
      tokenOf({}, { ...es256, typ: 'logout+jwt' }),
      tokenOf({ exp: NOW - 9 }, es256),
      tokenOf({ aud: 'other' }, es256),
      tokenOf({ cnf: {} }, es256),
    ]
    for (const token of early) {
      // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
      expect(await refusedBy(verifier, token)).not.toMatchObject({ code: 'keys_unavailable' })
    }
    expect(fetch).not.toHaveBeenCalled()
    expect(await refusedBy(verifier, tokenOf({}, es256))).toMatchObject({ code: 'keys_unavailable' })
    expect(fetch).toHaveBeenCalled()
    await verifier.close()
  })
})

describe('authenticate', () => {
  test('finds the token of a request and gives its result', async () => {
    expect(await verifierOf().authenticate(bearing(tokenOf()))).toMatchObject({ subject: 'user-1' })
  })

  test('gives a refusal and never throws for what a caller sent', async () => {
    const verifier = verifierOf()
    expect(await verifier.authenticate(viewOf())).toMatchObject({ code: 'token_missing' })
    expect(await verifier.authenticate(viewOf({ authorization: 'Bearer a b' }))).toMatchObject({
      code: 'request_malformed',
    })
    expect(await verifier.authenticate(bearing(FORGED))).toMatchObject({ code: 'signature_invalid' })
  })

  const NO_TOKENS68 = [
    'a b',
    '\tabc',
    'abc ',
    'abc\n',
    '"abc"',
    '=',
    '=abc',
    'a=b',
    'abc\u0000',
    'abcé',
    'token="abc"',
    '{"payload":""}',
    `${tokenOf()} `,
    `${tokenOf().slice(0, -1)} `,
    `"${tokenOf()}"`,
    `a${' '.repeat(20_000)}b`,
  ]

  test.each(NO_TOKENS68)('refuses credentials that are no token68 (RFC 9110 §11.2): %j', async (text) => {
    const verifier = verifierOf()
    const found = {
      code: 'request_malformed',
      detail: 'the bearer credentials are no token68 (RFC 9110 §11.2)',
    }
    expect(await verifier.authenticate(viewOf({ authorization: `Bearer ${text}` }))).toEqual(found)
    const elsewhere = verifierOf({ tokenSources: [() => text] })
    expect(await elsewhere.authenticate(viewOf())).toEqual(found)
  })

  test.each(['a', 'AZaz09-._~+/', 'abc=', 'abc==', '+', 'Bearer'])(
    'takes the token68 %j for a token, a bad one',
    async (text) => {
      expect(await verifierOf().authenticate(bearing(text))).toMatchObject({ code: 'token_malformed' })
    },
  )

  test('holds a token that came without a request to no rule of HTTP', async () => {
    expect(await refusedBy(verifierOf(), 'a b')).toMatchObject({ code: 'token_malformed' })
  })

  test('asks the token sources that were given', async () => {
    const verifier = verifierOf({ tokenSources: [async () => tokenOf({ sub: 'from-elsewhere' })] })
    expect(await verifier.authenticate(viewOf())).toMatchObject({ subject: 'from-elsewhere' })
  })
})

function schemaOf(validate: StandardSchema['~standard']['validate']): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('a claims schema', () => {
  test('sees the frozen claims and makes those of the result', async () => {
    const validate = vi.fn<StandardSchema['~standard']['validate']>((claims) => ({
      value: { upper: String((claims as Changes)['sub']).toUpperCase() },
    }))
    const auth = await verifierOf({ claims: schemaOf(validate) }).verify(tokenOf({ roles: ['user'] }))
    expect(auth.claims).toEqual({ upper: 'USER-1' })
    expect(auth).toMatchObject({ subject: 'user-1', roles: ['user'] })
    expect(validate).toHaveBeenCalledOnce()
    expect(Object.isFrozen(validate.mock.calls[0]?.[0])).toBe(true)
  })

  test('is asked only after the signature', async () => {
    const validate = vi.fn<StandardSchema['~standard']['validate']>(() => ({ value: 1 }))
    expect(await refusedBy(verifierOf({ claims: schemaOf(validate) }), FORGED)).toMatchObject({
      code: 'signature_invalid',
    })
    expect(validate).not.toHaveBeenCalled()
  })

  test('refuses as claim_invalid, at once or later', async () => {
    const failure = { issues: [{ path: ['org_id'], message: 'user-1 is bad' }] }
    for (const validate of [() => failure, () => Promise.resolve(failure)]) {
      // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
      expect(await refusedBy(verifierOf({ claims: schemaOf(validate) }), tokenOf())).toEqual({
        code: 'claim_invalid',
        detail: 'the claims schema refused: org_id',
      })
    }
  })

  test('that outlasts the token does not prolong it', async () => {
    let seconds = NOW
    const slow = schemaOf(async (claims) => {
      seconds += 86_400
      return { value: claims }
    })
    const refused = await refusedBy(verifierOf({ claims: slow, now: () => seconds * 1000 }), tokenOf())
    expect(refused).toMatchObject({ code: 'token_expired' })
  })

  test('that throws is a bug and no refusal', async () => {
    const bug = new TypeError('bug')
    const verifier = verifierOf({
      claims: schemaOf(() => {
        throw bug
      }),
    })
    await expect(verifier.verify(tokenOf())).rejects.toBe(bug)
    await expect(verifier.authenticate(bearing(tokenOf()))).rejects.toBe(bug)
  })
})

describe('the functions of the user', () => {
  test('are asked only after the signature', async () => {
    const reader = vi.fn<() => readonly string[]>(() => ['admin'])
    const readers = { scopesClaim: reader, rolesClaim: reader, permissionsClaim: reader, groupsClaim: reader }
    expect(await refusedBy(verifierOf(readers), FORGED)).toMatchObject({ code: 'signature_invalid' })
    expect(reader).not.toHaveBeenCalled()
    await expect(verifierOf(readers).verify(tokenOf())).resolves.toMatchObject({ roles: ['admin'] })
    expect(reader).toHaveBeenCalledTimes(4)
  })
})

async function eventsOf(
  act: (verifier: Verifier<unknown>) => Promise<unknown>,
): Promise<readonly AuthEvent[]> {
  const events: AuthEvent[] = []
  const verifier = verifierOf({ observer: (event: AuthEvent) => events.push(event) })
  await act(verifier).catch(() => undefined)
  return events
}

describe('the observer', () => {
  test('sees an accepted token, without anything in it', async () => {
    const token = tokenOf()
    const events = await eventsOf((verifier) =>
      verifier.authenticate(bearing(token, { url: '/a?access_token=b' })),
    )
    expect(events).toEqual([
      {
        type: 'authenticated',
        issuer: ISSUER,
        memo: false,
        durationMs: expect.any(Number) as number,
        request: { method: 'GET', path: '/a' },
      },
    ])
    expect(JSON.stringify(events)).not.toContain('user-1')
    // Shorter than the time since the process began, which a sum of two moments is not.
    expect((events[0] as { durationMs: number }).durationMs).toBeLessThan(performance.now())
  })

  test('hears what happens to the keys', async () => {
    const observer = vi.fn<(event: AuthEvent) => void>()
    const verifier = verifierOf({ ...offline(), observer })
    await verifier.ready()
    await verifier.close()
    expect(observer.mock.calls).toMatchObject([[{ type: 'keys.outage', issuer: ISSUER }]])
  })

  test('that gives nothing to swallow leaves the count at nought, and so does none', async () => {
    for (const observer of [undefined, () => undefined, () => Promise.resolve()]) {
      const verifier = verifierOf({ observer })
      // oxlint-disable-next-line no-await-in-loop -- one verifier after the other
      await verifier.verify(tokenOf())
      expect(verifier.status().observerErrors).toBe(0)
    }
  })

  test('sees a refused request, and the issuer only where it is a configured one', async () => {
    const request = { method: 'GET', path: '/orders' }
    const refused = { type: 'rejected', request }
    expect(await eventsOf((verifier) => verifier.authenticate(bearing(FORGED)))).toMatchObject([
      { ...refused, code: 'signature_invalid', issuer: ISSUER },
    ])
    const stranger = bearing(tokenOf({ iss: 'https://evil.example' }))
    expect(await eventsOf((verifier) => verifier.authenticate(stranger))).toMatchObject([
      { ...refused, code: 'issuer_unknown', issuer: undefined },
    ])
    expect(await eventsOf((verifier) => verifier.authenticate(viewOf()))).toMatchObject([
      { ...refused, code: 'token_missing', issuer: undefined },
    ])
    expect(await eventsOf((verifier) => verifier.authenticate(bearing('abc')))).toMatchObject([
      { ...refused, code: 'token_malformed', issuer: undefined },
    ])
  })

  test('sees no request where there was none', async () => {
    expect(await eventsOf((verifier) => verifier.verify(tokenOf()))).toMatchObject([
      { type: 'authenticated', request: undefined },
    ])
    expect(await eventsOf((verifier) => verifier.verify('abc'))).toMatchObject([
      { type: 'rejected', code: 'token_malformed', request: undefined },
    ])
  })

  test('is told at start-up what an operator should know', () => {
    const observer = vi.fn<(event: AuthEvent) => void>()
    verifierOf({ audience: null, observer })
    expect(observer.mock.calls).toMatchObject([[{ type: 'config.notice', issuer: ISSUER }]])
  })

  test('may throw: that is swallowed and counted', async () => {
    const verifier = verifierOf({
      audience: null,
      observer: () => {
        throw new Error('the log is full')
      },
    })
    expect(verifier.status().observerErrors).toBe(1)
    await expect(verifier.verify(tokenOf())).resolves.toMatchObject({ subject: 'user-1' })
    expect(await refusedBy(verifier, 'abc')).toMatchObject({ code: 'token_malformed' })
    expect(verifier.status().observerErrors).toBe(3)
  })

  test('may reject later: that ends no process either', async () => {
    const verifier = verifierOf({ observer: () => Promise.reject(new Error('the log is full')) })
    await verifier.verify(tokenOf())
    await new Promise(setImmediate)
    expect(verifier.status().observerErrors).toBe(1)
  })
})

// A clock of its own: what is known of an issuer that is down is shared by all who go by one clock.
function offline(): Options {
  return { secret: undefined, fetch: () => Promise.reject(new Error('offline')), now: () => NOW * 1000 }
}

describe('ready, status and close', () => {
  test('a verifier with a secret is ready at once', async () => {
    expect(await verifierOf().ready({ failFast: true })).toMatchObject({
      health: 'ok',
      observerErrors: 0,
      sources: [{ issuer: ISSUER, state: 'STATIC' }],
    })
  })

  test('says nothing of a secret', () => {
    expect(JSON.stringify(verifierOf().status())).not.toContain(SECRET.slice(0, 8))
  })

  test('ready reports an issuer that is down, and throws only with failFast', async () => {
    const verifier = verifierOf(offline())
    expect(verifier.status().health).toBe('ok')
    expect(await verifier.ready()).toMatchObject({ health: 'down' })
    expect(await verifier.ready({ failFast: false })).toMatchObject({ health: 'down' })
    await expect(verifier.ready({ failFast: true })).rejects.toMatchObject({
      code: 'keys_unavailable',
      detail: 'an issuer has no keys that may be used: see status()',
    })
    await verifier.close()
  })

  test('a closed verifier answers 503 to every token that would need keys, also with static ones', async () => {
    const verifier = verifierOf()
    await verifier.close()
    expect(await verifier.authenticate(bearing(tokenOf()))).toEqual({
      code: 'keys_unavailable',
      detail: 'the verifier is closed',
      retryAfter: 1,
    })
    expect(await verifier.authenticate(bearing('abc'))).toMatchObject({ code: 'token_malformed' })
  })

  test('a verifier that closes while a token is checked answers 503, not that the key is unknown', async () => {
    const verifier = verifierOf({ claims: SLOW })
    const pending = refusedBy(verifier, tokenOf())
    await verifier.close()
    expect(await pending).toEqual({ code: 'keys_unavailable', detail: 'the verifier is closed' })
  })

  test('closing twice, and before anything was asked, is no mistake', async () => {
    const verifier = verifierOf(offline())
    await verifier.close()
    await verifier.close()
    expect(await verifier.ready()).toMatchObject({ health: 'down' })
    await expect(verifier.ready({ failFast: true })).rejects.toMatchObject({ code: 'keys_unavailable' })
  })

  test('a verifier closes with the block that declared it', async () => {
    const verifier = verifierOf(offline())
    await verifier[Symbol.asyncDispose]()
    expect(verifier.status()).toMatchObject({ health: 'down', sources: [{ state: 'CLOSED' }] })
  })
})

describe('createVerifier', () => {
  test('throws only a ConfigError, at once', () => {
    expect(() => createVerifier({ issuer: ISSUER } as never)).toThrow(/^audience: got undefined\. /)
    expect(() => createVerifier(undefined as never)).toThrow(/^options: got undefined\. /)
  })

  test('touches no network', () => {
    const fetch = vi.fn<() => Promise<never>>()
    createVerifier({ issuer: ISSUER, audience: AUDIENCE, fetch })
    expect(fetch).not.toHaveBeenCalled()
  })
})

describe('toVerifier', () => {
  test('gives a verifier as it is, and makes one of options', () => {
    const verifier = verifierOf()
    expect(toVerifier(verifier)).toBe(verifier)
    expect(isVerifier(toVerifier(OPTIONS))).toBe(true)
    expect(() => toVerifier({ issuer: ISSUER } as never)).toThrow(/^audience: /)
  })
})

describe('isVerifier', () => {
  test.each([undefined, null, 'verifier', {}, { authenticate: true }, () => undefined, OPTIONS])(
    'takes nothing else for one: %s',
    (value) => {
      expect(isVerifier(value)).toBe(false)
    },
  )
})
