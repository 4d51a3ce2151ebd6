import { optionalJwt, requireJwt, requireRole, requireScope } from '@require-jwt/express'
import { auth, claimIncludes, requiredScopes, type AuthOptions } from 'express-oauth2-jwt-bearer'
import type { Pair } from '../support/compare.js'
import { ALGORITHMS, CLOCK_TOLERANCE, policyOf, TTL_MS } from '../support/policy.js'
import { expressApp } from './express.js'

/** express-oauth2-jwt-bearer, and ours on Express. */
export const expressOauth2JwtBearerPair: Pair = {
  page: 'express-oauth2-jwt-bearer',
  library: 'express-oauth2-jwt-bearer',
  packages: ['express-oauth2-jwt-bearer'],
  adapter: '@require-jwt/express',
  routes: ['/me', '/feed', '/orders', '/admin'],
  theirs(issuer) {
    const options: AuthOptions = {
      issuer: issuer.issuer,
      jwksUri: `${issuer.issuer}/jwks`,
      audience: String(issuer.audience),
      validators: { alg: (alg) => ALGORITHMS.some((allowed) => allowed === alg) },
      clockTolerance: CLOCK_TOLERANCE,
      cacheMaxAge: TTL_MS,
      dpop: { enabled: false },
    }
    return expressApp({
      '/me': [auth(options)],
      '/feed': [auth({ ...options, authRequired: false })],
      '/orders': [auth(options), requiredScopes('orders:read')],
      '/admin': [auth(options), claimIncludes('roles', 'admin')],
    })
  },
  ours(issuer) {
    const policy = policyOf(issuer)
    return expressApp({
      '/me': [requireJwt(policy)],
      '/feed': [optionalJwt(policy)],
      '/orders': [requireJwt(policy), requireScope('orders:read')],
      '/admin': [requireJwt(policy), requireRole('admin')],
    })
  },
}
