import { defaultFetch } from '#fetch'
import { EventEmitter, once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS } from '../signature/algorithms.js'
import { createLoopback } from './loopback.test-support.js'
import { checkKeySetOptions, type FetchLike } from './options.js'
import { Registry, type Lease } from './registry.js'

// Real keys and real sockets: what the lab only plays.
const { serve, onEnd, end } = createLoopback()

afterEach(end)

function leaseWith(fetch: FetchLike, url: string): Lease {
  const opened = new Registry().open({
    issuer: url,
    where: { kind: 'jwksUri', url: `${url}/jwks` },
    keySet: checkKeySetOptions(undefined),
    fetch,
    now: Date.now,
    isolated: false,
    tenancy: undefined,
    observer: () => undefined,
  })
  onEnd(() => opened.release())
  return opened
}

async function ask({ source }: Lease): Promise<string> {
  const found = await source.find({ kid: 'a', alg: 'ES256', algorithms: new Set(ASYMMETRIC_ALGORITHMS) })
  return isRefusal(found) ? `${found.code}: ${source.status().lastError}` : found.map(({ kid }) => kid).join()
}

async function keySet(): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  return JSON.stringify({ keys: [{ ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid: 'a' }] })
}

const JSON_TYPE = { 'content-type': 'application/json' }

// The default first: once the global one was used, it is the default.
describe.each<[string, FetchLike]>([
  ['the default fetch', defaultFetch],
  ['the global fetch', globalThis.fetch],
])('over HTTP with %s', (_name, fetch) => {
  const lease = (url: string): Lease => leaseWith(fetch, url)

  test('keys are fetched and imported', async () => {
    const body = await keySet()
    const seen: unknown[] = []
    const url = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.accept, request.headers.cookie])
      response.writeHead(200, JSON_TYPE).end(body)
    })
    expect(await ask(lease(url))).toBe('a')
    expect(seen).toEqual([['GET', '/jwks', 'application/jwk-set+json, application/json', undefined]])
  })

  test('a redirect is not followed', async () => {
    const body = await keySet()
    const paths: string[] = []
    const url = await serve((request, response) => {
      paths.push(String(request.url))
      if (request.url === '/jwks') response.writeHead(302, { location: '/elsewhere' }).end()
      else response.writeHead(200, JSON_TYPE).end(body)
    })
    expect(await ask(lease(url))).toBe('keys_unavailable: redirect')
    expect(paths).toEqual(['/jwks'])
  })

  test.each([{}, { 'content-length': String(30 * 1024 * 1024) }])(
    '30 MiB are read no further than the limit: %j',
    async (length) => {
      let written = 0
      const url = await serve((_, response) => {
        response.writeHead(200, { ...JSON_TYPE, ...length })
        const chunk = Buffer.alloc(64 * 1024, ' ')
        const write = (): void => {
          while (written < 30 * 1024 * 1024 && !response.destroyed) {
            written += chunk.length
            if (!response.write(chunk)) return void response.once('drain', write)
          }
          response.end()
        }
        write()
      })
      expect(await ask(lease(url))).toBe('keys_unavailable: body too large')
      expect(written).toBeLessThan(30 * 1024 * 1024)
    },
  )

  test('nobody listens there: 503, after one retry', async () => {
    const url = await serve(() => undefined)
    end()
    expect(await ask(lease(url))).toBe('keys_unavailable: network error')
  })

  test('closing ends a request that hangs', async () => {
    const events = new EventEmitter()
    const url = await serve((request) => {
      request.socket.on('close', () => events.emit('closed'))
      events.emit('arrived')
    })
    const hanging = lease(url)
    const arrived = once(events, 'arrived')
    const closed = once(events, 'closed')
    const answer = ask(hanging)
    await arrived
    hanging.release()
    expect(await answer).toBe('keys_unavailable: undefined')
    expect(await closed).toEqual([])
  })
})
