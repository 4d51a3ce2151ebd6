import { describe, expect, test, vi } from 'vitest'
import { createAdapter, type Adapter, type AdapterParts } from './adapter.js'
import type { Answer } from './answer.js'
import { isAuthError } from './auth-error.js'
import { isConfigError } from './errors.js'
import type { AuthEvent } from './events.js'
import { hasProof, hasScope } from './guards/requirement.js'
import type { ProofFactory, ProofMethod } from './proof/proof-method.js'
import { refuse } from './refusal.js'
import type { ResponseOptions } from './response-options.js'
import { messageOf, NOW, OPTIONS, thrownBy, tokenOf, viewOf } from './tokens.test-support.js'
import { createVerifier, type Verifier } from './verifier.js'

/** The request of a tiny framework, and what became of it. */
interface Exchange {
  readonly method: string
  readonly fields: Readonly<Record<string, string | readonly string[]>>
  answer?: Answer
  auth?: unknown
  /** For the answer of the app. */
  responseFields?: Readonly<Record<string, string>>
}

/** A middleware: true means that the next one is to run. */
type Middleware = (exchange: Exchange) => boolean | Promise<boolean>

const PARTS: AdapterParts<Middleware, Exchange> = {
  view: ({ method, fields }) => viewOf(fields, { method }),
  middleware: (step) => async (exchange) => {
    const { answer, auth, fields } = await step(exchange)
    if (answer) exchange.answer = answer
    if (auth) exchange.auth = auth
    if (fields) exchange.responseFields = fields
    return answer === undefined
  },
}

const adapter: Adapter<Middleware, Exchange> = createAdapter(PARTS)

/** Runs middlewares one after the other; tells whether the handler behind them would have run. */
async function run(exchange: Exchange, ...middlewares: readonly Middleware[]): Promise<boolean> {
  for (const middleware of middlewares) {
    // oxlint-disable-next-line no-await-in-loop -- a middleware runs when the one before it has let the request go on
    if (!(await middleware(exchange))) return false
  }
  return true
}

function bearing(token: string, method = 'GET'): Exchange {
  return { method, fields: { authorization: `Bearer ${token}` } }
}

function anonymous(method = 'GET'): Exchange {
  return { method, fields: {} }
}

function preflight(): Exchange {
  return {
    method: 'OPTIONS',
    fields: { origin: 'https://app.example', 'access-control-request-method': 'PUT' },
  }
}

function watched(options: object = {}): { readonly verifier: Verifier; readonly events: AuthEvent[] } {
  const events: AuthEvent[] = []
  return {
    events,
    verifier: createVerifier({ ...OPTIONS, ...options, observer: (event) => events.push(event) }),
  }
}

const GOOD = tokenOf({ scope: 'read', roles: ['user'] })
const EXPIRED = tokenOf({ exp: NOW - 60 })
const { getAuth, getOptionalAuth, optionalJwt, requireJwt, requireRole, requireScope, requireThat } = adapter

describe('requireJwt', () => {
  test('lets a good token pass, and gives its result to the framework', async () => {
    const exchange = bearing(GOOD)
    expect(await run(exchange, requireJwt(OPTIONS))).toBe(true)
    expect(exchange.answer).toBeUndefined()
    expect(exchange.auth).toMatchObject({ subject: 'user-1' })
    expect(exchange.auth).toBe(getAuth(exchange))
    expect(getOptionalAuth(exchange)).toBe(exchange.auth)
  })

  test('answers without a token and with a bad one, and no handler runs', async () => {
    const refused: readonly (readonly [Exchange, number])[] = [
      [anonymous(), 401],
      [bearing(EXPIRED), 401],
      [bearing('a b'), 400],
      [{ method: 'GET', fields: { authorization: ['Bearer a', 'Bearer b'] } }, 400],
    ]
    for (const [exchange, status] of refused) {
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      expect(await run(exchange, requireJwt(OPTIONS))).toBe(false)
      expect(exchange.answer?.status).toBe(status)
      expect(exchange.auth).toBeUndefined()
    }
  })

  test('answers as it is told to', async () => {
    const exchange = anonymous()
    await run(exchange, requireJwt(OPTIONS, { realm: 'orders', scope: ['read'], body: () => 'no' }))
    expect(exchange.answer).toMatchObject({
      appended: { 'WWW-Authenticate': 'Bearer realm="orders", scope="read"' },
      body: 'no',
    })
  })

  test('answers HEAD without a body', async () => {
    const exchange = anonymous('HEAD')
    await run(exchange, requireJwt(OPTIONS))
    expect(exchange.answer).toMatchObject({ status: 401, body: undefined })
  })

  test('throws a ConfigError for wrong options when it is called', () => {
    expect(isConfigError(thrownBy(() => requireJwt({} as never)))).toBe(true)
    expect(messageOf(() => requireJwt(OPTIONS, { errors: 'throw' } as never))).toMatch(
      /^errors: got "throw"\./,
    )
    expect(messageOf(() => optionalJwt(OPTIONS, { realm: '"' }))).toMatch(/^realm: got/)
  })

  test('lets a bug pass as what it is', async () => {
    const bug = new TypeError('bug')
    const claims = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () => {
          throw bug
        },
      },
    } as const
    await expect(run(bearing(GOOD), requireJwt({ ...OPTIONS, claims }))).rejects.toBe(bug)
  })
})

describe('optionalJwt', () => {
  test('lets a request without a token pass as anonymous', async () => {
    const { verifier, events } = watched()
    const exchange = anonymous()
    expect(await run(exchange, optionalJwt(verifier))).toBe(true)
    expect(exchange.auth).toBeUndefined()
    expect(getOptionalAuth(exchange)).toBeUndefined()
    expect(events).toEqual([])
    expect(thrownBy(() => getAuth(exchange))).toMatchObject({ code: 'token_missing', status: 401 })
    expect(events).toMatchObject([{ type: 'rejected', code: 'token_missing' }])
  })

  test('refuses a token that is bad, and gives the result of a good one', async () => {
    const bad = bearing(EXPIRED)
    expect(await run(bad, optionalJwt(OPTIONS))).toBe(false)
    expect(bad.answer?.status).toBe(401)
    const malformed = bearing('a b')
    expect(await run(malformed, optionalJwt(OPTIONS))).toBe(false)
    const good = bearing(GOOD)
    expect(await run(good, optionalJwt(OPTIONS))).toBe(true)
    expect(getOptionalAuth(good)).toMatchObject({ subject: 'user-1' })
  })

  test('leaves it to a guard to answer an anonymous request with the challenge', async () => {
    const { verifier, events } = watched()
    const exchange = anonymous()
    expect(await run(exchange, optionalJwt(verifier, { realm: 'orders' }), requireScope('read'))).toBe(false)
    expect(exchange.answer).toMatchObject({
      status: 401,
      appended: { 'WWW-Authenticate': 'Bearer realm="orders"' },
    })
    expect(events).toMatchObject([{ type: 'rejected', code: 'token_missing' }])
  })
})

describe('a guard', () => {
  test('lets pass who has the right, and answers 403 who has not', async () => {
    expect(await run(bearing(GOOD), requireJwt(OPTIONS), requireScope('read'), requireRole('user'))).toBe(
      true,
    )
    const exchange = bearing(GOOD)
    expect(await run(exchange, requireJwt(OPTIONS), requireScope('write'))).toBe(false)
    expect(exchange.answer).toMatchObject({ status: 403 })
    expect(exchange.answer?.appended['WWW-Authenticate']).toContain('scope="write"')
  })

  test('answers the way of the requireJwt before it', async () => {
    const exchange = bearing(GOOD)
    await run(exchange, requireJwt(OPTIONS, { realm: 'orders', body: 'oauth' }), requireRole('admin'))
    expect(exchange.answer?.headers['Content-Type']).toBe('application/json')
    expect(exchange.answer?.appended['WWW-Authenticate']).toMatch(
      /^Bearer realm="orders", error="insufficient_scope"/,
    )
  })

  test('tells the observer of its refusal, once', async () => {
    const { verifier, events } = watched()
    await run(bearing(GOOD), requireJwt(verifier), requireRole('admin'))
    expect(events).toMatchObject([
      { type: 'authenticated' },
      {
        type: 'rejected',
        code: 'role_insufficient',
        detail: 'the route demands: admin',
        issuer: OPTIONS.issuer,
        request: { method: 'GET', path: '/orders' },
      },
    ])
  })

  test('shows a check the request', async () => {
    const exchange = bearing(GOOD)
    const check = vi.fn<(auth: unknown, request: Exchange) => boolean>(() => true)
    expect(await run(exchange, requireJwt(OPTIONS), requireThat(check))).toBe(true)
    expect(check).toHaveBeenCalledExactlyOnceWith(getAuth(exchange), exchange)
  })

  test('fails with a ConfigError, not with 401, where no requireJwt ran', async () => {
    const failure = await run(bearing(GOOD), requireScope('read')).catch((error: unknown) => error)
    expect(isConfigError(failure)).toBe(true)
    expect(failure).toHaveProperty(
      'message',
      expect.stringMatching(/^A guard: neither requireJwt nor optionalJwt ran/),
    )
  })

  test('believes nothing that stands on the request', async () => {
    const exchange = { ...bearing(GOOD), auth: { scopes: ['read'], claims: {} } }
    await expect(run(exchange, requireScope('read'))).rejects.toSatisfy(isConfigError)
  })

  test('refuses also where the app went on after a refusal', async () => {
    const exchange = bearing(EXPIRED)
    await requireJwt(OPTIONS)(exchange)
    expect(await run(exchange, requireScope('read'))).toBe(false)
    expect(exchange.answer).toMatchObject({ status: 401 })
  })
})

describe('several passes on one request', () => {
  test('verify nothing twice for one verifier', async () => {
    const { verifier, events } = watched()
    const exchange = bearing(GOOD)
    expect(await run(exchange, requireJwt(verifier), optionalJwt(verifier), requireJwt(verifier))).toBe(true)
    expect(events).toMatchObject([{ type: 'authenticated' }])
  })

  test('answer the second way where the same verifier ran first as optional', async () => {
    const { verifier } = watched()
    const exchange = anonymous()
    expect(await run(exchange, optionalJwt(verifier), requireJwt(verifier, { realm: 'second' }))).toBe(false)
    expect(exchange.answer?.appended).toEqual({ 'WWW-Authenticate': 'Bearer realm="second"' })
  })

  test('run each verifier for itself; the latest counts, and each can be asked for', async () => {
    const first = createVerifier({ ...OPTIONS, rolesClaim: () => ['first'] })
    const second = createVerifier({ ...OPTIONS, rolesClaim: () => ['second'] })
    const exchange = bearing(GOOD)
    expect(await run(exchange, requireJwt(first), requireJwt(second), requireRole('second'))).toBe(true)
    expect(getAuth(exchange).roles).toEqual(['second'])
    expect(getAuth(exchange, first).roles).toEqual(['first'])
    expect(getOptionalAuth(exchange, first)?.roles).toEqual(['first'])
    expect(
      await run(
        exchange,
        requireThat(first, (auth) => auth.roles.includes('first')),
      ),
    ).toBe(true)
    expect(
      await run(
        exchange,
        requireThat(second, (auth) => auth.roles.includes('first')),
      ),
    ).toBe(false)
  })

  test('are a ConfigError where the verifier that is asked for did not run', async () => {
    const exchange = bearing(GOOD)
    const other = createVerifier(OPTIONS)
    await run(exchange, requireJwt(OPTIONS))
    expect(messageOf(() => getAuth(exchange, other))).toMatch(
      /^getAuth: the verifier that was named did not run/,
    )
    expect(messageOf(() => getOptionalAuth(exchange, other))).toMatch(
      /^getOptionalAuth: the verifier that was named/,
    )
    await expect(run(exchange, requireThat(other, hasScope('read')))).rejects.toThrow(
      /^A guard: the verifier that was/,
    )
  })
})

describe('getAuth', () => {
  test('is a ConfigError where no middleware ran', () => {
    expect(messageOf(() => getAuth(anonymous()))).toMatch(/^getAuth: neither requireJwt nor optionalJwt ran/)
    expect(messageOf(() => getOptionalAuth(anonymous()))).toMatch(/^getOptionalAuth: neither requireJwt nor/)
  })

  test('throws the refusal of a bad token, for getOptionalAuth as well', async () => {
    const exchange = bearing(EXPIRED)
    await run(exchange, requireJwt(OPTIONS, { realm: 'orders' }))
    for (const read of [getAuth, getOptionalAuth]) {
      const error = thrownBy(() => read(exchange))
      expect(isAuthError(error)).toBe(true)
      expect(error).toMatchObject({
        code: 'token_expired',
        headers: { 'WWW-Authenticate': expect.stringContaining('realm="orders"') as string },
      })
    }
  })
})

describe('a CORS preflight', () => {
  test('is refused by default, and the operator is told what to do', async () => {
    const { verifier, events } = watched()
    const exchange = preflight()
    expect(await run(exchange, requireJwt(verifier))).toBe(false)
    expect(exchange.answer?.status).toBe(401)
    expect(events).toMatchObject([
      {
        code: 'token_missing',
        detail: 'CORS preflight reached requireJwt: mount the CORS middleware before it',
      },
    ])
  })

  test("passes with preflight: 'pass', guards included, and has no result", async () => {
    const { verifier, events } = watched({ preflight: 'pass' })
    const exchange = preflight()
    expect(
      await run(
        exchange,
        requireJwt(verifier),
        requireScope('read'),
        requireThat(() => false),
      ),
    ).toBe(true)
    expect(exchange.auth).toBeUndefined()
    expect(getOptionalAuth(exchange)).toBeUndefined()
    expect(events).toEqual([])
    expect(thrownBy(() => getAuth(exchange))).toMatchObject({
      code: 'token_missing',
      detail: 'a CORS preflight',
    })
    expect(events).toMatchObject([{ type: 'rejected', code: 'token_missing', detail: 'a CORS preflight' }])
  })

  test("is no other OPTIONS request: that is challenged also with preflight: 'pass'", async () => {
    const { verifier } = watched({ preflight: 'pass' })
    expect(await run(anonymous('OPTIONS'), requireJwt(verifier))).toBe(false)
    expect(await run(bearing(EXPIRED, 'OPTIONS'), requireJwt(verifier))).toBe(false)
  })
})

describe("errors: 'forward'", () => {
  const FORWARD: ResponseOptions = { errors: 'forward', realm: 'orders' }

  test('throws the AuthError, with the challenge, and tells the observer', async () => {
    const { verifier, events } = watched()
    const exchange = bearing(EXPIRED)
    const error: unknown = await run(exchange, requireJwt(verifier, FORWARD)).catch(
      (thrown: unknown) => thrown,
    )
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'token_expired',
      status: 401,
      headers: { 'WWW-Authenticate': expect.stringContaining('realm="orders"') as string },
    })
    expect(exchange.answer).toBeUndefined()
    expect(events).toMatchObject([{ code: 'token_expired' }])
  })

  test('throws in a guard as well', async () => {
    const failing = run(bearing(GOOD), requireJwt(OPTIONS, FORWARD), requireRole('admin'))
    await expect(failing).rejects.toMatchObject({ code: 'role_insufficient', status: 403 })
  })

  test("throws in the framework's idiom, where it has one", async () => {
    const toThrow = vi.fn<NonNullable<AdapterParts<Middleware, Exchange>['toThrow']>>((error, answer) => ({
      own: error.code,
      answer,
    }))
    const other = createAdapter<Middleware, Exchange>({ ...PARTS, toThrow })
    const exchange = anonymous('HEAD')
    await expect(run(exchange, other.requireJwt(OPTIONS, FORWARD))).rejects.toMatchObject({
      own: 'token_missing',
      answer: { status: 401, body: undefined },
    })
    expect(thrownBy(() => other.getAuth(exchange))).toMatchObject({ own: 'token_missing' })
    expect(toThrow).toHaveBeenCalledTimes(2)
  })
})

/** A proof method that a test made up. */
function proving(check: ProofMethod['check'], required = false): readonly ProofFactory[] {
  const challenge = [['algs', 'ES256']] as const
  return [() => ({ kind: 'dpop', scheme: 'DPoP', member: 'jkt', required, challenge, check })]
}

function underDpop(token: string): Exchange {
  return { method: 'GET', fields: { authorization: `DPoP ${token}` } }
}

describe('a proof of possession', () => {
  const NONCE = { 'DPoP-Nonce': 'nonce-1' }
  const ALGS = 'algs="ES256"'
  const INVALID = 'error="invalid_token", error_description="The access token is not valid here"'
  const BOUND = tokenOf({ cnf: { jkt: 'thumbprint-1' } })

  const HOLDS = proving(() => ({ fields: undefined }))

  /** The challenge of what was answered. */
  function challengeOf(exchange: Exchange): string | undefined {
    return exchange.answer?.appended['WWW-Authenticate']
  }

  test('that holds gives the framework what it has for the answer of the app', async () => {
    const verifier = createVerifier({ ...OPTIONS, proofs: proving(() => ({ fields: NONCE })) })
    for (const middleware of [requireJwt(verifier), optionalJwt(verifier)]) {
      const exchange = underDpop(BOUND)
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      expect(await run(exchange, middleware)).toBe(true)
      expect(exchange.responseFields).toEqual(NONCE)
      expect(exchange.auth).toMatchObject({ proof: 'dpop' })
    }
  })

  test('that has nothing for it gives nothing, and neither does a bearer token', async () => {
    const verifier = createVerifier({ ...OPTIONS, proofs: HOLDS })
    for (const exchange of [underDpop(BOUND), bearing(GOOD)]) {
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      expect(
        await run(
          exchange,
          requireJwt(verifier),
          requireThat(() => true),
        ),
      ).toBe(true)
      expect(exchange.responseFields).toBeUndefined()
    }
  })

  test('that does not hold is answered with what the refusal has, and nothing is left for the app', async () => {
    const refusal = refuse('dpop_nonce_required', 'why', { fields: NONCE })
    const exchange = underDpop(BOUND)
    expect(await run(exchange, requireJwt({ ...OPTIONS, proofs: proving(() => refusal) }))).toBe(false)
    expect(exchange.answer).toMatchObject({ status: 401, headers: NONCE })
    expect(challengeOf(exchange)).toBe(
      `Bearer realm="api", DPoP error="use_dpop_nonce", ` +
        `error_description="Resource server requires nonce in DPoP proof"`,
    )
    expect(exchange.responseFields).toBeUndefined()
  })

  test.each<[string, Exchange, string]>([
    ['no token', anonymous(), `Bearer realm="api", DPoP ${ALGS}`],
    ['a bad bearer token', bearing('abc'), `Bearer realm="api", ${INVALID}, DPoP ${ALGS}`],
    ['a bad DPoP token', underDpop('abc'), `Bearer realm="api", DPoP ${INVALID}, ${ALGS}`],
    ['a bound bearer token', bearing(BOUND), `Bearer realm="api", ${INVALID}, DPoP ${ALGS}`],
    ['an unbound DPoP token', underDpop(GOOD), `Bearer realm="api", DPoP ${INVALID}, ${ALGS}`],
  ])('makes its scheme part of the challenge: %s', async (_, exchange, challenge) => {
    expect(await run(exchange, requireJwt({ ...OPTIONS, proofs: HOLDS }))).toBe(false)
    expect(challengeOf(exchange)).toBe(challenge)
  })

  test('that every token must have leaves Bearer out, but to who used it', async () => {
    const verifier = createVerifier({ ...OPTIONS, proofs: proving(() => ({ fields: undefined }), true) })
    const [none, bearer] = [anonymous(), bearing(GOOD)]
    await run(none, requireJwt(verifier))
    await run(bearer, requireJwt(verifier))
    expect(challengeOf(none)).toBe(`DPoP ${ALGS}`)
    expect(challengeOf(bearer)).toBe(`Bearer realm="api", ${INVALID}, DPoP ${ALGS}`)
  })

  test('is what a guard goes by in its challenge: the error is for the scheme that was used', async () => {
    const verifier = createVerifier({ ...OPTIONS, proofs: HOLDS })
    const LACKS = /error="insufficient_scope"/
    const [dpop, bearer] = [underDpop(BOUND), bearing(GOOD)]
    expect(await run(dpop, requireJwt(verifier), requireRole('admin'))).toBe(false)
    expect(await run(bearer, requireJwt(verifier), requireRole('admin'))).toBe(false)
    const [ofDpop = '', ofBearer = ''] = [challengeOf(dpop), challengeOf(bearer)]
    expect(ofDpop.split('DPoP ').map((part) => LACKS.test(part))).toEqual([false, true])
    expect(ofBearer.split('DPoP ').map((part) => LACKS.test(part))).toEqual([true, false])
  })

  test('is what a guard may demand', async () => {
    const verifier = createVerifier({ ...OPTIONS, proofs: HOLDS })
    const demanding = [requireJwt(verifier), requireThat(hasProof('dpop'))]
    expect(await run(underDpop(BOUND), ...demanding)).toBe(true)
    const bearer = bearing(GOOD)
    expect(await run(bearer, ...demanding)).toBe(false)
    expect(bearer.answer).toMatchObject({ status: 401 })
    expect(challengeOf(bearer)).toBe(`Bearer realm="api", ${INVALID}, DPoP ${ALGS}`)
  })

  test('is checked once for a verifier, however often it is asked', async () => {
    const check = vi.fn<ProofMethod['check']>(() => ({ fields: NONCE }))
    const verifier = createVerifier({ ...OPTIONS, proofs: proving(check) })
    expect(await run(underDpop(BOUND), optionalJwt(verifier), requireJwt(verifier))).toBe(true)
    expect(check).toHaveBeenCalledOnce()
  })

  test('stands in what is thrown as well', async () => {
    const refusal = refuse('dpop_nonce_required', 'why', { fields: NONCE })
    const verifier = createVerifier({ ...OPTIONS, proofs: proving(() => refusal) })
    const exchange = underDpop(BOUND)
    const thrown: unknown = await run(exchange, requireJwt(verifier, { errors: 'forward' })).catch(
      (error: unknown) => error,
    )
    for (const error of [
      thrown,
      thrownBy(() => getAuth(exchange)),
      thrownBy(() => getOptionalAuth(exchange)),
    ]) {
      expect(error).toMatchObject({
        code: 'dpop_nonce_required',
        headers: {
          ...NONCE,
          'WWW-Authenticate': expect.stringMatching(
            /^Bearer realm="api", DPoP error="use_dpop_nonce", /,
          ) as string,
        },
      })
    }
  })

  test("is in the answer that the framework's own error is made of", async () => {
    const toThrow = vi.fn<NonNullable<AdapterParts<Middleware, Exchange>['toThrow']>>((error) => error)
    const other = createAdapter<Middleware, Exchange>({ ...PARTS, toThrow })
    const exchange = anonymous()
    const failing = run(exchange, other.requireJwt({ ...OPTIONS, proofs: HOLDS }, { errors: 'forward' }))
    await expect(failing).rejects.toMatchObject({ code: 'token_missing' })
    const [, answer] = toThrow.mock.calls[0] ?? []
    expect(answer?.appended).toEqual({ 'WWW-Authenticate': `Bearer realm="api", DPoP ${ALGS}` })
  })
})

function foreign(result: unknown): Verifier {
  return { ...createVerifier(OPTIONS), authenticate: async () => result } as unknown as Verifier
}

describe('a verifier of another copy, or one that a test made up', () => {
  test('gives its result', async () => {
    const auth = { claims: { sub: 'a' }, scopes: ['read'] }
    const exchange = anonymous()
    expect(await run(exchange, requireJwt(foreign(auth)), requireScope('read'))).toBe(true)
    expect(getAuth(exchange)).toBe(auth)
  })

  test('gives a result that proves nothing, whatever it says, and challenges for Bearer alone', async () => {
    const auth = { claims: {}, proof: 'dpop', kinds: ['dpop'], fields: { 'DPoP-Nonce': 'nonce-1' } }
    const exchange = anonymous()
    expect(await run(exchange, requireJwt(foreign(auth)), requireThat(hasProof('dpop')))).toBe(false)
    expect(exchange.responseFields).toBeUndefined()
    expect(exchange.answer?.appended['WWW-Authenticate']).toMatch(
      /^Bearer realm="api", error="invalid_token"/,
    )
    expect(exchange.answer?.appended['WWW-Authenticate']).not.toContain('DPoP')
  })

  test('gives its refusal, with which guards answer and getAuth fails as well', async () => {
    const exchange = bearing(GOOD)
    expect(await run(exchange, requireJwt(foreign(refuse('token_expired', 'why'))))).toBe(false)
    expect(exchange.answer?.status).toBe(401)
    expect(await run(exchange, requireScope('read'))).toBe(false)
    expect(thrownBy(() => getAuth(exchange))).toMatchObject({ code: 'token_expired' })
    expect(await run(anonymous(), optionalJwt(foreign(refuse('token_missing'))))).toBe(true)
  })

  test.each([{}, 'yes', true, { code: 'only_a_newer_copy_knows_this', detail: undefined }])(
    'lets nothing pass that is neither: %j',
    async (result) => {
      const failure = await run(anonymous(), requireJwt(foreign(result))).catch((error: unknown) => error)
      expect(isConfigError(failure)).toBe(true)
      expect(failure).toHaveProperty('message', expect.stringMatching(/gave neither a result nor a refusal/))
    },
  )

  test.each([undefined, null])('lets nothing pass that is nothing: %s', async (result) => {
    await expect(run(anonymous(), requireJwt(foreign(result)))).rejects.toThrow(TypeError)
  })
})
