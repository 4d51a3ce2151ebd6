import type { Middleware } from 'koa'
import type { RequestListener } from 'node:http'
import { JOSE_SETUP, joseCheck, ourOptions, type Server, type Where } from './server.js'

/** Servers on Koa. */
export const onKoa: readonly Server[] = [
  {
    name: 'Koa',
    framework: 'Koa',
    kind: 'limit',
    packages: ['koa'],
    setup: 'one route, no check',
    make: () => serve([]),
  },
  {
    name: 'Koa + require-jwt',
    framework: 'Koa',
    kind: 'ours',
    packages: ['@require-jwt/koa'],
    setup: '`requireJwt`',
    make: (where) => withOurs(where, true),
  },
  {
    name: 'Koa + require-jwt without memo',
    framework: 'Koa',
    kind: 'ours',
    packages: ['@require-jwt/koa'],
    setup: '`requireJwt`, `signatureMemo: false`',
    make: (where) => withOurs(where, false),
  },
  {
    name: 'Koa + jose wrapper',
    framework: 'Koa',
    kind: 'peer',
    wrapper: true,
    packages: ['jose'],
    setup: JOSE_SETUP,
    async make(where) {
      const check = await joseCheck(where)
      return serve([
        async (ctx, next) => {
          try {
            ctx.state['user'] = await check(ctx.headers.authorization)
          } catch {
            ctx.status = 401
            return
          }
          await next()
        },
      ])
    },
  },
  {
    name: 'koa-jwt + jwks-rsa',
    framework: 'Koa',
    kind: 'peer',
    packages: ['koa-jwt', 'jwks-rsa'],
    setup: '`koaJwtSecret` with `cache` and `rateLimit` as in its README, and a check that `exp` is there',
    async make({ issuer, audience, jwksUri, alg }) {
      const [{ default: jwt }, { default: jwksRsa }] = await Promise.all([
        import('koa-jwt'),
        import('jwks-rsa'),
      ])
      const secret = jwksRsa.koaJwtSecret({ jwksUri, cache: true, rateLimit: true, jwksRequestsPerMinute: 5 })
      return serve([jwt({ secret, issuer, audience, algorithms: [alg] }), demandExpiry])
    },
  },
]

const demandExpiry: Middleware = async (ctx, next) => {
  const user = ctx.state['user'] as { readonly exp?: unknown } | undefined
  if (user?.exp === undefined) ctx.status = 401
  else await next()
}

async function withOurs(where: Where, memo: boolean): Promise<RequestListener> {
  const { requireJwt } = await import('@require-jwt/koa')
  return serve([requireJwt(await ourOptions(where, memo))])
}

async function serve(checks: readonly Middleware[]): Promise<RequestListener> {
  const { default: Koa } = await import('koa')
  const app = new Koa()
  app.silent = true
  for (const check of checks) app.use(check)
  app.use((ctx) => {
    ctx.body = {}
  })
  return app.callback()
}
