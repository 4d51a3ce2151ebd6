import express, { type Express, type RequestHandler } from 'express'
import type { Route } from '../support/requests.js'

/** An Express app with a handler behind the guards of each route, which answers as in production. */
export function expressApp(guards: Partial<Record<Route, readonly RequestHandler[]>>): Express {
  const app = express().set('env', 'production')
  for (const [route, handlers] of Object.entries(guards)) app.all(route, ...handlers, ok)
  return app
}

const ok: RequestHandler = (_req, res) => {
  res.json({})
}
