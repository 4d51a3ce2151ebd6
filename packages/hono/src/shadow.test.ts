import { createTestIssuer } from '@require-jwt/testing'
import { Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { describe, expect, test, vi } from 'vitest'
import { shadow, type AuthEvent } from './index.js'

async function createLab(compareWith: MiddlewareHandler) {
  const issuer = await createTestIssuer({ audience: 'https://api.example' })
  const events: AuthEvent[] = []
  const app = new Hono()
  app.use(shadow({ ...issuer.options, observer: (event) => events.push(event) }, { compareWith }))
  app.get('/orders', (c) => c.text('handled'))
  const compared = () => vi.waitUntil(() => events.find((event) => event.type === 'shadow.compared'))
  return { issuer, call: (headers = {}) => app.request('/orders', { headers }), compared }
}

describe('shadow on Hono', () => {
  test('lets the present middleware decide, and tells that both accept', async () => {
    const { issuer, call, compared } = await createLab((_c, next) => next())
    const response = await call(await issuer.headers())
    expect([response.status, await response.text()]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: true, ours: 'accepted', theirs: 'accepted' })
  })

  test('denies nothing that the present middleware accepts, and tells the difference', async () => {
    const { call, compared } = await createLab((_c, next) => next())
    const response = await call()
    expect([response.status, await response.text()]).toEqual([200, 'handled'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'token_missing', theirs: 'accepted' })
  })

  test('lets the answer of the present middleware stand, and tells the difference', async () => {
    const { issuer, call, compared } = await createLab((c) => Promise.resolve(c.text('theirs', 401)))
    const response = await call(await issuer.headers())
    expect([response.status, await response.text()]).toEqual([401, 'theirs'])
    expect(await compared()).toMatchObject({ agrees: false, ours: 'accepted', theirs: 'refused' })
  })

  test('lets the error of the present middleware through, and tells that both refuse', async () => {
    const { call, compared } = await createLab(() => {
      throw new HTTPException(418)
    })
    expect((await call()).status).toBe(418)
    expect(await compared()).toMatchObject({ agrees: true, ours: 'token_missing', theirs: 'refused' })
  })
})
