import { getRequestListener } from '@hono/node-server'
import { optionalJwt, requireJwt } from '@require-jwt/hono'
import type { RequestListener } from 'node:http'
import { Hono, type MiddlewareHandler } from 'hono'
import { jwk } from 'hono/jwk'
import type { Pair } from '../support/compare.js'
import { ALGORITHMS, policyOf } from '../support/policy.js'

/** The middleware of hono/jwk, and ours on Hono. */
export const honoJwkPair: Pair = {
  page: 'hono-jwk',
  library: 'hono/jwk',
  packages: ['hono'],
  adapter: '@require-jwt/hono',
  routes: ['/me', '/feed'],
  theirs(issuer) {
    const options = {
      jwks_uri: `${issuer.issuer}/jwks`,
      alg: [...ALGORITHMS],
      realm: 'api',
      verification: {
        iss: issuer.issuer,
        aud: String(issuer.audience),
        typ: ['JWT', 'at+jwt'],
      },
    }
    return honoApp(jwk(options), jwk({ ...options, allow_anon: true }))
  },
  ours: (issuer) => honoApp(requireJwt(policyOf(issuer)), optionalJwt(policyOf(issuer))),
}

function honoApp(required: MiddlewareHandler, optional: MiddlewareHandler): RequestListener {
  const app = new Hono().all('/me', required, (c) => c.json({})).all('/feed', optional, (c) => c.json({}))
  return getRequestListener(app.fetch)
}
