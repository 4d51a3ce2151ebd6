import type { MiddlewareHandler } from 'hono'
import type { RequestListener } from 'node:http'
import { JOSE_SETUP, joseCheck, ourOptions, type Server, type Where } from './server.js'

/** Servers on Hono. */
export const onHono: readonly Server[] = [
  {
    name: 'Hono',
    framework: 'Hono',
    kind: 'limit',
    packages: ['hono', '@hono/node-server'],
    setup: 'one route, no check',
    make: () => serve([]),
  },
  {
    name: 'Hono + require-jwt',
    framework: 'Hono',
    kind: 'ours',
    packages: ['@require-jwt/hono'],
    setup: '`requireJwt`',
    make: (where) => withOurs(where, true),
  },
  {
    name: 'Hono + require-jwt without memo',
    framework: 'Hono',
    kind: 'ours',
    packages: ['@require-jwt/hono'],
    setup: '`requireJwt`, `signatureMemo: false`',
    make: (where) => withOurs(where, false),
  },
  {
    name: 'Hono + jose wrapper',
    framework: 'Hono',
    kind: 'peer',
    wrapper: true,
    packages: ['jose'],
    setup: JOSE_SETUP,
    async make(where) {
      const check = await joseCheck(where)
      return serve([
        async (c, next) => {
          try {
            c.set('jwtPayload', await check(c.req.header('authorization')))
          } catch {
            return c.body(null, 401)
          }
          return next()
        },
      ])
    },
  },
  {
    name: 'hono/jwk',
    framework: 'Hono',
    kind: 'peer',
    packages: ['hono'],
    setup: '`jwk` with `keys`: it would fetch them for every request; and a check that `exp` is there',
    async make({ issuer: iss, audience: aud, alg, jwks }) {
      const { jwk } = await import('hono/jwk')
      const check = jwk({ keys: [...jwks.keys] as never, alg: [alg as 'RS256'], verification: { iss, aud } })
      return serve([check, demandExpiry])
    },
  },
]

const demandExpiry: MiddlewareHandler = async (c, next) => {
  const { exp } = c.get('jwtPayload') as { readonly exp?: unknown }
  if (exp === undefined) return c.body(null, 401)
  return next()
}

async function withOurs(where: Where, memo: boolean): Promise<RequestListener> {
  const { requireJwt } = await import('@require-jwt/hono')
  return serve([requireJwt(await ourOptions(where, memo))])
}

async function serve(checks: readonly MiddlewareHandler[]): Promise<RequestListener> {
  const [{ Hono }, { getRequestListener }] = await Promise.all([import('hono'), import('@hono/node-server')])
  const app = new Hono()
  for (const check of checks) app.use('/', check)
  app.get('/', (c) => c.json({}))
  return getRequestListener(app.fetch)
}
