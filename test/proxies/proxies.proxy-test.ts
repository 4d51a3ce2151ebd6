import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getAuth, requireJwt, type AuthEvent } from '@require-jwt/express'
import { createTestIssuer } from '@require-jwt/testing'
import express from 'express'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exchange, valuesOf, type Answer } from '../conformance/support/http.js'
import { pageBlocks, startProxy, type Proxy } from './proxy.js'

const issuer = await createTestIssuer({ audience: 'https://api.example' })
const events: AuthEvent[] = []
let requests = 0
let server: Server

const bearer = async (claims?: Record<string, unknown>): Promise<readonly [string, string]> => [
  'Authorization',
  `Bearer ${await issuer.token(claims)}`,
]

beforeAll(async () => {
  const api = express()
    .use((_req, _res, next) => {
      requests += 1
      next()
    })
    .use(requireJwt({ ...issuer.options, observer: (event) => void events.push(event) }))
    .get('/me', (req, res) => void res.json({ sub: getAuth(req).subject }))
  server = createServer({ maxHeaderSize: 32_768 }, api).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

beforeEach(() => {
  events.length = 0
  requests = 0
})

afterAll(async () => {
  server.close()
  await once(server, 'close')
})

const LIMITS = /(?:large_client_header_buffers 4 32k;|tune.bufsize 32768)/

describe.each(['nginx', 'haproxy'] as const)('behind %s', (name) => {
  let proxy: Proxy

  beforeAll(async () => {
    const [configuration = ''] = pageBlocks(name)
    proxy = await startProxy(name, configuration, portOf(server))
  })

  afterAll(async () => {
    await proxy.stop()
  })

  const ask = (...headers: (readonly [string, string])[]): Promise<Answer> =>
    exchange(`${proxy.url}/me`, { headers })

  test('a good token passes, and a caller without one gets the whole challenge', async () => {
    expect(await ask(await bearer({ sub: 'ada' }))).toMatchObject({ status: 200, body: '{"sub":"ada"}' })
    const refused = await ask()
    expect(refused.status).toBe(401)
    expect(valuesOf(refused, 'www-authenticate')).toEqual(['Bearer realm="api"'])
    expect(valuesOf(refused, 'cache-control')).toEqual(['no-store'])
    expect(JSON.parse(refused.body)).toEqual({ type: 'about:blank', title: 'Unauthorized', status: 401 })
  })

  test('what a client says of hosts, addresses and protocols changes nothing', async () => {
    const forged = [
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-Forwarded-Proto', 'http'],
      ['Forwarded', 'for=127.0.0.1;host=evil.example;proto=http'],
    ] as const
    expect((await ask(...forged, await bearer())).status).toBe(200)
    expect((await ask(...forged)).bytes).toBe((await ask()).bytes)
  })

  test('a token of 15,000 characters passes with the limit of the page, and gets 400 without it', async () => {
    const long = await bearer({ groups: Array.from({ length: 950 }, (_, at) => `group-${at}`) })
    expect(long[1].length).toBeGreaterThan(15_000)
    expect((await ask(long)).status).toBe(200)

    const [configuration = ''] = pageBlocks(name)
    const narrow = await startProxy(name, configuration.replace(LIMITS, ''), portOf(server))
    try {
      expect((await exchange(`${narrow.url}/me`, { headers: [long] })).status).toBe(400)
    } finally {
      await narrow.stop()
    }
  })

  test('of two Authorization fields none wins', async () => {
    const token = await bearer()
    expect((await ask(token, token)).status).toBe(400)
    expect((await ask(token, ['Authorization', 'Bearer abc'])).status).toBe(400)
    expect(events.filter(({ type }) => type === 'authenticated')).toEqual([])
  })

  test('credentials for the proxy itself are no token', async () => {
    const refused = await ask(['Authorization', 'Basic YWRhOnNlY3JldA=='])
    expect(refused.status).toBe(401)
    expect(events).toMatchObject([{ code: 'token_missing' }])
  })
})

describe('nginx that caches', () => {
  const [configuration = '', twoLines = ''] = pageBlocks('nginx')

  test.each([
    { name: 'gives the answer of one caller to another', lines: '', second: 200, asked: 1 },
    { name: 'keeps them apart with the two lines of the page', lines: twoLines, second: 401, asked: 2 },
  ])('$name', async ({ lines, second, asked }) => {
    expect(await statusesOf(lines, await bearer())).toEqual([200, second])
    expect(requests).toBe(asked)
  })

  test('keeps no refusal', async () => {
    expect(await statusesOf('')).toEqual([401, 401])
    expect(requests).toBe(2)
  })

  /** Asks for one page twice, the second time without a token, through a cache with more lines. */
  async function statusesOf(lines: string, ...headers: (readonly [string, string])[]): Promise<unknown> {
    const cache = `proxy_cache answers; proxy_cache_valid 200 401 1m; ${lines} location /`
    const proxy = await startProxy('nginx', configuration.replace('location /', cache), portOf(server))
    try {
      const first = await exchange(`${proxy.url}/me`, { headers })
      const second = await exchange(`${proxy.url}/me`, {})
      return [first.status, second.status]
    } finally {
      await proxy.stop()
    }
  }
})

function portOf(listening: Server): number {
  const { port } = listening.address() as AddressInfo
  return port
}
