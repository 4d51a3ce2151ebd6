import { Router } from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import Koa2 from 'koa2'
import {
  createVerifier,
  getAuth,
  getOptionalAuth,
  optionalJwt,
  requireJwt,
  requireRole,
  requireScope,
  requireThat,
  type Auth,
  type AuthState,
} from '@require-jwt/koa'
import { z } from 'zod'
import { expectType } from './expect.js'

const options = { issuer: 'https://login.example', audience: 'https://api.example' }
const verifier = createVerifier({ ...options, claims: z.object({ sub: z.string(), org_id: z.string() }) })

type Claims = Readonly<{ sub: string; org_id: string }>

// `use` after `use`: the state of the one is that of the next.
new Koa().use(requireJwt(verifier)).use((ctx) => {
  expectType<Auth<Claims>>()(ctx.state.auth)
  ctx.body = ctx.state.auth.claims.org_id
})
new Koa().use(requireJwt(options)).use((ctx) => {
  expectType<Auth>()(ctx.state.auth)
  ctx.body = ctx.state.auth.claims.sub
})
new Koa().use(requireJwt({ ...options, claims: z.object({ org_id: z.string() }) })).use((ctx) => {
  expectType<string>()(ctx.state.auth.claims.org_id)
})

// A guard adds nothing to the state and takes nothing from it.
const guard: Middleware = requireScope('orders:read')
new Koa()
  .use(requireJwt(verifier))
  .use(guard)
  .use(requireRole('admin'))
  .use(requireThat(verifier, (auth) => auth.claims.org_id === 'acme'))
  .use((ctx) => {
    expectType<Auth<Claims>>()(ctx.state.auth)
    // @ts-expect-error the schema knows no such claim
    ctx.body = ctx.state.auth.claims.tenant
  })

// Beside state of one's own.
new Koa<{ locale: string }>().use(requireJwt(verifier)).use((ctx) => {
  expectType<string>()(ctx.state.locale)
  expectType<Auth<Claims>>()(ctx.state.auth)
})

// Without requireJwt there is no `auth`.
new Koa<{}>().use((ctx) => {
  // @ts-expect-error nobody put it there
  ctx.body = ctx.state.auth
})

// Behind optionalJwt it may be missing.
new Koa<{}>().use(optionalJwt(verifier)).use((ctx) => {
  expectType<Auth<Claims> | undefined>()(ctx.state.auth)
  ctx.body = ctx.state.auth?.claims.org_id ?? 'guest'
})

// @koa/router: in a route, and for the whole router.
const router = new Router()
router.get('/orgs/:org', requireJwt(verifier), (ctx) => {
  expectType<Auth<Claims>>()(ctx.state.auth)
  ctx.body = ctx.state.auth.claims.org_id
})
router.get('/orders/:id', requireJwt(verifier), requireScope('orders:read'), (ctx) => {
  expectType<string>()(getAuth(ctx, verifier).claims.org_id)
  ctx.body = ctx.params
})
const orders = new Router<AuthState<Claims>>().use(requireScope('orders:read'))
orders.get('/orders', requireScope('orders:read'), (ctx) => {
  expectType<Auth<Claims>>()(ctx.state.auth)
})
new Koa().use(requireJwt(verifier)).use(orders.routes()).use(orders.allowedMethods())

// Koa 2, with its own types.
new Koa2()
  .use(requireJwt(verifier))
  .use(requireScope('orders:read'))
  .use((ctx) => {
    expectType<string>()(ctx.state.auth.claims.org_id)
    ctx.body = getAuth(ctx, verifier).claims.org_id
  })

// What a check of one's own gets is Koa's context.
requireThat(verifier, (auth, ctx) => {
  expectType<string>()(auth.claims.org_id)
  return auth.claims.org_id === ctx.get('x-org')
})

export function read(ctx: Context): void {
  expectType<Auth>()(getAuth(ctx))
  expectType<string>()(getAuth(ctx, verifier).claims.org_id)
  expectType<Auth | undefined>()(getOptionalAuth(ctx))
  expectType<string | undefined>()(getOptionalAuth(ctx, verifier)?.claims.org_id)
}
