import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'

const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/** Looks like Node's own, and tells that it was called. */
const nodes = Object.assign(vi.fn<() => Promise<string>>(), {
  toString: () => "require('internal/deps/undici/undici')",
})

let server: Server
let url: string

beforeAll(async () => {
  server = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

beforeEach(() => {
  vi.resetModules()
  nodes.mockResolvedValue('by fetch')
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  Reflect.deleteProperty(globalThis, DISPATCHER)
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Loads the module into a process whose `fetch` is `global`, and fetches with what it exports. */
async function fetched(global: unknown, change?: () => void): Promise<'by fetch' | 'by node:http'> {
  vi.stubGlobal('fetch', global)
  const { defaultFetch } = await import('./default-fetch.node.js')
  change?.()
  const { signal } = new AbortController()
  const response: unknown = await defaultFetch(url, { headers: {}, redirect: 'manual', signal })
  return response === 'by fetch' ? response : 'by node:http'
}

test('as long as nobody has fetched, what fetch does is done without loading it', async () => {
  expect(await fetched(nodes)).toBe('by node:http')
  expect(nodes).not.toHaveBeenCalled()
  expect(DISPATCHER in globalThis).toBe(false)
})

test('a fetch that somebody put there before is used', async () => {
  expect(await fetched(() => Promise.resolve('by fetch'))).toBe('by fetch')
})

test('so is one that was put there after', async () => {
  expect(await fetched(nodes, () => void vi.stubGlobal('fetch', () => Promise.resolve('by fetch')))).toBe(
    'by fetch',
  )
})

test('where a dispatcher stands, as of a proxy or of a mock, requests go through it', async () => {
  const place = { value: {}, configurable: true }
  expect(await fetched(nodes, () => void Object.defineProperty(globalThis, DISPATCHER, place))).toBe(
    'by fetch',
  )
})

test('where the environment names a proxy, fetch goes by it', async () => {
  vi.stubEnv('NODE_USE_ENV_PROXY', '1')
  expect(await fetched(nodes)).toBe('by fetch')
})

test('so it does where the command line says so', async () => {
  vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--use-env-proxy'])
  expect(await fetched(nodes)).toBe('by fetch')
})

test('what is compressed without having been asked for is read by fetch', async () => {
  server.removeAllListeners('request')
  server.on('request', (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  )
  expect(await fetched(nodes)).toBe('by fetch')
})
