import {
  createVerifier,
  getAuth,
  requireJwt,
  requirePermission,
  requireScope,
  type Auth,
  type VerifierOptions,
} from '@require-jwt/hono'
import { Hono } from 'hono'

interface Order {
  readonly id: string
  /** The `sub` of the customer's tokens. */
  readonly customer: string
  readonly total: number
  refunded: boolean
}

/** Makes the order API. What its tokens must be like is for the caller to say: production and tests differ in it. */
export function createApp(options: VerifierOptions): Hono {
  const orders: readonly Order[] = [
    { id: '1001', customer: 'carla', total: 120, refunded: false },
    { id: '1002', customer: 'dario', total: 80, refunded: false },
  ]

  const verifier = createVerifier(options)
  const app = new Hono()
  app.get('/readyz', async (c) => {
    const { health } = await verifier.ready()
    return c.body(null, health === 'down' ? 503 : 200)
  })
  app.use(requireJwt(verifier))

  app.get('/orders', requireScope('orders:read'), (c) => {
    const auth = getAuth(c)
    return c.json(orders.filter((order) => mayRead(auth, order)))
  })

  app.get('/orders/:id', requireScope('orders:read'), (c) => {
    const order = orders.find(({ id }) => id === c.req.param('id'))
    if (order && mayRead(getAuth(c), order)) return c.json(order)
    return c.json({ error: 'no such order' }, 404)
  })

  app.post('/orders/:id/refund', requirePermission('orders:refund'), (c) => {
    const order = orders.find(({ id }) => id === c.req.param('id'))
    if (!order) return c.json({ error: 'no such order' }, 404)
    order.refunded = true
    return c.json(order)
  })

  return app
}

/** Customers read their own orders, support agents read any. */
function mayRead(auth: Auth, order: Order): boolean {
  return auth.subject === order.customer || auth.roles.includes('support')
}
