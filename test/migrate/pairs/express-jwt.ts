import { optionalJwt, requireJwt } from '@require-jwt/express'
import { expressjwt, type Params } from 'express-jwt'
import jwksRsa from 'jwks-rsa'
import type { Pair } from '../support/compare.js'
import { ALGORITHMS, CLOCK_TOLERANCE, policyOf, STALE_MS, TTL_MS } from '../support/policy.js'
import { expressApp } from './express.js'

/** express-jwt with jwks-rsa, and ours on Express. */
export const expressJwtPair: Pair = {
  page: 'express-jwt',
  library: 'express-jwt',
  packages: ['express-jwt', 'jwks-rsa'],
  adapter: '@require-jwt/express',
  routes: ['/me', '/feed'],
  theirs(issuer) {
    const options: Params = {
      secret: jwksRsa.expressJwtSecret({
        jwksUri: `${issuer.issuer}/jwks`,
        cacheMaxAge: TTL_MS,
        cacheMaxAgeFallback: STALE_MS,
      }),
      algorithms: [...ALGORITHMS],
      issuer: issuer.issuer,
      audience: String(issuer.audience),
      clockTolerance: CLOCK_TOLERANCE,
    }
    return expressApp({
      '/me': [expressjwt(options)],
      '/feed': [expressjwt({ ...options, credentialsRequired: false })],
    })
  },
  ours(issuer) {
    const policy = policyOf(issuer)
    return expressApp({ '/me': [requireJwt(policy)], '/feed': [optionalJwt(policy)] })
  },
}
