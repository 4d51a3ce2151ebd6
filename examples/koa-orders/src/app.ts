import { Router } from '@koa/router'
import {
  createVerifier,
  getAuth,
  requireJwt,
  requirePermission,
  requireScope,
  type Auth,
  type VerifierOptions,
} from '@require-jwt/koa'
import Koa from 'koa'

interface Order {
  readonly id: string
  /** The `sub` of the customer's tokens. */
  readonly customer: string
  readonly total: number
  refunded: boolean
}

/** Makes the order API. What its tokens must be like is for the caller to say: production and tests differ in it. */
export function createApp(options: VerifierOptions): Koa {
  const orders: readonly Order[] = [
    { id: '1001', customer: 'carla', total: 120, refunded: false },
    { id: '1002', customer: 'dario', total: 80, refunded: false },
  ]

  const verifier = createVerifier(options)
  const open = new Router()
  open.get('/readyz', async (ctx) => {
    const { health } = await verifier.ready()
    ctx.status = health === 'down' ? 503 : 200
  })

  const router = new Router()

  router.get('/orders', requireScope('orders:read'), (ctx) => {
    const auth = getAuth(ctx)
    ctx.body = orders.filter((order) => mayRead(auth, order))
  })

  router.get('/orders/:id', requireScope('orders:read'), (ctx) => {
    const order = orders.find(({ id }) => id === ctx.params['id'])
    if (order && mayRead(getAuth(ctx), order)) ctx.body = order
    else notFound(ctx)
  })

  router.post('/orders/:id/refund', requirePermission('orders:refund'), (ctx) => {
    const order = orders.find(({ id }) => id === ctx.params['id'])
    if (!order) {
      notFound(ctx)
      return
    }
    order.refunded = true
    ctx.body = order
  })

  const app = new Koa()
  app.use(open.routes())
  app.use(requireJwt(verifier))
  app.use(router.routes())
  return app
}

/** Customers read their own orders, support agents read any. */
function mayRead(auth: Auth, order: Order): boolean {
  return auth.subject === order.customer || auth.roles.includes('support')
}

function notFound(ctx: Koa.Context): void {
  ctx.status = 404
  ctx.body = { error: 'no such order' }
}
