import type { IncomingMessage } from 'node:http'
import { parse } from 'node:querystring'
import * as api from '@require-jwt/koa'
import { isAuthError } from '@require-jwt/koa'
import Koa, { type Middleware } from 'koa'
import mount from 'koa-mount'
import Koa2 from 'koa2'
import type { App } from '../support/app.js'
import { divide, listen, type Adapter, type Placement } from './adapter.js'

export const koa3: Adapter = adapterOf('Koa 3', Koa)
export const koa2: Adapter = adapterOf('Koa 2', Koa2 as unknown as typeof Koa)

function adapterOf(name: string, Framework: typeof Koa): Adapter {
  return {
    name,
    serve: (app, placement, limit) => listen(build(app, placement, Framework).callback(), placement, limit),
  }
}

function build(app: App, placement: Placement, Framework: typeof Koa): Koa {
  const outer = new Framework()
  outer.silent = true
  if (app.ownErrors) outer.use(ownErrors)
  if (app.cors) outer.use(answerPreflights)
  outer.use(others(app.before)).use(parseBody)
  const steps = app.steps<Middleware>(api)
  const handler: Middleware = (ctx) => {
    if (ctx.path !== '/thing') return
    ctx.body = app.handle({
      getAuth: (verifier) => (verifier ? api.getAuth(ctx, verifier) : api.getAuth(ctx)),
      getOptionalAuth: (verifier) =>
        verifier ? api.getOptionalAuth(ctx, verifier) : api.getOptionalAuth(ctx),
    })
  }
  if (placement === 'plain') {
    for (const step of steps) outer.use(step)
    return outer.use(handler)
  }
  const inner = new Framework()
  const [outside, inside] = divide(steps, placement)
  for (const step of outside) outer.use(mount('/mounted', step))
  for (const step of inside) inner.use(step)
  return outer.use(mount('/mounted', inner.use(handler)))
}

function others(headers: App['before'] = {}): Middleware {
  return (ctx, next) => {
    ctx.set(headers)
    return next()
  }
}

// What body parsers for Koa do: what they read is on `ctx.request.body`.
const parseBody: Middleware = async (ctx, next) => {
  const text = await readText(ctx.req)
  const type = ctx.request.type
  if (type === 'application/json') Object.assign(ctx.request, { body: JSON.parse(text) as unknown })
  if (type === 'application/x-www-form-urlencoded') Object.assign(ctx.request, { body: { ...parse(text) } })
  return next()
}

async function readText(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += String(chunk)
  return text
}

const answerPreflights: Middleware = async (ctx, next) => {
  if (ctx.method === 'OPTIONS' && ctx.get('access-control-request-method')) ctx.status = 204
  else await next()
}

const ownErrors: Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    if (!isAuthError(error)) {
      ctx.status = 500
      ctx.body = { message: String(error) }
      return
    }
    const { 'WWW-Authenticate': challenge, ...headers } = error.headers
    ctx.status = error.status
    ctx.body = { forwarded: error.code, message: error.message }
    ctx.set(headers)
    if (challenge !== undefined) ctx.append('WWW-Authenticate', challenge)
  }
}
