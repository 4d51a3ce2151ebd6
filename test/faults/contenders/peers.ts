import { Agent } from 'node:https'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleFetcher } from 'aws-jwt-verify/https'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import express, { type RequestHandler } from 'express'
import { expressjwt } from 'express-jwt'
import { auth } from 'express-oauth2-jwt-bearer'
import { createVerifier, type DecodedJwt } from 'fast-jwt'
import buildGetJwks from 'get-jwks'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { jwk } from 'hono/jwk'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import jwksRsa from 'jwks-rsa'
import {
  asFunction,
  overHttp,
  socketTimeout,
  type Contender,
  type Setup,
  type Subject,
} from '../contender.js'

/** The libraries that ours is compared with. */
export const peers: readonly Contender[] = [
  {
    name: 'jose',
    packages: ['jose'],
    setup: '`createRemoteJWKSet` and `jwtVerify`, with their defaults',
    discovery: false,
    ours: false,
    async make({ issuer, jwksUri, audience }) {
      const keys = createRemoteJWKSet(new URL(String(jwksUri)))
      return asFunction((token) => jwtVerify(token, keys, { issuer, audience, algorithms: ['ES256'] }))
    },
  },
  {
    name: 'express-oauth2-jwt-bearer',
    packages: ['express-oauth2-jwt-bearer'],
    setup: 'its defaults',
    discovery: true,
    ours: false,
    make({ issuer, jwksUri, audience }) {
      const where = jwksUri === undefined ? { issuerBaseURL: issuer } : { issuer, jwksUri }
      return onExpress(auth({ ...where, audience, timeoutDuration: socketTimeout(5_000) }))
    },
  },
  {
    name: 'jwks-rsa + express-jwt',
    packages: ['jwks-rsa', 'express-jwt'],
    setup:
      '`cache`, `rateLimit`, `jwksRequestsPerMinute: 5` as in its README, and `cacheMaxAgeFallback` of 1 h',
    discovery: false,
    ours: false,
    make({ issuer, jwksUri, audience }) {
      const secret = jwksRsa.expressJwtSecret({
        jwksUri: String(jwksUri),
        cache: true,
        rateLimit: true,
        jwksRequestsPerMinute: 5,
        cacheMaxAgeFallback: 3_600_000,
        timeout: socketTimeout(30_000),
      })
      return onExpress(expressjwt({ secret, algorithms: ['ES256'], issuer, audience }))
    },
  },
  {
    name: 'aws-jwt-verify',
    packages: ['aws-jwt-verify'],
    setup: '`JwtVerifier` with its defaults; its own fetcher, over an agent that leaves TLS out',
    discovery: false,
    ours: false,
    async make({ issuer, jwksUri, audience }) {
      const fetcher = new SimpleFetcher({ defaultRequestOptions: { agent: new PlainAgent() } })
      const verifier = JwtVerifier.create(
        { issuer, audience, jwksUri: String(jwksUri).replace('http:', 'https:') },
        { jwksCache: new SimpleJwksCache({ fetcher }) },
      )
      return asFunction((token) => verifier.verify(token))
    },
  },
  {
    name: 'hono/jwk',
    packages: ['hono'],
    setup: 'its defaults; it has no cache to switch on',
    discovery: false,
    ours: false,
    make: ({ issuer, jwksUri, audience }) =>
      onHono(
        jwk({ jwks_uri: String(jwksUri), alg: ['ES256'], verification: { iss: issuer, aud: audience } }),
      ),
  },
  {
    name: 'get-jwks + fast-jwt',
    packages: ['get-jwks', 'fast-jwt'],
    setup:
      '`issuersWhitelist`, the key cache with its default of 1 min, no cache of tokens, which is the default',
    discovery: true,
    ours: false,
    make: async (setup) => asFunction(getJwksVerifier(setup)),
  },
]

function getJwksVerifier({ issuer, jwksUri, audience }: Setup): (token: string) => Promise<unknown> {
  const where = jwksUri === undefined ? { providerDiscovery: true } : { jwksPath: new URL(jwksUri).pathname }
  const keys = buildGetJwks({ issuersWhitelist: [issuer], ...where })
  return createVerifier({
    key: ({ header }: DecodedJwt) =>
      keys.getPublicKey({ kid: String(header['kid']), alg: String(header['alg']), domain: issuer }),
    algorithms: ['ES256'],
    allowedIss: issuer,
    allowedAud: audience,
  })
}

// It fetches over https only, and its fetcher is part of what is compared.
class PlainAgent extends Agent {
  override createConnection(options: {
    readonly host: string
    readonly port: number
  }): ReturnType<typeof connect> {
    return connect(options)
  }
}

function onExpress(guard: RequestHandler): Promise<Subject> {
  const app = express().set('env', 'test') // keeps its error handler from the console, and changes nothing else
  return overHttp(app.get('/', guard, (_, res) => void res.json({})))
}

function onHono(guard: ReturnType<typeof jwk>): Promise<Subject> {
  const app = new Hono().get('/', guard, (c) => c.json({}))
  // As its own error handler, which also writes to the console.
  app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text('', 500)))
  return overHttp(getRequestListener(app.fetch))
}
