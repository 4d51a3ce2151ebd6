import {
  createVerifier,
  getAuth,
  requireJwt,
  requirePermission,
  requireScope,
  type Auth,
  type VerifierOptions,
} from '@require-jwt/express'
import express, { type Express } from 'express'

interface Order {
  readonly id: string
  /** The `sub` of the customer's tokens. */
  readonly customer: string
  readonly total: number
  refunded: boolean
}

/** Makes the order API. What its tokens must be like is for the caller to say: production and tests differ in it. */
export function createApp(options: VerifierOptions): Express {
  const orders: readonly Order[] = [
    { id: '1001', customer: 'carla', total: 120, refunded: false },
    { id: '1002', customer: 'dario', total: 80, refunded: false },
  ]

  const verifier = createVerifier(options)
  const app = express()
  app.get('/readyz', async (_req, res) => {
    const { health } = await verifier.ready()
    res.status(health === 'down' ? 503 : 200).end()
  })
  app.use(requireJwt(verifier))

  app.get('/orders', requireScope('orders:read'), (req, res) => {
    const auth = getAuth(req)
    res.json(orders.filter((order) => mayRead(auth, order)))
  })

  app.get('/orders/:id', requireScope('orders:read'), (req, res) => {
    const order = orders.find(({ id }) => id === req.params.id)
    if (order && mayRead(getAuth(req), order)) res.json(order)
    else res.status(404).json({ error: 'no such order' })
  })

  app.post('/orders/:id/refund', requirePermission('orders:refund'), (req, res) => {
    const order = orders.find(({ id }) => id === req.params.id)
    if (!order) {
      res.status(404).json({ error: 'no such order' })
      return
    }
    order.refunded = true
    res.json(order)
  })

  return app
}

/** Customers read their own orders, support agents read any. */
function mayRead(auth: Auth, order: Order): boolean {
  return auth.subject === order.customer || auth.roles.includes('support')
}
