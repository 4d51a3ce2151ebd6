import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import * as onExpress from '@require-jwt/express'
import * as onHono from '@require-jwt/hono'
import * as onKoa from '@require-jwt/koa'
import type { Verifier } from '@require-jwt/core'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import type { AddressInfo } from 'node:net'

/** A server with one route, `/orders`, that needs the scope `orders:read` and answers with the subject. */
export interface Api {
  readonly url: string
  close(): Promise<void>
}

/** The frameworks by name: each starts that server, with a verifier of its own. */
export const FRAMEWORKS: Readonly<Record<string, (verifier: Verifier) => Promise<Api>>> = {
  Express(verifier) {
    const app = express()
    app.get('/orders', onExpress.requireJwt(verifier), onExpress.requireScope('orders:read'), (req, res) => {
      res.json({ subject: onExpress.getAuth(req).subject })
    })
    return listen(createServer(app))
  },
  Koa(verifier) {
    const app = new Koa()
    app.use(onKoa.requireJwt(verifier)).use(onKoa.requireScope('orders:read'))
    app.use((ctx) => {
      ctx.body = { subject: onKoa.getAuth(ctx).subject }
    })
    return listen(createServer(app.callback()))
  },
  Hono(verifier) {
    const app = new Hono()
      .use(onHono.requireJwt(verifier))
      .get('/orders', onHono.requireScope('orders:read'), (c) => c.json({ subject: c.var.auth.subject }))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    return listening(server as ReturnType<typeof createServer>)
  },
}

function listen(server: ReturnType<typeof createServer>): Promise<Api> {
  return listening(server.listen(0, '127.0.0.1'))
}

async function listening(server: ReturnType<typeof createServer>): Promise<Api> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/orders`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
