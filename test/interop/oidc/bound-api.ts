import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type AuthErrorCode, createVerifier, type ProofFactory, type Verifier } from '@require-jwt/core'
import * as onExpress from '@require-jwt/express'
import * as onHono from '@require-jwt/hono'
import * as onKoa from '@require-jwt/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'

/** An app with one route, `/orders`, that answers with `auth.proof` and the client. */
type App = (verifier: Verifier) => RequestListener

/** The frameworks by name. */
export const APPS: Readonly<Record<string, App>> = {
  Express(verifier) {
    const app = express()
    app.get('/orders', onExpress.requireJwt(verifier), (req, res) => {
      const { proof, clientId } = onExpress.getAuth(req)
      res.json({ proof, clientId })
    })
    return app
  },
  Koa(verifier) {
    const app = new Koa()
    app.use(onKoa.requireJwt(verifier)).use((ctx) => {
      const { proof, clientId } = onKoa.getAuth(ctx)
      ctx.body = { proof, clientId }
    })
    return app.callback()
  },
  Hono(verifier) {
    const app = new Hono().use(onHono.requireJwt(verifier)).get('/orders', (c) => {
      const { proof, clientId } = c.var.auth
      return c.json({ proof, clientId })
    })
    // The client of the test is in this process and has the `Response` of the runtime.
    return getRequestListener(app.fetch, { overrideGlobalObjects: false })
  },
}

/** What an API is started with. */
export interface BoundApiOptions {
  readonly issuer: string
  readonly audience: string
  /** Left out: tokens that are bound to a key are refused. */
  readonly proofs?: readonly ProofFactory[]
}

/** An API on loopback that knows its own URL. */
export interface BoundApi {
  readonly url: URL
  /** The codes of all refusals so far, the latest one last. */
  readonly refused: readonly AuthErrorCode[]
  close(): Promise<void>
}

/** Starts an API on a free port of 127.0.0.1, and makes its verifier once the port is known. */
export async function startBoundApi(app: App, options: BoundApiOptions): Promise<BoundApi> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  const refused: AuthErrorCode[] = []
  const verifier = createVerifier({
    ...options,
    baseUrl,
    profile: 'at+jwt',
    observer: (event) => {
      if (event.type === 'rejected') refused.push(event.code)
    },
  })
  server.on('request', app(verifier))
  return {
    url: new URL('/orders', baseUrl),
    refused,
    async close() {
      await verifier.close()
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}
