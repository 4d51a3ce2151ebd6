import { getAuth, requireJwt, requireScope, type VerifierOptions } from '@require-jwt/express'
import express, { type Express } from 'express'

export interface Order {
  readonly id: string
  /** The `sub` of the customer's tokens: all that this service knows of a user. */
  readonly customer: string
  readonly whereabouts: string
}

const ORDERS: readonly Order[] = [
  { id: '1001', customer: 'user-1', whereabouts: 'in the van, and with you before noon' },
  { id: '1002', customer: 'user-2', whereabouts: 'being packed' },
]

/** Makes the order service: customers read their own orders, support agents any by its number. */
export function createOrders(trust: VerifierOptions): Express {
  const app = express()
  app.use(requireJwt(trust), requireScope('orders:read'))

  app.get('/orders', (req, res) => {
    const { subject } = getAuth(req)
    res.json(ORDERS.filter(({ customer }) => customer === subject))
  })

  app.get('/orders/:id', (req, res) => {
    const { subject, roles } = getAuth(req)
    const order = ORDERS.find(({ id }) => id === req.params.id)
    if (order && (order.customer === subject || roles.includes('support'))) res.json(order)
    else res.status(404).json({ error: 'no such order' })
  })

  return app
}
