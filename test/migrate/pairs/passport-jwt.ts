import { requireJwt, requireThat } from '@require-jwt/express'
import type { RequestListener } from 'node:http'
import jwksRsa from 'jwks-rsa'
import { Passport } from 'passport'
import { ExtractJwt, Strategy } from 'passport-jwt'
import type { Pair } from '../support/compare.js'
import { ALGORITHMS, CLOCK_TOLERANCE, policyOf, STALE_MS, TTL_MS } from '../support/policy.js'
import { expressApp } from './express.js'

/** passport-jwt with jwks-rsa, and ours on Express. */
export const passportJwtPair: Pair = {
  page: 'passport-jwt',
  library: 'passport-jwt',
  packages: ['passport-jwt', 'passport', 'jwks-rsa'],
  adapter: '@require-jwt/express',
  routes: ['/me', '/admin'],
  theirs(issuer): RequestListener {
    const passport = new Passport()
    const options = {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider: jwksRsa.passportJwtSecret({
        jwksUri: `${issuer.issuer}/jwks`,
        cacheMaxAge: TTL_MS,
        cacheMaxAgeFallback: STALE_MS,
      }),
      algorithms: [...ALGORITHMS],
      issuer: issuer.issuer,
      audience: String(issuer.audience),
      jsonWebTokenOptions: { clockTolerance: CLOCK_TOLERANCE },
    }
    passport.use('jwt', new Strategy(options, (claims: Claims, done) => done(null, claims)))
    passport.use(
      'admin',
      new Strategy(options, (claims: Claims, done) => done(null, isAdmin(claims) && claims)),
    )
    const authenticate = (name: string) => passport.authenticate(name, { session: false })
    return expressApp({ '/me': [authenticate('jwt')], '/admin': [authenticate('admin')] })
  },
  ours(issuer) {
    const policy = policyOf(issuer)
    return expressApp({
      '/me': [requireJwt(policy)],
      '/admin': [requireJwt(policy), requireThat((auth) => isAdmin(auth.claims))],
    })
  },
}

type Claims = Readonly<Record<string, unknown>>

function isAdmin({ roles }: Claims): boolean {
  return Array.isArray(roles) && roles.includes('admin')
}
