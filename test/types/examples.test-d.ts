// The first example of each framework, as the documents show it.
import express, { type RequestHandler } from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import {
  allOf,
  anyOf,
  createVerifier,
  getAuth,
  getOptionalAuth,
  hasPermission,
  hasRole,
  hasScope,
  logEvents,
  optionalJwt,
  requireJwt,
  requireRole,
  requireScope,
  requireThat,
} from '@require-jwt/express'
import * as onHono from '@require-jwt/hono'
import * as onKoa from '@require-jwt/koa'
import { createTestIssuer } from '@require-jwt/testing'
import { z } from 'zod'

declare const handler: RequestHandler
const issuer = 'https://login.example'
const audience = 'https://api.example'
const options = { issuer, audience }

const app = express()
app.use(
  requireJwt({
    issuer: 'https://login.example',
    audience: 'https://api.example',
    observer: logEvents(console),
  }),
)
app.get('/me', (req, res) => {
  res.json({ sub: getAuth(req).claims.sub })
})

const jwt = requireJwt({ issuer, audience, rolesClaim: ['realm_access', 'roles'] })
app.get('/orders/:id', jwt, requireScope('orders:read'), (req, res) => {
  res.json(req.params.id)
})
app.delete('/users/:id', jwt, requireRole('admin'), handler)
app.post(
  '/refunds',
  jwt,
  requireThat(
    anyOf(hasRole('supervisor'), allOf(hasScope('refunds:write'), hasPermission('refund:approve'))),
  ),
  handler,
)

const verifier = createVerifier({
  issuer,
  audience,
  claims: z.object({ sub: z.string(), org_id: z.string() }),
})
app.get(
  '/orgs/:org',
  requireJwt(verifier),
  requireThat(verifier, (auth, req) => auth.claims.org_id === req.params.org),
  handler,
)

app.get('/feed', optionalJwt(options), (req, res) => {
  res.json(getOptionalAuth(req)?.claims.sub ?? 'guest')
})

const many = createVerifier({
  issuers: [
    options,
    {
      issuer: 'https://partner.example',
      audience: 'partner-api',
      jwksUri: 'https://partner.example/keys',
      algorithms: ['ES256'],
      profile: 'at+jwt',
    },
  ],
})
await many.ready()

export const hono = new Hono().get(
  '/org',
  onHono.requireJwt(verifier),
  onHono.requireScope('org:read'),
  (c) => c.json(c.var.auth.claims.org_id),
)
const koa = new Koa()
koa.use(onKoa.requireJwt(verifier)).use((ctx) => {
  ctx.body = ctx.state.auth.claims.org_id
})

const testIssuer = await createTestIssuer({ audience: 'https://api.example' })
const createApp = (from: typeof testIssuer.options): Hono =>
  new Hono().use(onHono.requireJwt(from)) as unknown as Hono
const tested = createApp(testIssuer.options)
await tested.request('/orders', { headers: await testIssuer.headers({ scope: 'orders:read' }) })
await testIssuer.rotate()
testIssuer.goOffline()
testIssuer.advanceSeconds(3600)
