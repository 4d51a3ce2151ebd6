import { createTestIssuer } from '@require-jwt/testing'
import Koa, { type Middleware } from 'koa'
import Koa2 from 'koa2'
import request from 'supertest'
import { describe, expect, test, vi } from 'vitest'
import { shadow, type AuthEvent } from './index.js'

const FRAMEWORKS = { 'Koa 3': Koa, 'Koa 2': Koa2 as unknown as typeof Koa }

describe.each(Object.entries(FRAMEWORKS))('shadow on %s', (_name, Framework) => {
  async function createLab(compareWith: Middleware) {
    const issuer = await createTestIssuer({ audience: 'https://api.example' })
    const events: AuthEvent[] = []
    const app = new Framework()
    app.silent = true
    app.use(shadow({ ...issuer.options, observer: (event) => events.push(event) }, { compareWith }))
    app.use((ctx) => {
      ctx.body = 'handled'
    })
    const compared = () => vi.waitUntil(() => events.find((event) => event.type === 'shadow.compared'))
    return { issuer, call: () => request(app.callback()).get('/orders'), compared }
  }

  test('lets the present middleware decide, and tells that both accept', async () => {
    const { issuer, call, compared } = await createLab((_ctx, next) => next())
    const response = await call().set(await issuer.headers())
    expect([response.status, response.text]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: true, ours: 'accepted', theirs: 'accepted' })
  })

  test('denies nothing that the present middleware accepts, and tells the difference', async () => {
    const { call, compared } = await createLab((_ctx, next) => next())
    const response = await call()
    expect([response.status, response.text]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'token_missing', theirs: 'accepted' })
  })

  test('lets the answer of the present middleware stand, and tells the difference', async () => {
    const { issuer, call, compared } = await createLab((ctx) => {
      ctx.status = 401
      ctx.body = 'theirs'
    })
    const response = await call().set(await issuer.headers())
    expect([response.status, response.text]).toEqual([401, 'theirs'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'accepted', theirs: 'refused' })
  })

  test('lets the error of the present middleware through, and tells that both refuse', async () => {
    const { call, compared } = await createLab(() => {
      throw Object.assign(new Error('theirs'), { status: 418 })
    })
    expect((await call()).status).toBe(418)
    expect(await compared()).toMatchObject({ agrees: true, ours: 'token_missing', theirs: 'refused' })
  })
})
