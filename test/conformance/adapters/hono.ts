import { getRequestListener } from '@hono/node-server'
import * as api from '@require-jwt/hono'
import { Hono, type Context, type ErrorHandler, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import type { App } from '../support/app.js'
import { divide, listen, type Adapter, type Placement } from './adapter.js'

export const hono: Adapter = {
  name: 'Hono 4',
  serve: (app, placement, limit) => listen(getRequestListener(build(app, placement).fetch), placement, limit),
}

function build(app: App, placement: Placement): Hono {
  const outer = new Hono()
  if (app.ownErrors) outer.onError(ownErrors)
  if (app.cors) outer.use(cors())
  outer.use(others(app.before))
  const steps = app.steps<MiddlewareHandler>(api)
  const handler = (c: Context): Response =>
    c.json(
      app.handle({
        getAuth: (verifier) => (verifier ? api.getAuth(c, verifier) : api.getAuth(c)),
        getOptionalAuth: (verifier) => (verifier ? api.getOptionalAuth(c, verifier) : api.getOptionalAuth(c)),
      }),
    )
  if (placement === 'plain') {
    for (const step of steps) outer.use('/thing', step)
    return outer.all('/thing', handler)
  }
  const inner = new Hono()
  const [outside, inside] = divide(steps, placement)
  for (const step of outside) outer.use('/mounted/*', step)
  for (const step of inside) inner.use(step)
  return outer.route('/mounted', inner.all('/thing', handler))
}

// Both ways that Hono's users have: on the response, as its own CORS middleware does, and on the context.
function others(headers: App['before'] = {}): MiddlewareHandler {
  return (c, next) => {
    for (const [name, value] of Object.entries(headers)) {
      if (name.startsWith('Access-Control-')) c.res.headers.set(name, value)
      else c.header(name, value)
    }
    return next()
  }
}

const ownErrors: ErrorHandler = (error, c) =>
  error instanceof HTTPException ? error.getResponse() : c.json({ message: String(error) }, 500)
