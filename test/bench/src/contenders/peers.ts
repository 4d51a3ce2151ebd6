import { JwtVerifier } from 'aws-jwt-verify'
import { createVerifier } from 'fast-jwt'
import { verify as verifyByHono, verifyWithJwks } from 'hono/utils/jwt/jwt'
import { createLocalJWKSet, importJWK, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import type { Contender } from '../contender.js'
import { ALGORITHMS, type Algorithm, type Policy } from '../policy.js'
import { webKey } from './limits.js'

const ASYMMETRIC: readonly Algorithm[] = ['RS256', 'ES256', 'EdDSA']

/** What ours is compared with: each told to demand the same. */
export const peers: readonly Contender[] = [
  {
    name: 'jose',
    kind: 'peer',
    packages: ['jose'],
    setup: '`jwtVerify` with `createLocalJWKSet` (HS256: with the key), `requiredClaims`',
    algorithms: ALGORITHMS,
    kids: true,
    async make({ issuer, audience, alg, key }) {
      const options = { issuer, audience, algorithms: [alg], requiredClaims: ['exp'] }
      if (alg === 'HS256') {
        const secret = await importJWK(key.jwk)
        return (token) => jwtVerify(token, secret, options)
      }
      const keys = createLocalJWKSet({ keys: [key.jwk] })
      return (token) => jwtVerify(token, keys, options)
    },
  },
  {
    name: 'fast-jwt',
    kind: 'peer',
    packages: ['fast-jwt'],
    setup: 'synchronous, the key given, `requiredClaims`',
    algorithms: ALGORITHMS,
    make: async (policy) => byFastJwt(policy, 0),
  },
  {
    name: 'fast-jwt with cache',
    kind: 'peer',
    packages: ['fast-jwt'],
    setup: 'the same with `cache: 10_000`, as many as ours remembers; it would be 1,000',
    algorithms: ALGORITHMS,
    remembers: 10_000,
    make: async (policy) => byFastJwt(policy, 10_000),
  },
  {
    name: 'aws-jwt-verify',
    kind: 'peer',
    packages: ['aws-jwt-verify'],
    setup: '`JwtVerifier.verifySync` with `cacheJwks`, a `customJwtCheck` that demands `exp`',
    algorithms: ASYMMETRIC,
    kids: true,
    async make({ issuer, audience, key }) {
      const verifier = JwtVerifier.create({ issuer, audience, customJwtCheck: demandExpiry })
      verifier.cacheJwks({ keys: [key.jwk as never] })
      return async (token) => verifier.verifySync(token)
    },
  },
  {
    name: 'jsonwebtoken',
    kind: 'peer',
    packages: ['jsonwebtoken'],
    setup: 'synchronous, a `KeyObject`, and a check that `exp` is there',
    algorithms: ['RS256', 'ES256', 'HS256'],
    async make({ issuer, audience, alg, key }) {
      const options = { issuer, audience, algorithms: [alg as 'RS256' | 'ES256' | 'HS256'] }
      return async (token) => demandExpiry({ payload: jsonwebtoken.verify(token, key.object, options) })
    },
  },
  {
    name: 'hono/jwt',
    kind: 'peer',
    packages: ['hono'],
    setup: '`verify` with a `CryptoKey` (HS256: the secret), and a check that `exp` is there',
    algorithms: ALGORITHMS,
    async make(policy) {
      const { issuer: iss, audience: aud, alg, key } = policy
      const options = { alg, iss, aud }
      const given = alg === 'HS256' ? key.text : await webKey(policy)
      return async (token) => demandExpiry({ payload: await verifyByHono(token, given, options) })
    },
  },
  {
    name: 'hono/jwk',
    kind: 'peer',
    packages: ['hono'],
    setup: '`verifyWithJwks` with `keys`, and a check that `exp` is there',
    algorithms: ASYMMETRIC,
    kids: true,
    async make({ issuer: iss, audience: aud, alg, key }) {
      const allowedAlgorithms = [alg as 'RS256' | 'ES256' | 'EdDSA']
      const options = { keys: [key.jwk as never], verification: { iss, aud }, allowedAlgorithms }
      return async (token) => demandExpiry({ payload: await verifyWithJwks(token, options) })
    },
  },
]

function byFastJwt(
  { issuer, audience, alg, key }: Policy,
  cache: number,
): (token: string) => Promise<unknown> {
  const verify = createVerifier({
    key: key.text,
    algorithms: [alg],
    allowedIss: issuer,
    allowedAud: audience,
    requiredClaims: ['exp'],
    cache,
  })
  // The types say that a key given at the start makes it synchronous; so does its documentation.
  return async (token) => verify(token) as unknown
}

function demandExpiry({ payload }: { readonly payload: object | string }): void {
  if (typeof payload !== 'object' || !('exp' in payload)) throw new Error('the token has no exp')
}
