import { createTestIssuer } from '@require-jwt/testing'
import type { Hono } from 'hono'
import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from './app.js'

const issuer = await createTestIssuer({ audience: 'https://orders.example' })

const carla = await issuer.headers({ sub: 'carla', scope: 'orders:read' })
const withoutScope = await issuer.headers({ sub: 'carla' })
const support = await issuer.headers({ sub: 'sam', scope: 'orders:read', roles: ['support'] })
const supportWithoutScope = await issuer.headers({ sub: 'sam', roles: ['support'] })
const manager = await issuer.headers({ sub: 'mia', permissions: ['orders:refund'] })

let app: Hono
beforeEach(() => {
  app = createApp(issuer.options)
})

describe('every route', () => {
  test.each([
    ['GET', '/orders'],
    ['GET', '/orders/1001'],
    ['POST', '/orders/1001/refund'],
    ['GET', '/no-such-route'],
  ] as const)('%s %s answers 401 without a token', async (method, path) => {
    const response = await app.request(path, { method })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })

  test('answers 401 to an expired token', async () => {
    const expired = `Bearer ${await issuer.faultyToken('expired', { sub: 'carla', scope: 'orders:read' })}`
    const response = await get('/orders', { authorization: expired })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })
})

describe('GET /orders', () => {
  test('gives customers their own orders', async () => {
    const response = await get('/orders', carla)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual([{ id: '1001', customer: 'carla', total: 120, refunded: false }])
  })

  test('gives support agents all orders', async () => {
    const response = await get('/orders', support)
    expect(response.status).toBe(200)
    expect(await response.json()).toHaveLength(2)
  })

  test('answers 403 without the scope, and names it', async () => {
    const response = await get('/orders', withoutScope)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain(
      'scope="orders:read", error="insufficient_scope"',
    )
  })
})

describe('GET /orders/:id', () => {
  test('gives customers an order of their own', async () => {
    const response = await get('/orders/1001', carla)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: '1001', customer: 'carla' })
  })

  test('gives support agents the order of anybody', async () => {
    const response = await get('/orders/1002', support)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: '1002', customer: 'dario' })
  })

  test.each([withoutScope, supportWithoutScope])('answers 403 without the scope', async (headers) => {
    expect((await get('/orders/1001', headers)).status).toBe(403)
  })

  test('answers to customers the same for the order of somebody else as for no order at all', async () => {
    const foreign = await get('/orders/1002', carla)
    const unknown = await get('/orders/9999', carla)
    expect(foreign.status).toBe(404)
    expect(unknown.status).toBe(404)
    expect(await foreign.text()).toBe(await unknown.text())
  })

  test('answers 404 to support agents for an order that is not there', async () => {
    expect((await get('/orders/9999', support)).status).toBe(404)
  })
})

describe('POST /orders/:id/refund', () => {
  test('refunds an order for who has the permission', async () => {
    const response = await post('/orders/1001/refund', manager)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ id: '1001', refunded: true })
  })

  test.each([
    ['a customer', carla],
    ['a support agent', support],
  ])('answers 403 to %s, and refunds nothing', async (_who, headers) => {
    const response = await post('/orders/1001/refund', headers)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"')
    expect(await (await get('/orders/1001', carla)).json()).toMatchObject({ refunded: false })
  })

  test('answers 403 for an order that is not there, to who has no permission, and 404 to who has', async () => {
    expect((await post('/orders/9999/refund', carla)).status).toBe(403)
    expect((await post('/orders/9999/refund', manager)).status).toBe(404)
  })
})

test('an outage of the issuer goes unnoticed for a while, then it is 503, then it is over', async () => {
  const remote = await createTestIssuer({ audience: 'https://orders.example' })
  const headers = await remote.headers({ sub: 'carla', scope: 'orders:read' }, { expiresIn: 7200 })
  app = createApp(remote.options)
  const statuses = async (): Promise<readonly number[]> => [
    (await get('/orders', headers)).status,
    (await app.request('/readyz')).status,
  ]
  expect(await statuses()).toEqual([200, 200])

  remote.goOffline()
  remote.advanceSeconds(30 * 60)
  expect(await statuses()).toEqual([200, 200])
  remote.advanceSeconds(45 * 60)
  expect(await statuses()).toEqual([503, 503])
  const response = await get('/orders', headers)
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(response.headers.get('www-authenticate')).toBeNull()

  remote.goOnline()
  remote.advanceSeconds(60)
  expect(await statuses()).toEqual([200, 200])
})

type Headers = Readonly<Record<string, string>>

async function get(path: string, headers: Headers): Promise<Response> {
  return app.request(path, { headers })
}

async function post(path: string, headers: Headers): Promise<Response> {
  return app.request(path, { method: 'POST', headers })
}
