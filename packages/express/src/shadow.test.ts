import { createTestIssuer } from '@require-jwt/testing'
import express from 'express'
import express4 from 'express4'
import request from 'supertest'
import { describe, expect, test, vi } from 'vitest'
import { shadow, type AuthEvent, type ExpressHandler } from './index.js'

const FRAMEWORKS = { 'Express 5': express, 'Express 4': express4 as unknown as typeof express }

const onError: express.ErrorRequestHandler = (_error, _req, res, _next) => {
  res.status(418).end()
}

describe.each(Object.entries(FRAMEWORKS))('shadow on %s', (_name, framework) => {
  async function createLab(compareWith: ExpressHandler) {
    const issuer = await createTestIssuer({ audience: 'https://api.example' })
    const events: AuthEvent[] = []
    const app = framework()
    app.use(shadow({ ...issuer.options, observer: (event) => events.push(event) }, { compareWith }))
    app.get('/orders', (_req, res) => {
      res.send('handled')
    })
    app.use(onError)
    const compared = () => vi.waitUntil(() => events.find((event) => event.type === 'shadow.compared'))
    return { issuer, call: () => request(app).get('/orders'), compared }
  }

  test('lets the present middleware decide, and tells that both accept', async () => {
    const { issuer, call, compared } = await createLab((_req, _res, next) => next())
    const response = await call().set(await issuer.headers())
    expect([response.status, response.text]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: true, ours: 'accepted', theirs: 'accepted' })
  })

  test('denies nothing that the present middleware accepts, and tells the difference', async () => {
    const { call, compared } = await createLab((_req, _res, next) => next())
    const response = await call()
    expect([response.status, response.text]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'token_missing', theirs: 'accepted' })
  })

  test('lets the answer of the present middleware stand, and tells the difference', async () => {
    const { issuer, call, compared } = await createLab((_req, res) => {
      res.statusCode = 401
      res.end('theirs')
    })
    const response = await call().set(await issuer.headers())
    expect([response.status, response.text]).toEqual([401, 'theirs'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'accepted', theirs: 'refused' })
  })

  test('lets the error of the present middleware through, and tells that both refuse', async () => {
    const { call, compared } = await createLab((_req, _res, next) => next(new Error('theirs')))
    expect((await call()).status).toBe(418)
    expect(await compared()).toMatchObject({ agrees: true, ours: 'token_missing', theirs: 'refused' })
  })
})
