import type { RequestListener } from 'node:http'
import { createTestIssuer } from '@require-jwt/testing'
import request from 'supertest'
import { beforeEach, describe, expect, test } from 'vitest'
import { createApp } from './app.js'

const issuer = await createTestIssuer({ audience: 'https://orders.example' })

const carla = await issuer.headers({ sub: 'carla', scope: 'orders:read' })
const withoutScope = await issuer.headers({ sub: 'carla' })
const support = await issuer.headers({ sub: 'sam', scope: 'orders:read', roles: ['support'] })
const supportWithoutScope = await issuer.headers({ sub: 'sam', roles: ['support'] })
const manager = await issuer.headers({ sub: 'mia', permissions: ['orders:refund'] })

let app: RequestListener
beforeEach(() => {
  app = createApp(issuer.options).callback()
})

describe('every route', () => {
  test.each([
    ['GET', '/orders'],
    ['GET', '/orders/1001'],
    ['POST', '/orders/1001/refund'],
    ['GET', '/no-such-route'],
  ] as const)('%s %s answers 401 without a token', async (method, path) => {
    const response = await (method === 'GET' ? request(app).get(path) : request(app).post(path))
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="api"')
  })

  test('answers 401 to an expired token', async () => {
    const expired = `Bearer ${await issuer.faultyToken('expired', { sub: 'carla', scope: 'orders:read' })}`
    const response = await request(app).get('/orders').set({ authorization: expired })
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"')
  })
})

describe('GET /orders', () => {
  test('gives customers their own orders', async () => {
    const response = await request(app).get('/orders').set(carla)
    expect(response.status).toBe(200)
    expect(response.body).toEqual([{ id: '1001', customer: 'carla', total: 120, refunded: false }])
  })

  test('gives support agents all orders', async () => {
    const response = await request(app).get('/orders').set(support)
    expect(response.status).toBe(200)
    expect(response.body).toHaveLength(2)
  })

  test('answers 403 without the scope, and names it', async () => {
    const response = await request(app).get('/orders').set(withoutScope)
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain('scope="orders:read", error="insufficient_scope"')
  })
})

describe('GET /orders/:id', () => {
  test('gives customers an order of their own', async () => {
    const response = await request(app).get('/orders/1001').set(carla)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ id: '1001', customer: 'carla' })
  })

  test('gives support agents the order of anybody', async () => {
    const response = await request(app).get('/orders/1002').set(support)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ id: '1002', customer: 'dario' })
  })

  test.each([withoutScope, supportWithoutScope])('answers 403 without the scope', async (headers) => {
    expect((await request(app).get('/orders/1001').set(headers)).status).toBe(403)
  })

  test('answers to customers the same for the order of somebody else as for no order at all', async () => {
    const foreign = await request(app).get('/orders/1002').set(carla)
    const unknown = await request(app).get('/orders/9999').set(carla)
    expect(foreign.status).toBe(404)
    expect(unknown.status).toBe(404)
    expect(foreign.text).toBe(unknown.text)
  })

  test('answers 404 to support agents for an order that is not there', async () => {
    expect((await request(app).get('/orders/9999').set(support)).status).toBe(404)
  })
})

describe('POST /orders/:id/refund', () => {
  test('refunds an order for who has the permission', async () => {
    const response = await request(app).post('/orders/1001/refund').set(manager)
    expect(response.status).toBe(200)
    expect(response.body).toMatchObject({ id: '1001', refunded: true })
  })

  test.each([
    ['a customer', carla],
    ['a support agent', support],
  ])('answers 403 to %s, and refunds nothing', async (_who, headers) => {
    const response = await request(app).post('/orders/1001/refund').set(headers)
    expect(response.status).toBe(403)
    expect(response.headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect((await request(app).get('/orders/1001').set(carla)).body).toMatchObject({ refunded: false })
  })

  test('answers 403 for an order that is not there, to who has no permission, and 404 to who has', async () => {
    expect((await request(app).post('/orders/9999/refund').set(carla)).status).toBe(403)
    expect((await request(app).post('/orders/9999/refund').set(manager)).status).toBe(404)
  })
})

test('an outage of the issuer goes unnoticed for a while, then it is 503, then it is over', async () => {
  const remote = await createTestIssuer({ audience: 'https://orders.example' })
  const headers = await remote.headers({ sub: 'carla', scope: 'orders:read' }, { expiresIn: 7200 })
  app = createApp(remote.options).callback()
  const statuses = async (): Promise<readonly number[]> => [
    (await request(app).get('/orders').set(headers)).status,
    (await request(app).get('/readyz')).status,
  ]
  expect(await statuses()).toEqual([200, 200])

  remote.goOffline()
  remote.advanceSeconds(30 * 60)
  expect(await statuses()).toEqual([200, 200])
  remote.advanceSeconds(45 * 60)
  expect(await statuses()).toEqual([503, 503])
  const response = await request(app).get('/orders').set(headers)
  expect(response.headers['retry-after']).toMatch(/^\d+$/)
  expect(response.headers['www-authenticate']).toBeUndefined()

  remote.goOnline()
  remote.advanceSeconds(60)
  expect(await statuses()).toEqual([200, 200])
})
