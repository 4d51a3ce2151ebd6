import { EventEmitter, once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { defaultFetch as onNode } from './default-fetch.node.js'
import { defaultFetch as onWeb } from './default-fetch.web.js'
import { createLoopback } from './loopback.test-support.js'
import type { ResponseLike } from './options.js'

const { serve, end } = createLoopback()

afterEach(end)

async function textOf({ body }: ResponseLike): Promise<string> {
  const reader = body?.getReader()
  let text = ''
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- chunks come one after the other
    const part = await reader?.read()
    if (part === undefined || part.done) return text
    text += Buffer.from(part.value ?? []).toString()
  }
}

// Node's first: as soon as the global `fetch` was used, both are the same.
describe.each([
  ['Node', onNode],
  ['other runtimes', onWeb],
])('the default fetch of %s', (_name, defaultFetch) => {
  const ask = (url: string, signal = new AbortController().signal): Promise<ResponseLike> =>
    defaultFetch(url, { headers: { accept: 'text/x', 'if-none-match': '"1"' }, redirect: 'manual', signal })

  test('sends the headers and gives status, headers and body', async () => {
    let headers: IncomingHttpHeaders = {}
    const url = await serve((request, response) => {
      headers = request.headers
      response.writeHead(
        203,
        [
          ['ETag', '"2"'],
          ['X-Two', 'a'],
          ['X-Two', 'b'],
        ].flat(),
      )
      response.write('one ')
      response.end('two')
    })
    const response = await ask(url)
    expect(headers).toMatchObject({ accept: 'text/x', 'if-none-match': '"1"' })
    expect(response.status).toBe(203)
    expect(['etag', 'x-two', 'x-none'].map((name) => response.headers.get(name))).toEqual([
      '"2"',
      'a, b',
      null,
    ])
    expect(await textOf(response)).toBe('one two')
  })

  test.each([301, 302, 307])('follows no redirect: %i', async (status) => {
    const paths: (string | undefined)[] = []
    const url = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    expect((await ask(url)).status).toBe(status)
    expect(paths).toEqual(['/'])
  })

  test('ends a body that nobody wants to read on', async () => {
    let ended: Promise<unknown> = Promise.resolve()
    const url = await serve((request, response) => {
      ended = once(request.socket, 'close')
      response.write('a')
    })
    const reader = (await ask(url)).body?.getReader()
    expect(await reader?.read()).toMatchObject({ done: false })
    await reader?.cancel()
    await ended
  })

  test('rejects when the signal aborts, before the answer and in the middle of it', async () => {
    const arrivals = new EventEmitter()
    const url = await serve((request, response) => {
      if (request.url === '/body') response.write('a')
      arrivals.emit('arrived')
    })
    const controllers = [new AbortController(), new AbortController()] as const
    const arrived = once(arrivals, 'arrived')
    const waiting = ask(url, controllers[0].signal)
    await arrived
    controllers[0].abort()
    await expect(waiting).rejects.toHaveProperty('name', 'AbortError')
    const response = await ask(`${url}/body`, controllers[1].signal)
    controllers[1].abort()
    await expect(textOf(response)).rejects.toBeInstanceOf(Error)
  })

  test('rejects where nobody listens', async () => {
    const url = await serve(() => undefined)
    end()
    await expect(ask(url)).rejects.toBeInstanceOf(Error)
  })

  test('reads what is compressed without having been asked for', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"keys":[]}'))
    })
    expect(await textOf(await ask(url))).toBe('{"keys":[]}')
  })
})
