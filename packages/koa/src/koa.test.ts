import { Router } from '@koa/router'
import { createTestIssuer } from '@require-jwt/testing'
import Koa from 'koa'
import Koa2 from 'koa2'
import request from 'supertest'
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
  { framework: 'Koa 3', create: () => new Koa() },
  { framework: 'Koa 2', create: () => new Koa2() as unknown as Koa },
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

const feed: Koa.Middleware = (ctx) => {
  ctx.body = { reader: getOptionalAuth(ctx)?.subject ?? 'guest', state: 'auth' in ctx.state }
}

describe.each(FRAMEWORKS)('$framework', ({ create }) => {
  let app: Koa
  let handlerRan: boolean
  let emitted: unknown[]

  beforeEach(() => {
    app = create()
    handlerRan = false
    emitted = []
    app.on('error', (error) => emitted.push(error))
  })

  const handler: Koa.Middleware = (ctx) => {
    handlerRan = true
    ctx.body = { sub: getAuth(ctx).subject }
  }
  const anonymous = (method: 'get' | 'head' = 'get', path = '/'): request.Test =>
    request(app.callback())[method](path)
  const get = async (claims?: Record<string, unknown>, path?: string): Promise<request.Response> =>
    anonymous('get', path).set(await issuer.headers(claims))

  describe('requireJwt', () => {
    test('hands the result of a good token to the handler', async () => {
      app.use(requireJwt(options)).use(handler)
      const { status, body, headers } = await get({ sub: 'ada' })
      expect({ status, body }).toEqual({ status: 200, body: { sub: 'ada' } })
      expect(headers).not.toHaveProperty('www-authenticate')
    })

    test('takes a verifier as well', async () => {
      app.use(requireJwt(createVerifier(options))).use(handler)
      expect((await get()).status).toBe(200)
    })

    test('puts the result into ctx.state.auth as well', async () => {
      app.use(requireJwt(options)).use((ctx) => {
        ctx.body = { same: ctx.state.auth === getAuth(ctx), sub: ctx.state.auth.claims.sub }
      })
      expect((await get({ sub: 'ada' })).body).toEqual({ same: true, sub: 'ada' })
    })

    test('answers a request without token with a challenge, and the handler never runs', async () => {
      app.use(requireJwt(options)).use(handler)
      const { status, headers, body } = await anonymous()
      expect(status).toBe(401)
      expect(headers).toMatchObject({
        'www-authenticate': 'Bearer realm="api"',
        'cache-control': 'no-store',
        'content-type': 'application/problem+json',
      })
      expect(body).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401 })
      expect(handlerRan).toBe(false)
    })

    test('a refusal is an ordinary answer: nothing is thrown, what is around it goes on', async () => {
      let statusAfter: number | undefined
      app.use(async (ctx, next) => {
        await next()
        statusAfter = ctx.status
      })
      app.use(requireJwt(options)).use(handler)
      await anonymous()
      expect(statusAfter).toBe(401)
      expect(emitted).toEqual([])
    })

    test('answers a bad token with invalid_token', async () => {
      app.use(requireJwt(options)).use(handler)
      const authorization = `Bearer ${await issuer.faultyToken('foreignKey')}`
      const { status, headers, body } = await anonymous().set({ authorization })
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe(
        'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
      )
      expect(body).toMatchObject({ error: 'invalid_token' })
      expect(handlerRan).toBe(false)
    })

    test('answers credentials that are none with 400', async () => {
      app.use(requireJwt(options)).use(handler)
      const { status, headers } = await anonymous().set('authorization', 'Bearer a b')
      expect(status).toBe(400)
      expect(headers['www-authenticate']).toContain('error="invalid_request"')
    })

    test('answers 503 where there are no keys, and does not blame the token', async () => {
      const unreachable = await createTestIssuer({ audience: 'https://api.example' })
      unreachable.goOffline()
      app.use(requireJwt(unreachable.options)).use(handler)
      const { status, headers } = await anonymous().set(await unreachable.headers())
      expect(status).toBe(503)
      expect(headers).toHaveProperty('retry-after')
      expect(headers).not.toHaveProperty('www-authenticate')
      expect(handlerRan).toBe(false)
    })

    test('answers as its second argument says, and so do the guards behind it', async () => {
      app.use(requireJwt(options, { realm: 'orders', scope: ['orders:read'], body: 'oauth' }))
      app.use(requireScope('orders:read')).use(handler)
      expect((await anonymous()).headers['www-authenticate']).toBe(
        'Bearer realm="orders", scope="orders:read"',
      )
      const refused = await get({ scope: 'profile' })
      expect(refused.headers['www-authenticate']).toContain('realm="orders"')
      expect(refused.headers['content-type']).toBe('application/json')
      expect(refused.body).toMatchObject({ error: 'insufficient_scope', scope: 'orders:read' })
    })

    test('sends a body of the app, or none', async () => {
      const bodies = [() => 'Log in first', () => ({ login: true }), () => undefined]
      const answers = await Promise.all(
        bodies.map((body) => request(create().use(requireJwt(options, { body })).callback()).get('/')),
      )
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [401, 'Log in first'],
        [401, '{"login":true}'],
        [401, ''],
      ])
    })

    test('sends no body for HEAD', async () => {
      app.use(requireJwt(options)).use(handler)
      const { status, headers, text } = await anonymous('head')
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
      expect(text).toBeFalsy()
    })

    test('leaves the headers of others alone, but for those that would let the answer be cached', async () => {
      app.use((ctx, next) => {
        ctx.set('Access-Control-Allow-Origin', 'https://app.example')
        ctx.set('Cache-Control', 'public, max-age=60')
        ctx.set('WWW-Authenticate', 'Basic realm="old"')
        return next()
      })
      app.use(requireJwt(options)).use(handler)
      expect((await anonymous()).headers).toMatchObject({
        'access-control-allow-origin': 'https://app.example',
        'cache-control': 'no-store',
        'www-authenticate': 'Basic realm="old", Bearer realm="api"',
      })
    })
  })

  describe('optionalJwt', () => {
    test('lets a request without token through as anonymous', async () => {
      app.use(optionalJwt(options)).use(feed)
      expect((await anonymous()).body).toEqual({ reader: 'guest', state: false })
    })

    test('hands on the result of a good token', async () => {
      app.use(optionalJwt(options)).use(feed)
      expect((await get({ sub: 'ada' })).body).toEqual({ reader: 'ada', state: true })
    })

    test('refuses a bad token all the same', async () => {
      app.use(optionalJwt(options)).use(handler)
      const authorization = `Bearer ${await issuer.faultyToken('expired')}`
      const { status, headers } = await anonymous().set({ authorization })
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toContain('error_description="The access token expired"')
      expect(handlerRan).toBe(false)
    })

    test('a guard behind it asks the anonymous for a token', async () => {
      app.use(optionalJwt(options)).use(requireScope('drafts')).use(handler)
      const { status, headers } = await anonymous()
      expect(status).toBe(401)
      expect(headers['www-authenticate']).toBe('Bearer realm="api"')
      expect(handlerRan).toBe(false)
    })

    test('getAuth behind it throws for the anonymous what Koa answers with 401', async () => {
      app.use(optionalJwt(options)).use(handler)
      const { status, headers, text } = await anonymous()
      expect({ status, text }).toEqual({ status: 401, text: 'An access token is required' })
      expect(headers).toMatchObject({ 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' })
      expect(emitted).toEqual([expect.objectContaining({ code: 'token_missing' })])
    })
  })

  describe('guards', () => {
    test.each(GUARDS)('$name lets through who has the right', async ({ guard, grants }) => {
      app.use(requireJwt(options)).use(guard).use(handler)
      expect((await get(grants)).status).toBe(200)
    })

    test.each(GUARDS)('$name refuses who has not, and the handler never runs', async ({ guard, refuses }) => {
      app.use(requireJwt(options)).use(guard).use(handler)
      const { status, headers, body } = await get(refuses)
      expect(status).toBe(403)
      expect(headers['www-authenticate']).toContain('error="insufficient_scope"')
      expect(headers['cache-control']).toBe('no-store')
      expect(body).toMatchObject({ status: 403, error: 'insufficient_scope' })
      expect(handlerRan).toBe(false)
    })

    test("a check of one's own sees the result and the context", async () => {
      const verifier = createVerifier(options)
      const router = new Router()
      const own = requireThat(verifier, (auth, ctx) => auth.subject === ctx['params'].user)
      router.get('/users/:user', requireJwt(verifier), own, handler)
      app.use(router.routes())
      expect((await get({ sub: 'ada' }, '/users/ada')).status).toBe(200)
      expect((await get({ sub: 'eve' }, '/users/ada')).status).toBe(403)
    })

    test.each([
      ['a promise of true', () => Promise.resolve(true), 200],
      ['false', () => false, 403],
      ['a promise of false', () => Promise.resolve(false), 403],
      ['a truthy object', () => ({ granted: true }) as unknown as boolean, 403],
      ['nothing, for want of a return', () => undefined as unknown as boolean, 403],
    ])("a check of one's own that returns %s", async (_, check, status) => {
      app.use(requireJwt(options)).use(requireThat(check)).use(handler)
      expect((await get()).status).toBe(status)
    })

    test("a check of one's own that throws is a bug: 500 through the framework", async () => {
      app
        .use(requireJwt(options))
        .use(requireThat(() => fail('bug')))
        .use(handler)
      expect((await get()).status).toBe(500)
      expect(emitted).toEqual([expect.objectContaining({ message: 'bug' })])
      expect(handlerRan).toBe(false)
    })

    test('never read ctx.state: what others write there changes nothing', async () => {
      const forged = { subject: 'eve', scopes: ['admin'], roles: ['admin'], claims: { scope: 'admin' } }
      app.use(requireJwt(options)).use((ctx, next) => {
        Object.assign(ctx.state, { auth: forged, user: forged })
        return next()
      })
      const router = new Router()
      router.get('/admin', requireScope('admin'), handler)
      router.get('/me', handler)
      app.use(router.routes())
      expect((await get({ sub: 'ada' }, '/admin')).status).toBe(403)
      expect((await get({ sub: 'ada' }, '/me')).body).toEqual({ sub: 'ada' })
    })

    test('a forged ctx.state does not stand in for requireJwt', async () => {
      app.use((ctx, next) => {
        Object.assign(ctx.state, { auth: { scopes: ['admin'] } })
        return next()
      })
      app.use(requireScope('admin')).use(handler)
      expect((await get()).status).toBe(500)
      expect(emitted).toEqual([expect.toSatisfy(isConfigError)])
      expect(handlerRan).toBe(false)
    })
  })

  describe("errors: 'forward'", () => {
    let caught: unknown

    beforeEach(() => {
      caught = undefined
    })

    const answer: Koa.Middleware = async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        caught = error
        if (!isAuthError(error)) throw error
        ctx.status = error.status
        ctx.set(error.headers)
        ctx.body = { code: error.code, message: error.message }
      }
    }

    test('throws an AuthError for the app to answer', async () => {
      app
        .use(answer)
        .use(requireJwt(options, { errors: 'forward' }))
        .use(handler)
      const { status, headers, body } = await anonymous()
      expect(caught).toBeInstanceOf(AuthError)
      expect({ status, body }).toEqual({
        status: 401,
        body: { code: 'token_missing', message: 'An access token is required' },
      })
      expect(headers).toMatchObject({ 'www-authenticate': 'Bearer realm="api"', 'cache-control': 'no-store' })
      expect(handlerRan).toBe(false)
    })

    test('holds for the guards behind it', async () => {
      app
        .use(answer)
        .use(requireJwt(options, { errors: 'forward' }))
        .use(requireScope('a'))
        .use(handler)
      const { status, body } = await get()
      expect({ status, body }).toMatchObject({ status: 403, body: { code: 'scope_insufficient' } })
      expect(handlerRan).toBe(false)
    })

    test('without a handler Koa answers with its status, headers and text, and logs nothing', async () => {
      const log = vi.spyOn(console, 'error').mockReturnValue()
      const quiet = create()
        .use(requireJwt(options, { errors: 'forward' }))
        .use(requireScope('orders:read'))
      const { status, headers, text } = await request(quiet.callback())
        .get('/')
        .set(await issuer.headers())
      expect({ status, text }).toEqual({
        status: 403,
        text: 'The access token lacks a right that this request needs',
      })
      expect(headers['www-authenticate']).toContain('scope="orders:read"')
      expect(headers['cache-control']).toBe('no-store')
      expect(log).not.toHaveBeenCalled()
    })

    test('does not throw for a good request', async () => {
      app
        .use(answer)
        .use(requireJwt(options, { errors: 'forward' }))
        .use(handler)
      expect((await get()).status).toBe(200)
      expect(caught).toBeUndefined()
    })
  })

  describe('several on one request', () => {
    test('the same verifier answers for itself: nothing is verified twice', async () => {
      const events: AuthEvent[] = []
      const verifier = createVerifier({ ...options, observer: (event) => events.push(event) })
      app.use(requireJwt(verifier)).use(requireJwt(verifier)).use(handler)
      expect((await get()).status).toBe(200)
      expect(events.filter(({ type }) => type === 'authenticated')).toHaveLength(1)
    })

    test('guards and getAuth take the latest, or that of the verifier they are given', async () => {
      const [first, second] = [createVerifier(options), createVerifier({ ...options, rolesClaim: 'duties' })]
      const router = new Router()
      router.use(requireJwt(first), requireJwt(second))
      router.get('/roles', (ctx) => {
        ctx.body = [getAuth(ctx).roles, getAuth(ctx, first).roles, ctx.state['auth'].roles]
      })
      router.get('/latest', requireRole('cook'), handler)
      router.get('/first', requireThat(first, hasRole('cook')), handler)
      app.use(router.routes())

      const claims = { roles: ['waiter'], duties: ['cook'] }
      expect((await get(claims, '/roles')).body).toEqual([['cook'], ['waiter'], ['cook']])
      expect((await get(claims, '/latest')).status).toBe(200)
      expect((await get(claims, '/first')).status).toBe(403)
    })

    test('getAuth for a verifier that did not run is a mistake in the set-up', async () => {
      const unused = createVerifier(options)
      app.use(requireJwt(options)).use((ctx) => {
        ctx.body = getAuth(ctx, unused).subject
      })
      expect((await get()).status).toBe(500)
      expect(emitted).toEqual([expect.toSatisfy(isConfigError)])
    })
  })

  test('in nested routers with prefixes it does the same, and reports the whole path', async () => {
    const events: AuthEvent[] = []
    const orders = new Router({ prefix: '/orders' })
    orders.get('/:id', requireScope('orders:read'), handler)
    const api = new Router({ prefix: '/api' })
    api.use(requireJwt({ ...options, observer: (event) => events.push(event) }))
    api.use(orders.routes(), orders.allowedMethods())
    app.use(api.routes())

    expect((await get({ scope: 'orders:read', sub: 'ada' }, '/api/orders/7')).body).toEqual({ sub: 'ada' })
    expect((await get({}, '/api/orders/7?page=2')).status).toBe(403)
    expect((await anonymous('get', '/api/orders/7')).status).toBe(401)
    const paths = events.flatMap((event) => (event.type === 'rejected' ? [event.request?.path] : []))
    expect(paths).toEqual(['/api/orders/7', '/api/orders/7'])
  })

  test('behind a mount that rewrites ctx.url the observer still sees what the client sent', async () => {
    const events: AuthEvent[] = []
    app.use((ctx, next) => {
      ctx.url = ctx.url.replace('/api', '')
      return next()
    })
    app.use(requireJwt({ ...options, observer: (event) => events.push(event) })).use(handler)
    await anonymous('get', '/api/me')
    expect(events).toEqual([expect.objectContaining({ request: { method: 'GET', path: '/api/me' } })])
  })

  test('fifty requests at once keep to their own results', async () => {
    const everybody = barrier(50)
    app.use(requireJwt(options)).use(async (ctx) => {
      await everybody()
      ctx.body = [getAuth(ctx).subject, ctx.state.auth.subject, ctx.get('x-sub')]
    })
    const server = app.listen(0, '127.0.0.1')
    const subjects = Array.from({ length: 50 }, (_, index) => `user-${index}`)
    const answers = await Promise.all(
      subjects.map(async (sub) =>
        request(server)
          .get('/')
          .set(await issuer.headers({ sub }))
          .set('x-sub', sub),
      ),
    )
    server.close()
    expect(answers.map(({ body }) => body)).toEqual(subjects.map((sub) => [sub, sub, sub]))
  })
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

test('getAuth of a context that no requireJwt saw is a mistake in the set-up', () => {
  expect(() => getAuth({})).toThrow(expect.toSatisfy(isConfigError))
  expect(() => getOptionalAuth({})).toThrow(expect.toSatisfy(isConfigError))
})

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
