import * as api from '@require-jwt/express'
import { isAuthError } from '@require-jwt/express'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import express4Factory from 'express4'
import type { App } from '../support/app.js'
import { divide, listen, type Adapter, type Placement } from './adapter.js'

export const express5: Adapter = adapterOf('Express 5', express)
export const express4: Adapter = adapterOf('Express 4', express4Factory as unknown as typeof express)

function adapterOf(name: string, create: typeof express): Adapter {
  return {
    name,
    serve: (app, placement, limit) => listen(build(app, placement, create), placement, limit),
  }
}

function build(app: App, placement: Placement, create: typeof express): Express {
  const outer = create()
  if (app.cors) outer.use(answerPreflights)
  outer.use(others(app.before), create.urlencoded({ extended: false }), create.json())
  const steps = app.steps(api)
  const handler: RequestHandler = (req, res) => {
    res.json(
      app.handle({
        getAuth: (verifier) => (verifier ? api.getAuth(req, verifier) : api.getAuth(req)),
        getOptionalAuth: (verifier) =>
          verifier ? api.getOptionalAuth(req, verifier) : api.getOptionalAuth(req),
      }),
    )
  }
  if (placement === 'plain') outer.all('/thing', ...steps, handler)
  else {
    const [outside, inside] = divide(steps, placement)
    const inner = placement === 'mounted' ? create.Router() : create()
    for (const step of outside) outer.use('/mounted', step)
    for (const step of inside) inner.use(step)
    inner.all('/thing', handler)
    outer.use('/mounted', inner)
  }
  if (app.ownErrors) outer.use(ownErrors)
  return outer
}

function others(headers: App['before'] = {}): RequestHandler {
  return (_req, res, next) => {
    res.set(headers)
    next()
  }
}

const answerPreflights: RequestHandler = (req, res, next) => {
  if (req.method === 'OPTIONS' && req.headers['access-control-request-method']) res.status(204).end()
  else next()
}

const ownErrors: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  if (!isAuthError(error)) {
    res.status(500).json({ message: String(error) })
    return
  }
  const { 'WWW-Authenticate': challenge, ...headers } = error.headers
  res.status(error.status).set(headers)
  if (challenge !== undefined) res.append('WWW-Authenticate', challenge)
  res.json({ forwarded: error.code, message: error.message })
}
