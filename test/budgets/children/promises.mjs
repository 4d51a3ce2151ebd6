// Counts the promises that a remembered token costs, and of the adapters those beyond what the framework makes
// with a middleware that does nothing.
import { createVerifier } from '@require-jwt/core'
import { requireJwt as onExpress } from '@require-jwt/express'
import { requireJwt as onHono } from '@require-jwt/hono'
import { requireJwt as onKoa } from '@require-jwt/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { createHook } from 'node:async_hooks'
import { Agent, createServer, get } from 'node:http'
import { mint, OPTIONS } from './tokens.mjs'

const CALLS = 100
const token = mint(0)
const headers = { authorization: `Bearer ${token}` }

let promises = 0
const hook = createHook({
  init(_id, type) {
    if (type === 'PROMISE') promises += 1
  },
})

const verifier = createVerifier(OPTIONS)
const ask = async (make, middlewares) => {
  const counts = []
  for (const middleware of middlewares) counts.push(await make(middleware))
  return counts[1] - counts[0]
}

console.log(
  JSON.stringify({
    verify: (await countOf((done) => verifier.verify(token).then(done, done))) - 1,
    express: await ask(countExpress, [(_req, _res, next) => next(), onExpress(verifier)]),
    koa: await ask(countKoa, [(_ctx, next) => next(), onKoa(verifier)]),
    hono: await ask(countHono, [(_c, next) => next(), onHono(verifier)]),
    koaA: await ask(countKoa, [async (_ctx, next) => next(), onKoa(verifier)]),
    honoA: await ask(countHono, [async (_c, next) => next(), onHono(verifier)]),
  }),
)

function countExpress(middleware) {
  const app = express()
    .use(middleware)
    .get('/', (_req, res) => res.json({}))
  return countServed(app)
}

function countKoa(middleware) {
  const app = new Koa()
  app.use(middleware).use((ctx) => {
    ctx.body = {}
  })
  return countServed(app.callback())
}

async function countHono(middleware) {
  const app = new Hono()
  app.use(middleware)
  app.get('/', (c) => c.json({}))
  return countOf((done) => {
    const r = app.fetch(new Request('http://api.example/', { headers }))
    r.then(done, done)
  })
}

async function countServed(listener) {
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const count = await countOf((done) => {
    get({ host: '127.0.0.1', port, agent, headers }, (response) => {
      if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}`)
      response.resume().once('end', done)
    })
  })
  agent.destroy()
  server.close()
  return count
}

async function countOf(call) {
  // The first makes the token a remembered one.
  await new Promise((resolve) => call(resolve))
  promises = 0
  await new Promise((resolve) => {
    let left = CALLS
    const next = () => {
      if (left === 0) {
        hook.disable()
        resolve()
        return
      }
      left -= 1
      call(next)
    }
    hook.enable()
    next()
  })
  return promises / CALLS
}
