import type { RequestListener } from 'node:http'
import { getAuth, requireJwt, requireRole, requireScope, type Verifier } from '@require-jwt/express'
import express from 'express'

/** The API on Express. */
export function createExpressApi(verifier: Verifier): RequestListener {
  const app = express()
  app.use(requireJwt(verifier))
  app.get('/orders', requireScope('orders:read'), (req, res) => {
    res.json({ ordersOf: getAuth(req).subject })
  })
  app.get('/admin', requireRole('admin'), (req, res) => {
    res.json({ welcome: getAuth(req).subject })
  })
  return app
}
