// Counts the promises that are made for a remembered token: by the core, and by the adapters beyond those that the
// framework makes with a middleware that does nothing.
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

const CALLS = 25
const verifier = createVerifier(OPTIONS)
const token = mint(0)
const headers = { authorization: `Bearer ${token}` }

let promises = 0
const hook = createHook({
  init(_id, type) {
    if (type === 'PROMISE') promises += 1
  },
})

// In the form in which each framework's middlewares are written.
const passExpress = (_req, _res, next) => next()
const pass = async (_context, next) => next()

console.log(
  JSON.stringify({
    'made by verify': await countOf((ended) => {
      // The `then` makes one of its own.
      promises -= 1
      void verifier.verify(token).then(ended)
    }),
    'added on Express': (await countExpress(onExpress(verifier))) - (await countExpress(passExpress)),
    'added on Koa': (await countKoa(onKoa(verifier))) - (await countKoa(pass)),
    'added on Hono': (await countHono(onHono(verifier))) - (await countHono(pass)),
  }),
)

function countExpress(middleware) {
  const app = express()
  app.use(middleware)
  app.get('/', (_req, res) => {
    res.json({})
  })
  return countServed(app)
}

function countKoa(middleware) {
  const app = new Koa()
  app.use(middleware)
  app.use((ctx) => {
    ctx.body = {}
  })
  return countServed(app.callback())
}

function countHono(middleware) {
  const app = new Hono()
  app.use(middleware)
  app.get('/', (c) => c.json({}))
  return countOf((ended) => {
    void app.request('/', { headers }).then(({ status }) => ended(status))
  })
}

async function countServed(listener) {
  const server = createServer(listener)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true })
  const count = await countOf((ended) => {
    get({ host: '127.0.0.1', port: server.address().port, agent, headers }, (response) => {
      response.resume().once('end', () => ended(response.statusCode))
    })
  })
  agent.destroy()
  server.close()
  return count
}

/** Counts the promises of a call: the median of some, after the first, which makes the token a remembered one. */
async function countOf(call) {
  const found = []
  for (let left = CALLS; left > 0; left -= 1) found.push(await countOne(call))
  return found.toSorted((a, b) => a - b)[Math.floor(CALLS / 2)]
}

function countOne(call) {
  return new Promise((resolve, reject) => {
    const ended = (status) => {
      hook.disable()
      if (typeof status === 'number' && status !== 200) reject(new Error(`answered ${status}`))
      else resolve(promises)
    }
    // In a turn of its own: the promises of this function are not counted.
    setImmediate(() => {
      promises = 0
      hook.enable()
      call(ended)
    })
  })
}
