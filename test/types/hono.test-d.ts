import { Hono, type Context, type MiddlewareHandler } from 'hono'
import type { hc } from 'hono/client'
import {
  createVerifier,
  getAuth,
  getOptionalAuth,
  isAuthError,
  optionalJwt,
  requireJwt,
  requireRole,
  requireScope,
  requireThat,
  type Auth,
  type AuthEnv,
  type AuthEnvOf,
} from '@require-jwt/hono'
import { z } from 'zod'
import { expectType, type Equal, type Expect } from './expect.js'

const options = { issuer: 'https://login.example', audience: 'https://api.example' }
const verifier = createVerifier({ ...options, claims: z.object({ sub: z.string(), org_id: z.string() }) })

type Claims = Readonly<{ sub: string; org_id: string }>

// The chain types the handler: in a route, and by `use`.
new Hono().get('/org', requireJwt(verifier), requireScope('org:read'), (c) => {
  expectType<Auth<Claims>>()(c.var.auth)
  // @ts-expect-error the schema knows no such claim
  return c.json(c.var.auth.claims.tenant)
})
new Hono()
  .use(requireJwt(verifier))
  .use(requireRole('admin'))
  .get(
    '/orgs/:org',
    requireThat(verifier, (auth, c) => auth.claims.org_id === c.req.param('org')),
    (c) => {
      expectType<Auth<Claims>>()(c.var.auth)
      expectType<string>()(c.req.param('org'))
      return c.json(c.var.auth.claims.org_id)
    },
  )
new Hono().get('/me', requireJwt(options), (c) => {
  expectType<Auth>()(c.var.auth)
  return c.json(c.var.auth.claims.sub)
})
new Hono().get('/me', requireJwt({ ...options, claims: z.object({ org_id: z.string() }) }), (c) =>
  c.json({ org: c.var.auth.claims.org_id satisfies string }),
)

// An app that is not chained gets its environment by name.
const app = new Hono<AuthEnvOf<typeof verifier>>()
app.use(requireJwt(verifier))
app.get('/org', requireScope('org:read'), (c) => {
  expectType<Auth<Claims>>()(c.var.auth)
  return c.text(c.get('auth').claims.org_id)
})
export type Named = Expect<Equal<AuthEnvOf<typeof verifier>, AuthEnv<Claims>>>

// Beside variables of one's own.
const wide = new Hono<{ Variables: { locale: string } } & AuthEnvOf<typeof verifier>>()
wide.get('/', requireJwt(verifier), (c) => {
  expectType<string>()(c.var.locale)
  expectType<string>()(c.var.auth.claims.org_id)
  return c.body(null)
})

// Without requireJwt there is no `auth`.
new Hono().get('/open', (c) => {
  // @ts-expect-error nobody put it there
  return c.json(c.var.auth)
})

// Behind optionalJwt it may be missing.
new Hono().get('/feed', optionalJwt(verifier), (c) => {
  expectType<Auth<Claims> | undefined>()(c.var.auth)
  return c.text(c.var.auth?.claims.org_id ?? 'guest')
})

// Guards are the plain middleware type.
expectType<MiddlewareHandler>()(requireScope('orders:read'))

export function read(c: Context): void {
  expectType<Auth>()(getAuth(c))
  expectType<string>()(getAuth(c, verifier).claims.org_id)
  expectType<Auth | undefined>()(getOptionalAuth(c))
  expectType<string | undefined>()(getOptionalAuth(c, verifier)?.claims.org_id)
}

// A sub-app, and what hono's client knows of a protected route.
const sub = new Hono()
  .use(requireJwt(verifier))
  .get('/org', (c) => c.json({ org: c.var.auth.claims.org_id }, 200))
const whole = new Hono().route('/api', sub)
export type Client = ReturnType<typeof hc<typeof whole>>
export type Answer = Awaited<ReturnType<Awaited<ReturnType<Client['api']['org']['$get']>>['json']>>
export type Inferred = Expect<Equal<Answer, { org: string }>>

// An AuthError is ready to answer with: its status is one that Hono takes.
new Hono().onError(({ cause, message }, c) =>
  isAuthError(cause) ? c.json({ message }, cause.status, cause.headers) : c.text('bug', 500),
)
