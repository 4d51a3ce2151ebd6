import express from 'express'
import express4 from 'express4'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  createVerifier,
  getAuth,
  getOptionalAuth,
  hasScope,
  optionalJwt,
  requireJwt,
  requireScope,
  requireThat,
  type Auth,
  type JwtClaims,
} from '@require-jwt/express'
import { z } from 'zod'
import { expectType } from './expect.js'

const issuer = 'https://login.example'
const audience = 'https://api.example'
const options = { issuer, audience }
const verifier = createVerifier({ ...options, claims: z.object({ sub: z.string(), org_id: z.string() }) })

// Express 5: parameters stay inferred behind every kind of guard, in the app, a router and a route.
const app = express()
app.get('/orders/:id', requireJwt(options), requireScope('orders:read'), (req, res) => {
  expectType<{ id: string }>()(req.params)
  res.json(req.params.id)
})
app.route('/orders/:id').get(optionalJwt(options), (req, res) => {
  expectType<{ id: string }>()(req.params)
  res.end()
})
express.Router().get('/orgs/:org/users/:user', requireThat(hasScope('users:read')), (req, res) => {
  expectType<{ org: string } & { user: string }>()(req.params)
  res.end()
})
app.get(
  '/orders/:id',
  requireJwt(options),
  requireThat((auth) => auth.claims.sub === 'ada'),
  (req, res) => {
    expectType<string>()(req.params.id)
    res.end()
  },
)
app.use('/api', requireJwt(verifier), express.Router())

// Express 4, with its own types.
const app4 = express4()
app4.get('/orders/:id', requireJwt(options), requireScope('orders:read'), (req, res) => {
  expectType<string>()(req.params.id)
  // @ts-expect-error this route has no such parameter
  res.json(req.params.other)
})
app4.use('/api', requireJwt(verifier), express4.Router())

// What a check of one's own gets is a request of Express.
requireThat(verifier, (auth, req) => {
  expectType<string>()(auth.claims.org_id)
  expectType<string | undefined>()(req.get('x-request-id'))
  return auth.claims.org_id === req.params.org
})
// It may name the parameters that its route has.
requireThat(verifier, (auth, req: express.Request<{ org: string }>) => auth.claims.org_id === req.params.org)
requireThat(async (auth) => {
  expectType<JwtClaims>()(auth.claims)
  return Promise.resolve(auth.scopes.includes('orders:read'))
})
// @ts-expect-error a check says yes or no
requireThat((auth) => auth.claims.sub)

// Handlers are structural: nothing but node:http is needed to call them.
const authenticate: (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void =
  requireJwt(options)
createServer((req, res) => authenticate(req, res, () => res.end(getAuth(req).subject)))

// The claims: without a verifier those of any token, with one those of its schema.
app.get('/me', requireJwt(verifier), (req, res) => {
  expectType<Auth>()(getAuth(req))
  expectType<string | undefined>()(getAuth(req).claims.sub)
  expectType<unknown>()(getAuth(req).claims['org_id'])
  expectType<string>()(getAuth(req, verifier).claims.org_id)
  expectType<string | undefined>()(getOptionalAuth(req)?.claims.sub)
  expectType<string | undefined>()(getOptionalAuth(req, verifier)?.claims.org_id)
  // @ts-expect-error the schema knows no such claim
  res.json(getAuth(req, verifier).claims.tenant)
})

// Nothing is declared on Express's request.
app.get('/open', (req, res) => {
  // @ts-expect-error `req.auth` is nobody's
  res.json(req.auth)
})
