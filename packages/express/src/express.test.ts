import { createServer } from 'node:http'
import { createTestIssuer } from '@require-jwt/testing'
import express, { type ErrorRequestHandler, type Express } from 'express'
import express4 from 'express4'
import request from 'supertest'
import { beforeEach, describe, expect, test } from 'vitest'
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
  isAuthError,
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

// To this file both have the same face; what each of them types is for the type tests.
const FRAMEWORKS = [
  { framework: 'Express 5', create: express },
  { framework: 'Express 4', create: express4 as unknown as typeof express },
]

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

describe.each(FRAMEWORKS)('$framework', ({ create }) => {
  let app: Express
  let handlerRan: boolean

  beforeEach(() => {
    app = create()
    handlerRan = false
  })

  const handler: express.RequestHandler = (req, res) => {
    handlerRan = true
    res.json({ sub: getAuth(req).subject })
  }
  const get = async (path: string, claims?: Record<string, unknown>): Promise<request.Response> =>
    request(app)
      .get(path)
      .set(await issuer.headers(claims))

  describe('requireJwt', () => {
    test('hands the result of a good token to the handler', async () => {
      app.use(requireJwt(options))
      app.get('/me', handler)

      const { status, body, headers } = await get('/me', { sub: 'ada' })
      expect({ status, body }).toEqual({ status: 200, body: { sub: 'ada' } })
      expect(headers).not.toHaveProperty('www-authenticate')
    })

    test('takes a verifier as well', async () => {
      app.get('/me', requireJwt(createVerifier(options)), handler)
      expect((await get('/me')).status).toBe(200)
    })

    test('answers a request without token with a challenge, and the handler never runs', async () => {
      app.use(requireJwt(options))
      app.get('/me', handler)

      const { status, headers, body } = await request(app).get('/me')
      expect(status).toBe(401)
      expect(headers).toMatchObject({
        'www-authenticate': 'Bearer realm="api"',
        'cache-control': 'no-store',
        'content-type': 'application/problem+json',
      })
      expect(body).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401 })
      expect(handlerRan).toBe(false)
    })

    test('answers a bad token with invalid_token', async () => {
      app.get('/me', requireJwt(options), handler)

      const { status, headers, body } = await request(app)
        .get('/me')
        .set('authorization', `Bearer ${await issuer.faultyToken('foreignKey')}`)
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
      )
      expect(body).toMatchObject({ error: 'invalid_token' })
      expect(handlerRan).toBe(false)
    })

    test('answers credentials that are none with 400', async () => {
      app.get('/me', requireJwt(options), handler)
      const { status, headers } = await request(app).get('/me').set('authorization', 'Bearer a b')
      expect(status).toBe(400)
      expect(headers['www-authenticate']).toContain('error="invalid_request"')
    })

    test('answers 503 where there are no keys, and does not blame the token', async () => {
      const unreachable = await createTestIssuer({ audience: 'https://api.example' })
      unreachable.goOffline()
      app.get('/me', requireJwt(unreachable.options), handler)

      const { status, headers } = await request(app)
        .get('/me')
        .set(await unreachable.headers())
      expect(status).toBe(503)
      expect(headers).toHaveProperty('retry-after')
      expect(headers).not.toHaveProperty('www-authenticate')
      expect(handlerRan).toBe(false)
    })

    test('answers as its second argument says, and so do the guards behind it', async () => {
      const response = { realm: 'orders', scope: ['orders:read'], body: 'oauth' } as const
      app.get('/orders', requireJwt(options, response), requireScope('orders:read'), handler)

      const anonymous = await request(app).get('/orders')
      expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="orders", scope="orders:read"')
      const refused = await get('/orders', { scope: 'profile' })
      expect(refused.headers['www-authenticate']).toContain('realm="orders"')
      expect(refused.body).toMatchObject({ error: 'insufficient_scope', scope: 'orders:read' })
      expect(refused.headers['content-type']).toBe('application/json')
    })

    test('sends no body for HEAD', async () => {
      app.use(requireJwt(options))
      app.get('/me', handler)

      const { status, headers, text } = await request(app).head('/me')
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
      expect(text).toBeFalsy()
    })

    test('leaves the headers of others alone, but for those that would let the answer be cached', async () => {
      app.use((_req, res, next) => {
        res.set('Access-Control-Allow-Origin', 'https://app.example')
        res.set('Cache-Control', 'public, max-age=60')
        res.set('WWW-Authenticate', 'Basic realm="old"')
        next()
      })
      app.get('/me', requireJwt(options), handler)

      const { headers } = await request(app).get('/me')
      expect(headers).toMatchObject({
        'access-control-allow-origin': 'https://app.example',
        'cache-control': 'no-store',
        'www-authenticate': 'Basic realm="old", Bearer realm="api"',
      })
    })
  })

  describe('optionalJwt', () => {
    beforeEach(() => {
      app.get('/feed', optionalJwt(options), (req, res) => {
        res.json({ reader: getOptionalAuth(req)?.subject ?? 'guest' })
      })
    })

    test('lets a request without token through as anonymous', async () => {
      expect((await request(app).get('/feed')).body).toEqual({ reader: 'guest' })
    })

    test('hands on the result of a good token', async () => {
      expect((await get('/feed', { sub: 'ada' })).body).toEqual({ reader: 'ada' })
    })

    test('refuses a bad token all the same', async () => {
      const authorization = `Bearer ${await issuer.faultyToken('expired')}`
      const { status, headers } = await request(app).get('/feed').set({ authorization })
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toContain('error_description="The access token expired"')
    })

    test('a guard behind it asks the anonymous for a token', async () => {
      app.get('/drafts', optionalJwt(options), requireScope('drafts'), handler)
      const { status, headers } = await request(app).get('/drafts')
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
    })

    test('getAuth behind it throws for the anonymous what Express answers with 401', async () => {
      app.get('/me', optionalJwt(options), handler)
      const { status, headers } = await request(app).get('/me')
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
    })

    test('what getAuth throws reaches the error handler as an AuthError', async () => {
      app.get('/me', optionalJwt(options), handler)
      app.use(showError)
      const { body } = await request(app).get('/me')
      expect(body).toEqual({ code: 'token_missing', message: 'An access token is required' })
    })
  })

  describe('guards', () => {
    test.each(GUARDS)('$name lets through who has the right', async ({ guard, grants }) => {
      app.get('/orders', requireJwt(options), guard, handler)
      expect((await get('/orders', grants)).status).toBe(200)
    })

    test.each(GUARDS)('$name refuses who has not, and the handler never runs', async ({ guard, refuses }) => {
      app.get('/orders', requireJwt(options), guard, handler)
      const { status, headers, body } = await get('/orders', refuses)
      expect(status).toBe(403)
      expect(headers['www-authenticate']).toContain('error="insufficient_scope"')
      expect(headers['cache-control']).toBe('no-store')
      expect(body).toMatchObject({ status: 403, error: 'insufficient_scope' })
      expect(handlerRan).toBe(false)
    })

    test('a missing scope is named, a missing role is not', async () => {
      app.get('/scope', requireJwt(options), requireScope('orders:read', 'orders:write'), handler)
      app.get('/role', requireJwt(options), requireRole('admin'), handler)
      const scope = await get('/scope', { scope: 'orders:read' })
      expect(scope.headers['www-authenticate']).toContain('scope="orders:read orders:write"')
      const role = await get('/role')
      expect(JSON.stringify([role.headers, role.body])).not.toContain('admin')
    })

    test("a check of one's own sees the result and the request", async () => {
      const verifier = createVerifier(options)
      app.get(
        '/users/:user',
        requireJwt(verifier),
        requireThat(
          verifier,
          (auth, req: express.Request<{ user: string }>) => auth.subject === req.params.user,
        ),
        handler,
      )
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
      app.get(
        '/orders',
        requireJwt(options),
        requireThat(() => fail('bug')),
        handler,
      )
      app.use(showError)
      const { status, body } = await get('/orders')
      expect({ status, body }).toEqual({ status: 500, body: { message: 'bug' } })
      expect(handlerRan).toBe(false)
    })

    test('never read what others left on the request', async () => {
      const forged = { subject: 'eve', scopes: ['admin'], roles: ['admin'], claims: { scope: 'admin' } }
      app.use(requireJwt(options), (req, _res, next) => {
        Object.assign(req, { auth: forged, user: forged })
        next()
      })
      app.get('/admin', requireScope('admin'), handler)
      app.get('/me', handler)
      expect((await get('/admin', { sub: 'ada' })).status).toBe(403)
      expect((await get('/me', { sub: 'ada' })).body).toEqual({ sub: 'ada' })
    })

    test('without requireJwt before them they are a mistake in the set-up', async () => {
      app.get('/orders', requireScope('orders:read'), handler)
      app.use(showError)
      const { status, body } = await get('/orders', { scope: 'orders:read' })
      expect(status).toBe(500)
      expect(body.message).toMatch(/requireJwt.*npm ls @require-jwt\/core/)
      expect(handlerRan).toBe(false)
    })
  })

  describe("errors: 'forward'", () => {
    let forwarded: unknown

    beforeEach(() => {
      forwarded = undefined
      app.use(requireJwt(options, { errors: 'forward' }))
      app.get('/orders', requireScope('orders:read'), handler)
    })

    const answer: ErrorRequestHandler = (error: unknown, _req, res, next) => {
      forwarded = error
      if (!isAuthError(error)) return next(error)
      res.status(error.status).set(error.headers).json({ code: error.code, message: error.message })
    }

    test('gives the error handler of the app an AuthError, ready to answer with', async () => {
      app.use(answer)
      const { status, headers, body } = await request(app).get('/orders')
      expect(forwarded).toBeInstanceOf(AuthError)
      expect({ status, body }).toEqual({
        status: 401,
        body: { code: 'token_missing', message: 'An access token is required' },
      })
      expect(headers).toMatchObject({ 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' })
      expect(handlerRan).toBe(false)
    })

    test('holds for the guards behind it', async () => {
      app.use(answer)
      const { status, body } = await get('/orders')
      expect({ status, body }).toMatchObject({ status: 403, body: { code: 'scope_insufficient' } })
      expect(handlerRan).toBe(false)
    })

    test('without an error handler Express answers with its status and headers', async () => {
      const { status, headers } = await get('/orders')
      expect(status).toBe(403)
      expect(headers['www-authenticate']).toContain('scope="orders:read"')
    })

    test('does not forward a good request', async () => {
      app.use(answer)
      expect((await get('/orders', { scope: 'orders:read' })).status).toBe(200)
      expect(forwarded).toBeUndefined()
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
      app.get('/roles', (req, res) => res.json([getAuth(req).roles, getAuth(req, first).roles]))
      app.get('/latest', requireRole('cook'), handler)
      app.get('/first', requireThat(first, hasRole('cook')), handler)

      const claims = { roles: ['waiter'], duties: ['cook'] }
      expect((await get('/roles', claims)).body).toEqual([['cook'], ['waiter']])
      expect((await get('/latest', claims)).status).toBe(200)
      expect((await get('/first', claims)).status).toBe(403)
    })

    test('getAuth for a verifier that did not run is a mistake in the set-up', async () => {
      const unused = createVerifier(options)
      app.get('/me', requireJwt(options), (req, res) => res.json(getAuth(req, unused)))
      app.use(showError)
      const { status, body } = await get('/me')
      expect(status).toBe(500)
      expect(body.message).toContain('the verifier that was named did not run')
    })
  })

  describe('mounted', () => {
    test('in a router, a sub-app and under a path it does the same, and reports the whole path', async () => {
      const events: AuthEvent[] = []
      const jwt = requireJwt({ ...options, observer: (event) => events.push(event) })
      const router = create.Router()
      router.get('/:id', requireScope('orders:read'), handler)
      const sub = create()
      sub.use('/orders', router)
      app.use('/api', jwt, sub)

      expect((await get('/api/orders/7', { scope: 'orders:read', sub: 'ada' })).body).toEqual({ sub: 'ada' })
      expect((await get('/api/orders/7?page=2')).status).toBe(403)
      expect((await request(app).get('/api/orders/7')).status).toBe(401)
      const paths = events.flatMap((event) => (event.type === 'rejected' ? [event.request?.path] : []))
      expect(paths).toEqual(['/api/orders/7', '/api/orders/7'])
    })

    test('protects what comes after it, and nothing before', async () => {
      app.get('/open', (_req, res) => res.json('open'))
      app.use(requireJwt(options))
      app.get('/closed', handler)
      expect((await request(app).get('/open')).status).toBe(200)
      expect((await request(app).get('/closed')).status).toBe(401)
      expect((await request(app).get('/nowhere')).status).toBe(401)
    })
  })

  test('fifty requests at once keep to their own results', async () => {
    const everybody = barrier(50)
    app.use(requireJwt(options))
    app.get('/me', (req, res, next) => {
      everybody().then(() => res.json([getAuth(req).subject, req.get('x-sub')]), next)
    })
    const server = app.listen(0, '127.0.0.1')
    const subjects = Array.from({ length: 50 }, (_, index) => `user-${index}`)
    const answers = await Promise.all(
      subjects.map(async (sub) =>
        request(server)
          .get('/me')
          .set(await issuer.headers({ sub }))
          .set('x-sub', sub),
      ),
    )
    server.close()
    expect(answers.map(({ body }) => body)).toEqual(subjects.map((sub) => [sub, sub]))
  })

  test('an answer that comes too late is dropped', async () => {
    app.use((_req, res, next) => {
      res.status(504).end()
      next()
    })
    app.get('/me', requireJwt(options), handler)
    expect((await request(app).get('/me')).status).toBe(504)
    expect(handlerRan).toBe(false)
  })

  test('writes nothing on the request', async () => {
    let before: readonly PropertyKey[] = []
    app.use((req, _res, next) => {
      before = Reflect.ownKeys(req)
      next()
    })
    app.use(requireJwt(options))
    app.use((req, res) => res.json(Reflect.ownKeys(req).filter((key) => !before.includes(key))))
    expect((await get('/')).body).toEqual([])
  })
})

test('serves plain node:http, as everything connect-shaped does', async () => {
  const [authenticate, authorize] = [requireJwt(options), requireScope('orders:read')]
  const server = createServer((req, res) => {
    const fail500 = (): void => void res.writeHead(500).end()
    authenticate(req, res, (error) => {
      if (error) return fail500()
      authorize(req, res, (refused) => {
        if (refused) return fail500()
        res.end(getAuth(req).subject)
      })
    })
  })

  const anonymous = await request(server).get('/')
  expect(anonymous.status).toBe(401)
  expect(anonymous.headers['www-authenticate']).toBe('Bearer realm="api"')
  expect(
    (
      await request(server)
        .get('/')
        .set(await issuer.headers())
    ).status,
  ).toBe(403)
  const granted = await request(server)
    .get('/')
    .set(await issuer.headers({ scope: 'orders:read', sub: 'ada' }))
  expect({ status: granted.status, text: granted.text }).toEqual({ status: 200, text: 'ada' })
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

test('getAuth of a request that no requireJwt saw is a mistake in the set-up', () => {
  expect(() => getAuth({})).toThrow(expect.toSatisfy(isConfigError))
  expect(() => getOptionalAuth({})).toThrow(expect.toSatisfy(isConfigError))
})

// What an app's own error handler makes of an error: enough to look at.
const showError: ErrorRequestHandler = (error: Partial<AuthError>, _req, res, _next) => {
  res.status(error.status ?? 500).json({ code: error.code, message: error.message })
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
