import type { RequestHandler } from 'express'
import type { RequestListener } from 'node:http'
import { JOSE_SETUP, joseCheck, ourOptions, type Server, type Where } from './server.js'

/** Servers on Express. */
export const onExpress: readonly Server[] = [
  {
    name: 'Express',
    framework: 'Express',
    kind: 'limit',
    packages: ['express'],
    setup: 'one route, no check',
    make: () => serve([]),
  },
  {
    name: 'Express + require-jwt',
    framework: 'Express',
    kind: 'ours',
    packages: ['@require-jwt/express'],
    setup: '`requireJwt`',
    make: (where) => withOurs(where, true),
  },
  {
    name: 'Express + require-jwt without memo',
    framework: 'Express',
    kind: 'ours',
    packages: ['@require-jwt/express'],
    setup: '`requireJwt`, `signatureMemo: false`',
    make: (where) => withOurs(where, false),
  },
  {
    name: 'Express + jose wrapper',
    framework: 'Express',
    kind: 'peer',
    wrapper: true,
    packages: ['jose'],
    setup: JOSE_SETUP,
    async make(where) {
      const check = await joseCheck(where)
      return serve([
        async (req, res, next) => {
          try {
            res.locals['auth'] = await check(req.headers.authorization)
          } catch {
            res.status(401).end()
            return
          }
          next()
        },
      ])
    },
  },
  {
    name: 'express-oauth2-jwt-bearer',
    framework: 'Express',
    kind: 'peer',
    packages: ['express-oauth2-jwt-bearer'],
    setup: '`auth` with `jwksUri` and `tokenSigningAlg`',
    async make({ issuer, audience, jwksUri, alg }) {
      const { auth } = await import('express-oauth2-jwt-bearer')
      return serve([auth({ issuer, audience, jwksUri, tokenSigningAlg: alg })])
    },
  },
  {
    name: 'express-jwt + jwks-rsa',
    framework: 'Express',
    kind: 'peer',
    packages: ['express-jwt', 'jwks-rsa'],
    setup:
      '`expressJwtSecret` with `cache` and `rateLimit` as in its README, and a check that `exp` is there',
    async make({ issuer, audience, jwksUri, alg }) {
      const [{ expressjwt }, { default: jwksRsa }] = await Promise.all([
        import('express-jwt'),
        import('jwks-rsa'),
      ])
      const secret = jwksRsa.expressJwtSecret({
        jwksUri,
        cache: true,
        rateLimit: true,
        jwksRequestsPerMinute: 5,
      })
      return serve([expressjwt({ secret, issuer, audience, algorithms: [alg as 'RS256'] }), demandExpiry])
    },
  },
]

const demandExpiry: RequestHandler = (req, res, next) => {
  const { auth } = req as { readonly auth?: { readonly exp?: unknown } }
  if (auth?.exp === undefined) res.status(401).end()
  else next()
}

async function withOurs(where: Where, memo: boolean): Promise<RequestListener> {
  const { requireJwt } = await import('@require-jwt/express')
  return serve([requireJwt(await ourOptions(where, memo))])
}

async function serve(checks: readonly RequestHandler[]): Promise<RequestListener> {
  const { default: express } = await import('express')
  const app = express()
  app.set('env', 'test') // keeps its error handler from the console, and changes nothing else
  app.get('/', ...checks, (_req, res) => {
    res.json({})
  })
  return app
}
