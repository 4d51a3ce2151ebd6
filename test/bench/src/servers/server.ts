import type { VerifierOptions } from '@require-jwt/core'
import type { RequestListener } from 'node:http'
import type { JWK } from 'jose'
import type { Algorithm } from '../policy.js'

/** What every server is told to demand, and where the keys are. */
export interface Where {
  readonly issuer: string
  readonly audience: string
  readonly alg: Algorithm
  readonly jwksUri: string
  /** The keys themselves, for who cannot cache what it fetches. */
  readonly jwks: { readonly keys: readonly JWK[] }
}

/** The frameworks that servers are made with. */
export type Framework = 'Express' | 'Koa' | 'Hono' | 'Fastify'

/** A server with one route that answers `{}`, open or behind a check. */
export interface Server {
  readonly name: string
  readonly framework: Framework
  /** `limit`: the framework alone. */
  readonly kind: 'limit' | 'peer' | 'ours'
  /** The wrapper of a few lines around jose that others are compared with. */
  readonly wrapper?: boolean
  readonly packages: readonly string[]
  readonly setup: string
  /** Loads what it needs and nothing else: a start is measured too. */
  make(where: Where): Promise<RequestListener>
}

/** How a wrapper around jose is set up. */
export const JOSE_SETUP = '`createRemoteJWKSet` and `jwtVerify` in a middleware of a few lines'

/** A check by jose, as people write it. */
export async function joseCheck({
  issuer,
  audience,
  alg,
  jwksUri,
}: Where): Promise<(field?: string) => Promise<unknown>> {
  const { createRemoteJWKSet, jwtVerify } = await import('jose')
  const keys = createRemoteJWKSet(new URL(jwksUri))
  const options = { issuer, audience, algorithms: [alg], requiredClaims: ['exp'] }
  return async (field) => {
    if (field?.startsWith('Bearer ') !== true) throw new Error('no token')
    const { payload } = await jwtVerify(field.slice(7), keys, options)
    return payload
  }
}

/** The options of ours for a server. */
export async function ourOptions(where: Where, memo: boolean): Promise<VerifierOptions> {
  const { issuer, audience, alg, jwksUri } = where
  const { memoOption } = await import('../memo.js')
  return { issuer, audience, algorithms: [alg], jwksUri, ...memoOption(memo) }
}
