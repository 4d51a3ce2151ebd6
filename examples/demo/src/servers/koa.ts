import type { RequestListener } from 'node:http'
import { Router } from '@koa/router'
import { getAuth, requireJwt, requireRole, requireScope, type Verifier } from '@require-jwt/koa'
import Koa from 'koa'

/** The API on Koa. */
export function createKoaApi(verifier: Verifier): RequestListener {
  const router = new Router()
    .get('/orders', requireScope('orders:read'), (ctx) => {
      ctx.body = { ordersOf: getAuth(ctx).subject }
    })
    .get('/admin', requireRole('admin'), (ctx) => {
      ctx.body = { welcome: getAuth(ctx).subject }
    })
  return new Koa().use(requireJwt(verifier)).use(router.routes()).callback()
}
