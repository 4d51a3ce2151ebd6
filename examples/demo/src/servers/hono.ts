import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { requireJwt, requireRole, requireScope, type Verifier } from '@require-jwt/hono'
import { Hono } from 'hono'

/** The API on Hono. */
export function createHonoApi(verifier: Verifier): RequestListener {
  const app = new Hono()
    .use(requireJwt(verifier))
    .get('/orders', requireScope('orders:read'), (c) => c.json({ ordersOf: c.var.auth.subject }))
    .get('/admin', requireRole('admin'), (c) => c.json({ welcome: c.var.auth.subject }))
  return getRequestListener(app.fetch)
}
