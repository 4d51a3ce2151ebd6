import { optionalJwt, requireJwt } from '@require-jwt/koa'
import type { RequestListener } from 'node:http'
import jwksRsa from 'jwks-rsa'
import Koa, { type Middleware } from 'koa'
import jwt from 'koa-jwt'
import type { Pair } from '../support/compare.js'
import { ALGORITHMS, CLOCK_TOLERANCE, policyOf, STALE_MS, TTL_MS } from '../support/policy.js'

/** koa-jwt with jwks-rsa, and ours on Koa. */
export const koaJwtPair: Pair = {
  page: 'koa-jwt',
  library: 'koa-jwt',
  packages: ['koa-jwt', 'jwks-rsa'],
  adapter: '@require-jwt/koa',
  routes: ['/me', '/feed'],
  theirs(issuer) {
    const options = {
      // Its types know neither this secret nor the tolerance, which it hands on to jsonwebtoken.
      secret: jwksRsa.koaJwtSecret({
        jwksUri: `${issuer.issuer}/jwks`,
        cacheMaxAge: TTL_MS,
        cacheMaxAgeFallback: STALE_MS,
      }),
      algorithms: [...ALGORITHMS],
      issuer: issuer.issuer,
      audience: String(issuer.audience),
      clockTolerance: CLOCK_TOLERANCE,
    }
    return koaApp(jwt(options), jwt({ ...options, passthrough: true }))
  },
  ours: (issuer) => koaApp(requireJwt(policyOf(issuer)), optionalJwt(policyOf(issuer))),
}

function koaApp(required: Middleware, optional: Middleware): RequestListener {
  const app = new Koa()
  app.silent = true
  app.use((ctx, next) => (ctx.path === '/feed' ? optional : required)(ctx, next))
  app.use((ctx) => {
    ctx.body = {}
  })
  return app.callback()
}
