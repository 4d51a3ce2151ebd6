import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { Answer } from '@require-jwt/core'
import { sendAnswer } from './send-answer.js'

const ANSWER: Answer = {
  status: 401,
  headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' },
  appended: { 'WWW-Authenticate': 'Bearer realm="api"' },
  body: '{"status":401}',
}

const open = new Set<{ close(): unknown }>()

afterEach(() => {
  for (const server of open) server.close()
  open.clear()
})

/** What a client gets of a response that a handler writes. */
async function answered(handle: (res: ServerResponse) => void, method = 'GET'): Promise<Response> {
  const server = createServer((_, res) => handle(res))
  open.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return fetch(`http://127.0.0.1:${port}/`, { method, headers: { connection: 'close' } })
}

describe('sendAnswer', () => {
  test('writes status, headers, challenge and body', async () => {
    const response = await answered((res) => sendAnswer(res, ANSWER))
    expect(response.status).toBe(401)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'content-length': '14',
      'www-authenticate': 'Bearer realm="api"',
    })
    expect(await response.text()).toBe('{"status":401}')
  })

  test('replaces a header of the same name, and stands beside the challenge of others', async () => {
    const response = await answered((res) => {
      res.setHeader('Cache-Control', 'public, max-age=60')
      res.setHeader('WWW-Authenticate', 'Basic realm="old"')
      res.setHeader('Access-Control-Allow-Origin', 'https://app.example')
      sendAnswer(res, ANSWER)
    })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="old", Bearer realm="api"')
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example')
  })

  test('writes no body where the answer has none', async () => {
    const response = await answered((res) => sendAnswer(res, { ...ANSWER, body: undefined }), 'HEAD')
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('')
  })

  test('leaves a response alone that another part of the app has begun', async () => {
    const response = await answered((res) => {
      res.writeHead(503, { 'X-By': 'timeout' })
      sendAnswer(res, ANSWER)
      res.end('late')
    })
    expect(response.status).toBe(503)
    expect(response.headers.has('www-authenticate')).toBe(false)
    expect(await response.text()).toBe('late')
  })
})
