import { Controller, Get, HttpCode, NotFoundException, Param, Post } from '@nestjs/common'
import { hasPermission, hasScope, type Auth } from '@require-jwt/express'
import { CurrentAuth, Requires } from './auth.js'

interface Order {
  readonly id: string
  /** The `sub` of the customer's tokens. */
  readonly customer: string
  readonly total: number
  refunded: boolean
}

@Controller('orders')
export class OrdersController {
  readonly #orders: readonly Order[] = [
    { id: '1001', customer: 'carla', total: 120, refunded: false },
    { id: '1002', customer: 'dario', total: 80, refunded: false },
  ]

  @Get()
  @Requires(hasScope('orders:read'))
  list(@CurrentAuth() auth: Auth): readonly Order[] {
    return this.#orders.filter((order) => mayRead(auth, order))
  }

  @Get(':id')
  @Requires(hasScope('orders:read'))
  read(@CurrentAuth() auth: Auth, @Param('id') id: string): Order {
    const order = this.#find(id)
    if (mayRead(auth, order)) return order
    throw noSuchOrder()
  }

  @Post(':id/refund')
  @HttpCode(200)
  @Requires(hasPermission('orders:refund'))
  refund(@Param('id') id: string): Order {
    const order = this.#find(id)
    order.refunded = true
    return order
  }

  #find(id: string): Order {
    const order = this.#orders.find((candidate) => candidate.id === id)
    if (order) return order
    throw noSuchOrder()
  }
}

/** Customers read their own orders, support agents read any. */
function mayRead(auth: Auth, order: Order): boolean {
  return auth.subject === order.customer || auth.roles.includes('support')
}

function noSuchOrder(): NotFoundException {
  return new NotFoundException({ error: 'no such order' })
}
