import { createTestIssuer } from '@require-jwt/testing'
import { Hono, type Context, type Handler } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  allOf,
  anyOf,
  AuthError,
  ConfigError,
  createVerifier,
  getAuth,
  getOptionalAuth,
  hasRole,
  hasScope,
  isConfigError,
  optionalJwt,
  requireAnyGroup,
  requireAnyPermission,
  requireAnyRole,
  requireAnyScope,
  requireClaim,
  requireGroup,
  requireJwt,
  requirePermission,
  requireRole,
  requireScope,
  requireThat,
  type AuthEvent,
} from './index.js'

const issuer = await createTestIssuer({ audience: 'https://api.example' })
const { options } = issuer

const GUARDS = [
  { name: 'requireScope', guard: requireScope('a', 'b'), grants: { scope: 'b a' }, refuses: { scope: 'a' } },
  {
    name: 'requireAnyScope',
    guard: requireAnyScope('a', 'b'),
    grants: { scp: ['b'] },
    refuses: { scope: 'c' },
  },
  {
    name: 'requireRole',
    guard: requireRole('a', 'b'),
    grants: { roles: ['a', 'b'] },
    refuses: { roles: ['a'] },
  },
  {
    name: 'requireAnyRole',
    guard: requireAnyRole('a', 'b'),
    grants: { roles: ['b'] },
    refuses: { scope: 'a' },
  },
  {
    name: 'requirePermission',
    guard: requirePermission('a', 'b'),
    grants: { permissions: ['a', 'b'] },
    refuses: { permissions: ['b'] },
  },
  {
    name: 'requireAnyPermission',
    guard: requireAnyPermission('a', 'b'),
    grants: { permissions: ['b'] },
    refuses: { roles: ['b'] },
  },
  {
    name: 'requireGroup',
    guard: requireGroup('a', 'b'),
    grants: { groups: ['a', 'b'] },
    refuses: { groups: ['a'] },
  },
  {
    name: 'requireAnyGroup',
    guard: requireAnyGroup('a', 'b'),
    grants: { groups: ['b'] },
    refuses: { groups: [] },
  },
  {
    name: 'requireClaim',
    guard: requireClaim(['address', 'country'], 'AT'),
    grants: { address: { country: 'AT' } },
    refuses: { address: { country: 'XX' } },
  },
  {
    name: 'requireThat',
    guard: requireThat(anyOf(hasRole('admin'), allOf(hasScope('a'), hasScope('b')))),
    grants: { scope: 'a b' },
    refuses: { scope: 'a' },
  },
]

let app: Hono
let handlerRan: boolean

beforeEach(() => {
  app = new Hono()
  handlerRan = false
})

const handler: Handler = (c) => {
  handlerRan = true
  return c.json({ sub: getAuth(c).subject })
}
const get = async (path: string, claims?: Record<string, unknown>): Promise<Response> =>
  app.request(path, { headers: await issuer.headers(claims) })
const withFault = async (path: string, fault: 'expired' | 'foreignKey'): Promise<Response> =>
  app.request(path, { headers: { authorization: `Bearer ${await issuer.faultyToken(fault)}` } })

describe('requireJwt', () => {
  test('hands the result of a good token to the handler', async () => {
    app.use(requireJwt(options))
    app.get('/me', handler)
    const response = await get('/me', { sub: 'ada' })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ sub: 'ada' })
    expect(response.headers.has('www-authenticate')).toBe(false)
  })

  test('takes a verifier as well', async () => {
    app.get('/me', requireJwt(createVerifier(options)), handler)
    expect((await get('/me')).status).toBe(200)
  })

  test('puts the result into c.var.auth as well', async () => {
    app.get('/me', requireJwt(options), (c) => c.json([c.var.auth === getAuth(c), c.var.auth.claims.sub]))
    expect(await (await get('/me', { sub: 'ada' })).json()).toEqual([true, 'ada'])
  })

  test('answers a request without token with a challenge, and the handler never runs', async () => {
    app.use(requireJwt(options))
    app.get('/me', handler)
    const response = await app.request('/me')
    expect(response.status).toBe(401)
    expect(headersOf(response)).toEqual({
      'www-authenticate': 'Bearer realm="api"',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(await response.json()).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401 })
    expect(handlerRan).toBe(false)
  })

  test('a refusal is an ordinary answer: nothing is thrown, what is around it goes on', async () => {
    const onError = vi.fn<(error: Error, c: Context) => Response>()
    let statusAfter: number | undefined
    app.onError(onError)
    app.use(async (c, next) => {
      await next()
      statusAfter = c.res.status
      c.header('x-after', 'yes')
    })
    app.get('/me', requireJwt(options), handler)
    expect(headersOf(await app.request('/me'))).toMatchObject({ 'x-after': 'yes' })
    expect(statusAfter).toBe(401)
    expect(onError).not.toHaveBeenCalled()
  })

  test('answers a bad token with invalid_token', async () => {
    app.get('/me', requireJwt(options), handler)
    const response = await withFault('/me', 'foreignKey')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
    )
    expect(await response.json()).toMatchObject({ error: 'invalid_token' })
    expect(handlerRan).toBe(false)
  })

  test.each([
    ['credentials that are none', 'Bearer a b'],
    ['two Authorization fields, which fetch joins with a comma', 'Bearer a, Bearer b'],
  ])('answers %s with 400', async (_, authorization) => {
    app.get('/me', requireJwt(options), handler)
    const response = await app.request('/me', { headers: { authorization } })
    expect(response.status).toBe(400)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"')
  })

  test('answers 503 where there are no keys, and does not blame the token', async () => {
    const unreachable = await createTestIssuer({ audience: 'https://api.example' })
    unreachable.goOffline()
    app.get('/me', requireJwt(unreachable.options), handler)
    const response = await app.request('/me', { headers: await unreachable.headers() })
    expect(response.status).toBe(503)
    expect(headersOf(response)).toHaveProperty('retry-after')
    expect(headersOf(response)).not.toHaveProperty('www-authenticate')
    expect(handlerRan).toBe(false)
  })

  test('answers as its second argument says, and so do the guards behind it', async () => {
    const response = { realm: 'orders', scope: ['orders:read'], body: 'oauth' } as const
    app.get('/orders', requireJwt(options, response), requireScope('orders:read'), handler)
    const anonymous = await app.request('/orders')
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="orders", scope="orders:read"')
    const refused = await get('/orders', { scope: 'profile' })
    expect(refused.headers.get('www-authenticate')).toContain('realm="orders"')
    expect(refused.headers.get('content-type')).toBe('application/json')
    expect(await refused.json()).toMatchObject({ error: 'insufficient_scope', scope: 'orders:read' })
  })

  test('sends a body of the app, or none', async () => {
    const bodies = [() => 'Log in first', () => ({ login: true }), () => undefined]
    const answers = await Promise.all(
      bodies.map(async (body) => new Hono().use(requireJwt(options, { body })).request('/')),
    )
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
      'Log in first',
      '{"login":true}',
      '',
    ])
  })

  test('sends no body for HEAD', async () => {
    app.get('/me', requireJwt(options), handler)
    const response = await app.request('/me', { method: 'HEAD' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect(await response.text()).toBe('')
  })
})

// Hono keeps headers in two places: some set them by `c.header`, its CORS middleware on `c.res`.
describe.each([
  ['set by c.header', false],
  ['set by c.header, and others on c.res', true],
])('headers of others, %s', (_, onResponse) => {
  const origin = 'https://app.example'

  beforeEach(() => {
    if (onResponse) app.use(cors({ origin }))
    else app.use((c, next) => (c.header('Access-Control-Allow-Origin', origin), next()))
    app.use((c, next) => {
      c.header('Cache-Control', 'public, max-age=60')
      c.header('WWW-Authenticate', 'Basic realm="old"')
      return next()
    })
  })

  const expected = {
    'access-control-allow-origin': origin,
    'cache-control': 'no-store',
    'www-authenticate': 'Basic realm="old", Bearer realm="api"',
  }

  test('stay, but for those that would let the answer be cached', async () => {
    app.get('/me', requireJwt(options), handler)
    expect(headersOf(await app.request('/me', { headers: { origin } }))).toMatchObject(expected)
  })

  test.each([
    ["Hono's own error handler", undefined],
    ['one that answers with getResponse()', answerWithResponse],
  ])('stay in what is forwarded, with %s', async (_name, onError) => {
    if (onError) app.onError(onError)
    app.get('/me', requireJwt(options, { errors: 'forward' }), handler)
    const response = await app.request('/me', { headers: { origin } })
    expect(response.status).toBe(401)
    expect(headersOf(response)).toMatchObject(expected)
  })
})

describe('optionalJwt', () => {
  beforeEach(() => {
    app.get('/feed', optionalJwt(options), (c) =>
      c.json({ reader: getOptionalAuth(c)?.subject ?? 'guest', same: c.var.auth === getOptionalAuth(c) }),
    )
  })

  test('lets a request without token through as anonymous', async () => {
    expect(await (await app.request('/feed')).json()).toEqual({ reader: 'guest', same: true })
  })

  test('hands on the result of a good token', async () => {
    expect(await (await get('/feed', { sub: 'ada' })).json()).toEqual({ reader: 'ada', same: true })
  })

  test('refuses a bad token all the same', async () => {
    const response = await withFault('/feed', 'expired')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error_description="The access token expired"')
  })

  test('a guard behind it asks the anonymous for a token', async () => {
    app.get('/drafts', optionalJwt(options), requireScope('drafts'), handler)
    const response = await app.request('/drafts')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect(handlerRan).toBe(false)
  })

  test('getAuth behind it throws for the anonymous what Hono answers with 401', async () => {
    app.get('/me', optionalJwt(options), handler)
    const response = await app.request('/me')
    expect(response.status).toBe(401)
    expect(headersOf(response)).toMatchObject({
      'www-authenticate': 'Bearer realm="api"',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
  })

  test('whoever catches what getAuth throws answers as if nothing had happened', async () => {
    app.get('/me', optionalJwt(options), (c) => {
      try {
        return c.json(getAuth(c).subject)
      } catch (error) {
        return c.json(error instanceof HTTPException && error.cause instanceof AuthError && error.cause.code)
      }
    })
    const response = await app.request('/me')
    expect(await response.json()).toBe('token_missing')
    expect(headersOf(response)).toEqual({ 'content-type': 'application/json' })
  })
})

describe('guards', () => {
  test.each(GUARDS)('$name lets through who has the right', async ({ guard, grants }) => {
    app.get('/orders', requireJwt(options), guard, handler)
    expect((await get('/orders', grants)).status).toBe(200)
  })

  test.each(GUARDS)('$name refuses who has not, and the handler never runs', async ({ guard, refuses }) => {
    app.get('/orders', requireJwt(options), guard, handler)
    const response = await get('/orders', refuses)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ status: 403, error: 'insufficient_scope' })
    expect(handlerRan).toBe(false)
  })

  test("a check of one's own sees the result and the context", async () => {
    const verifier = createVerifier(options)
    const own = requireThat(verifier, (auth, c) => auth.subject === c.req.param('user'))
    app.get('/users/:user', requireJwt(verifier), own, handler)
    expect((await get('/users/ada', { sub: 'ada' })).status).toBe(200)
    expect((await get('/users/ada', { sub: 'eve' })).status).toBe(403)
  })

  test.each([
    ['a promise of true', () => Promise.resolve(true), 200],
    ['false', () => false, 403],
    ['a promise of false', () => Promise.resolve(false), 403],
    ['a truthy object', () => ({ granted: true }) as unknown as boolean, 403],
    ['nothing, for want of a return', () => undefined as unknown as boolean, 403],
  ])("a check of one's own that returns %s", async (_, check, status) => {
    app.get('/orders', requireJwt(options), requireThat(check), handler)
    expect((await get('/orders')).status).toBe(status)
  })

  test("a check of one's own that throws is a bug: 500 through the framework", async () => {
    app.onError((error, c) => c.text(error.message, 500))
    app.get(
      '/orders',
      requireJwt(options),
      requireThat(() => fail('bug')),
      handler,
    )
    const response = await get('/orders')
    expect([response.status, await response.text()]).toEqual([500, 'bug'])
    expect(handlerRan).toBe(false)
  })

  test('never read the variables of the context: what others write there changes nothing', async () => {
    const forged = { subject: 'eve', scopes: ['admin'], roles: ['admin'], claims: { scope: 'admin' } }
    app.use(requireJwt(options))
    app.use((c, next) => (c.set('auth' as never, forged as never), next()))
    app.get('/admin', requireScope('admin'), handler)
    app.get('/me', handler)
    expect((await get('/admin', { sub: 'ada' })).status).toBe(403)
    expect(await (await get('/me', { sub: 'ada' })).json()).toEqual({ sub: 'ada' })
  })

  test('without requireJwt before them they are a mistake in the set-up', async () => {
    let thrown: unknown
    app.onError((error, c) => {
      thrown = error
      return c.text(error.message, 500)
    })
    app.use((c, next) => (c.set('auth' as never, { scopes: ['admin'] } as never), next()))
    app.get('/admin', requireScope('admin'), handler)
    const response = await get('/admin', { scope: 'admin' })
    expect(response.status).toBe(500)
    expect(await response.text()).toMatch(/requireJwt.*npm ls @require-jwt\/core/)
    expect(isConfigError(thrown)).toBe(true)
    expect(handlerRan).toBe(false)
  })
})

describe("errors: 'forward'", () => {
  let thrown: unknown

  beforeEach(() => {
    thrown = undefined
    app.get('/orders', requireJwt(options, { errors: 'forward' }), requireScope('orders:read'), handler)
  })

  test('throws an HTTPException whose cause is the AuthError', async () => {
    app.onError((error, c) => {
      thrown = error
      const { cause } = error
      if (!(cause instanceof AuthError)) return c.text('bug', 500)
      return c.json({ code: cause.code, message: error.message }, 418, cause.headers)
    })
    const response = await app.request('/orders')
    expect(thrown).toBeInstanceOf(HTTPException)
    expect(response.status).toBe(418)
    expect(await response.json()).toEqual({ code: 'token_missing', message: 'An access token is required' })
    expect(headersOf(response)).toMatchObject({
      'www-authenticate': 'Bearer realm="api"',
      'cache-control': 'no-store',
    })
    expect(handlerRan).toBe(false)
  })

  test('its getResponse() is the whole answer', async () => {
    app.onError(answerWithResponse)
    const response = await get('/orders', { scope: 'profile' })
    expect(response.status).toBe(403)
    expect(headersOf(response)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(response.headers.get('www-authenticate')).toContain('scope="orders:read"')
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope', scope: 'orders:read' })
  })

  test("without a handler Hono's own answers the same", async () => {
    const response = await get('/orders')
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('scope="orders:read"')
    expect(await response.json()).toMatchObject({ error: 'insufficient_scope' })
  })

  test('does not throw for a good request', async () => {
    expect((await get('/orders', { scope: 'orders:read' })).status).toBe(200)
  })
})

describe('several on one request', () => {
  test('the same verifier answers for itself: nothing is verified twice', async () => {
    const events: AuthEvent[] = []
    const verifier = createVerifier({ ...options, observer: (event) => events.push(event) })
    app.get('/me', requireJwt(verifier), requireJwt(verifier), handler)
    expect((await get('/me')).status).toBe(200)
    expect(events.filter(({ type }) => type === 'authenticated')).toHaveLength(1)
  })

  test('guards and getAuth take the latest, or that of the verifier they are given', async () => {
    const [first, second] = [createVerifier(options), createVerifier({ ...options, rolesClaim: 'duties' })]
    app.use(requireJwt(first), requireJwt(second))
    app.get('/roles', (c) => c.json([getAuth(c).roles, getAuth(c, first).roles]))
    app.get('/latest', requireRole('cook'), handler)
    app.get('/first', requireThat(first, hasRole('cook')), handler)

    const claims = { roles: ['waiter'], duties: ['cook'] }
    expect(await (await get('/roles', claims)).json()).toEqual([['cook'], ['waiter']])
    expect((await get('/latest', claims)).status).toBe(200)
    expect((await get('/first', claims)).status).toBe(403)
  })

  test('getAuth for a verifier that did not run is a mistake in the set-up', async () => {
    const unused = createVerifier(options)
    app.onError((error, c) => c.json({ isConfigError: isConfigError(error) }, 500))
    app.get('/me', requireJwt(options), (c) => c.json(getAuth(c, unused).subject))
    const response = await get('/me')
    expect([response.status, await response.json()]).toEqual([500, { isConfigError: true }])
  })
})

test('in a sub-app under a base path it does the same, and reports the whole path', async () => {
  const events: AuthEvent[] = []
  const orders = new Hono().get('/:id', requireScope('orders:read'), handler)
  const api = new Hono().basePath('/api')
  api.use(requireJwt({ ...options, observer: (event) => events.push(event) }))
  api.route('/orders', orders)
  app.route('/', api)

  expect(await (await get('/api/orders/7', { scope: 'orders:read', sub: 'ada' })).json()).toEqual({
    sub: 'ada',
  })
  expect((await get('/api/orders/7?page=2')).status).toBe(403)
  expect((await app.request('/api/orders/7')).status).toBe(401)
  const paths = events.flatMap((event) => (event.type === 'rejected' ? [event.request?.path] : []))
  expect(paths).toEqual(['/api/orders/7', '/api/orders/7'])
})

test("a sub-app's own error handler gets what is forwarded", async () => {
  const sub = new Hono().get('/', requireJwt(options, { errors: 'forward' }), handler)
  sub.onError((error, c) => c.text(`sub: ${error.message}`, 401))
  app.onError((_error, c) => c.text('app', 500))
  app.route('/sub', sub)
  expect(await (await app.request('/sub')).text()).toBe('sub: An access token is required')
})

test('fifty requests at once keep to their own results', async () => {
  const everybody = barrier(50)
  app.get('/me', requireJwt(options), async (c) => {
    await everybody()
    return c.json([getAuth(c).subject, c.var.auth.subject, c.req.header('x-sub')])
  })
  const subjects = Array.from({ length: 50 }, (_, index) => `user-${index}`)
  const answers = await Promise.all(
    subjects.map(async (sub) => {
      const headers = { ...(await issuer.headers({ sub })), 'x-sub': sub }
      return (await app.request('/me', { headers })).json()
    }),
  )
  expect(answers).toEqual(subjects.map((sub) => [sub, sub, sub]))
})

describe('mistakes in the set-up are told when the middleware is made', () => {
  test.each([
    ['no audience', () => requireJwt({ issuer: 'https://login.example' } as never), /audience/],
    ['a wrong name', () => optionalJwt({ ...options, jwks_uri: 'https://x.example' } as never), /jwksUri/],
    ['a wrong second argument', () => requireJwt(options, { errors: 'throw' } as never), /errors/],
    ['two scopes in one', () => requireScope('a b'), /hasScope/],
    ['the same role twice', () => requireRole('a', 'a'), /hasRole/],
    ['no check', () => requireThat(undefined as never), /requireThat/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  })
})

function answerWithResponse(error: Error, c: Context): Response {
  return error instanceof HTTPException ? error.getResponse() : c.text('bug', 500)
}

function headersOf(response: Response): Record<string, string> {
  return Object.fromEntries(response.headers)
}

function fail(message: string): never {
  throw new Error(message)
}

/** Resolves for all when as many as `count` wait: so that requests are certain to overlap. */
function barrier(count: number): () => Promise<void> {
  let waiting = 0
  let open: () => void
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    waiting += 1
    if (waiting === count) open()
    return opened
  }
}
