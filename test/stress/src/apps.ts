import type { RequestListener } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Verifier } from '@require-jwt/core'
import * as onExpress from '@require-jwt/express'
import * as onHono from '@require-jwt/hono'
import * as onKoa from '@require-jwt/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import type { AdapterName } from './settings.js'

/** For each framework an API that answers with the subject of the token. */
export const APPS: Readonly<Record<AdapterName, (verifier: Verifier) => RequestListener>> = {
  express: (verifier) =>
    express()
      .use(onExpress.requireJwt(verifier))
      .get('/me', (req, res) => void res.send(onExpress.getAuth(req).subject)),

  koa(verifier) {
    const app = new Koa().use(onKoa.requireJwt(verifier)).use((ctx) => {
      ctx.body = ctx.state.auth.subject
    })
    return app.callback()
  },

  hono(verifier) {
    const app = new Hono()
      .use(onHono.requireJwt(verifier))
      .get('/me', (c) => c.text(c.var.auth.subject ?? ''))
    return getRequestListener(app.fetch)
  },
}
