import { describe, expect, test, vi } from 'vitest'
import { RUNTIME, type Runtime } from './clock.js'
import { fetchJson, type Attempt, type Fetched } from './fetch.js'
import type { FetchLike } from './options.js'

const URL = 'https://idp.example/jwks'
const AT_ONCE: Runtime = { ...RUNTIME, after: (_, run) => (run(), () => undefined) }

interface Setting {
  readonly maxBytes?: number
  readonly runtime?: Runtime
  readonly attempt?: Partial<Attempt>
}

function get(
  fetch: FetchLike,
  { maxBytes = 100, runtime = AT_ONCE, attempt }: Setting = {},
): Promise<Fetched<unknown>> {
  const signal = new AbortController().signal
  const whole = { signal, forced: false, mayRetry: false, sending: () => undefined, ...attempt }
  return fetchJson(URL, { fetch, maxBytes, runtime }, whole)
}

type Body = ConstructorParameters<typeof Response>[0]

function answer(body: Body, more: ResponseInit = {}): FetchLike {
  return async () => new Response(body, { headers: { 'content-type': 'application/json' }, ...more })
}

function ofType(contentType: string): FetchLike {
  return answer('{"keys":[]}', { headers: { 'content-type': contentType } })
}

/** A body that counts what is read of it. */
function stream(
  chunk: string,
  chunks: number,
): { body: ReadableStream<Uint8Array>; read: () => number; cancelled: () => boolean } {
  let read = 0
  let cancelled = false
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        read += 1
        if (read > chunks) controller.close()
        else controller.enqueue(new TextEncoder().encode(chunk))
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, read: () => read, cancelled: () => cancelled }
}

describe('the request', () => {
  test('is one GET that asks for JSON, follows no redirect and can be ended', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}'))
    const { signal } = new AbortController()
    await get(fetch, { attempt: { signal } })
    expect(fetch.mock.calls).toEqual([
      [
        URL,
        { headers: { accept: 'application/jwk-set+json, application/json' }, redirect: 'manual', signal },
      ],
    ])
  })

  test('asks caches on the way to ask the issuer only where it is forced', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}'))
    await get(fetch, { attempt: { forced: true } })
    expect(fetch.mock.calls[0]?.[1].headers).toMatchObject({ 'cache-control': 'no-cache' })
  })

  test('is not sent where the attempt has ended', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}'))
    expect(await get(fetch, { attempt: { signal: AbortSignal.abort() } })).toMatchObject({ ok: false })
    expect(fetch).not.toHaveBeenCalled()
  })

  test('is called bare: `this` is nothing of ours', async () => {
    const seen: unknown[] = []
    await get(function fetch(this: unknown) {
      seen.push(this)
      return answer('{}')(URL, { headers: {}, redirect: 'manual', signal: new AbortController().signal })
    })
    expect(seen).toEqual([undefined])
  })
})

describe('the answer', () => {
  test('is what the JSON says', async () => {
    expect(await get(answer('{"keys":[1]}'))).toEqual({ ok: true, value: { keys: [1] } })
  })

  test.each([
    'application/json',
    'application/jwk-set+json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'text/json',
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/octet-stream',
    'binary/octet-stream',
    '',
  ])('of content type %j is read', async (contentType) => {
    expect(await get(ofType(contentType))).toMatchObject({ ok: true })
  })

  test.each(['text/html', 'text/html; charset=utf-8', 'application/xml', 'text/jsonx', 'image/png', 'json'])(
    'of content type %j is refused',
    async (contentType) => {
      expect(await get(ofType(contentType))).toMatchObject({ reason: 'not JSON', absent: true })
    },
  )

  test.each([301, 302, 303, 304, 307, 308])(
    'of status %i is a redirect, and nobody follows it',
    async (status) => {
      const fetch = vi.fn<FetchLike>(answer(null, { status, headers: { location: 'https://evil.example' } }))
      expect(await get(fetch)).toMatchObject({ reason: 'redirect', transient: false, absent: false })
      expect(fetch).toHaveBeenCalledOnce()
    },
  )

  test('of status 0, a redirect that a browser hides, is refused', async () => {
    const hidden = { status: 0, headers: new Headers(), body: null }
    expect(await get(async () => hidden)).toMatchObject({ reason: 'redirect' })
  })

  test.each([
    [201, false, false],
    [204, false, false],
    [400, false, false],
    [401, false, false],
    [403, false, false],
    [404, false, true],
    [408, true, false],
    [410, false, true],
    [429, true, false],
    [500, true, false],
    [503, true, false],
  ])('of status %i is refused; transient %s, absent %s', async (status, transient, absent) => {
    const body = status === 204 ? null : '{"keys":[]}'
    expect(await get(answer(body, { status }))).toEqual({
      ok: false,
      reason: `status ${status}`,
      transient,
      absent,
    })
  })

  test.each([
    ['no body', null],
    ['an empty body', ''],
    ['no JSON', '<html>'],
    ['half of it', '{"keys":'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('with %s is refused', async (_, body) => {
    expect(await get(answer(body))).toMatchObject({ reason: 'not JSON', transient: false, absent: true })
  })

  test('in pieces is put together, also where a piece ends within a character', async () => {
    const bytes = new TextEncoder().encode('{"name":"é"}')
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
    expect(await get(answer(pieces))).toEqual({ ok: true, value: { name: 'é' } })
  })
})

describe('the size', () => {
  test('the limit itself is allowed', async () => {
    expect(await get(answer(`"${'x'.repeat(98)}"`))).toMatchObject({ ok: true })
    expect(await get(answer(`"${'x'.repeat(99)}"`))).toMatchObject({
      reason: 'body too large',
      transient: false,
    })
  })

  test('a larger Content-Length is refused before anything is read', async () => {
    const { body, read, cancelled } = stream('x', 1_000)
    const headers = { 'content-type': 'application/json', 'content-length': '101' }
    expect(await get(answer(body, { headers }))).toMatchObject({ reason: 'body too large' })
    expect(read()).toBe(0)
    expect(cancelled()).toBe(true)
  })

  test('without a Content-Length, or with a false one, reading ends at the limit', async () => {
    for (const length of [{}, { 'content-length': '10' }, { 'content-length': 'many' }]) {
      const { body, read, cancelled } = stream('x'.repeat(30), 1_000)
      const headers = { 'content-type': 'application/json', ...length }
      expect(await get(answer(body, { headers }))).toMatchObject({ reason: 'body too large' })
      expect(read()).toBe(4)
      expect(cancelled()).toBe(true)
    }
  })

  test('what is refused by its status or type is not read either', async () => {
    const { body, read, cancelled } = stream('x', 1_000)
    await get(answer(body, { headers: { 'content-type': 'text/html' } }))
    expect(read()).toBe(0)
    expect(cancelled()).toBe(true)
  })

  test('an attempt that ends while the body is read reads no further', async () => {
    const controller = new AbortController()
    const { body, read, cancelled } = stream('x', 1_000)
    const fetch: FetchLike = async () => {
      const { status, headers, body: whole } = await answer(body)(URL, init(controller.signal))
      const reader = whole?.getReader()
      if (reader === undefined) throw new Error('no body')
      return {
        status,
        headers,
        body: {
          getReader: () => ({
            read() {
              if (read() === 2) controller.abort()
              return reader.read()
            },
            cancel: (reason) => reader.cancel(reason),
          }),
        },
      }
    }
    expect(await get(fetch, { attempt: { signal: controller.signal } })).toMatchObject({ ok: false })
    expect(read()).toBe(3)
    expect(cancelled()).toBe(true)
  })
})

function init(signal: AbortSignal): Parameters<FetchLike>[1] {
  return { headers: {}, redirect: 'manual', signal }
}

function unreachable(): never {
  throw new Error('getaddrinfo ENOTFOUND secret.internal')
}

describe('once more', () => {
  const mayRetry = { attempt: { mayRetry: true } }

  function failing(first: FetchLike): ReturnType<typeof vi.fn<FetchLike>> {
    return vi.fn<FetchLike>(answer('{}')).mockImplementationOnce(first)
  }
  const broken = new ReadableStream({
    pull() {
      throw new Error('reset')
    },
  })

  test.each<[string, FetchLike]>([
    ['a refused connection', async () => unreachable()],
    ['a fetch that throws', unreachable],
    ['a body that breaks off', answer(broken)],
    ['408', answer('', { status: 408 })],
    ['429', answer('', { status: 429 })],
    ['500', answer('', { status: 500 })],
    ['503', answer('', { status: 503 })],
  ])('after %s', async (_, first) => {
    const fetch = failing(first)
    expect(await get(fetch, mayRetry)).toMatchObject({ ok: true })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test.each<[string, FetchLike]>([
    ['404', answer('', { status: 404 })],
    ['403', answer('', { status: 403 })],
    ['a redirect', answer(null, { status: 302 })],
    ['HTML', ofType('text/html')],
    ['no JSON', answer('<')],
    ['too much', answer(' '.repeat(200))],
  ])('not after %s', async (_, first) => {
    const fetch = failing(first)
    expect(await get(fetch, mayRetry)).toMatchObject({ ok: false })
    expect(fetch).toHaveBeenCalledOnce()
  })

  test('not where the attempt may not', async () => {
    const fetch = failing(answer('', { status: 503 }))
    expect(await get(fetch)).toMatchObject({ reason: 'status 503' })
    expect(fetch).toHaveBeenCalledOnce()
  })

  test('only once, and what is told is a word of ours', async () => {
    const fetch = vi.fn<FetchLike>(async () => unreachable())
    expect(await get(fetch, mayRetry)).toEqual({
      ok: false,
      reason: 'network error',
      transient: true,
      absent: false,
    })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  test.each([
    [0, 100],
    [0.5, 200],
    [0.999, 299.8],
  ])('after a pause of 100 to 300 ms: a random number of %d makes %d', async (random, ms) => {
    const after = vi.fn<Runtime['after']>(AT_ONCE.after)
    const runtime = { ...AT_ONCE, random: () => random, after }
    await get(failing(answer('', { status: 503 })), { ...mayRetry, runtime })
    expect(after.mock.calls).toEqual([[ms, expect.any(Function), true]])
  })

  test('each request is announced before it is sent', async () => {
    const order: string[] = []
    const fetch = failing(answer('', { status: 503 }))
    const logged: FetchLike = (url, request) => {
      order.push('sent')
      return fetch(url, request)
    }
    await get(logged, { attempt: { mayRetry: true, sending: () => order.push('sending') } })
    expect(order).toEqual(['sending', 'sent', 'sending', 'sent'])
  })

  test('not, and without a pause, where the attempt ended in the first request', async () => {
    const controller = new AbortController()
    const after = vi.fn<Runtime['after']>(AT_ONCE.after)
    const fetch = failing(async () => {
      controller.abort()
      return unreachable()
    })
    const attempt = { mayRetry: true, signal: controller.signal }
    expect(await get(fetch, { runtime: { ...AT_ONCE, after }, attempt })).toMatchObject({ ok: false })
    expect(after).not.toHaveBeenCalled()
    expect(fetch).toHaveBeenCalledOnce()
  })

  test('not where the attempt ends in the pause', async () => {
    const controller = new AbortController()
    const calledOff = vi.fn<() => void>()
    const runtime: Runtime = {
      ...RUNTIME,
      after: () => (queueMicrotask(() => controller.abort()), calledOff),
    }
    const fetch = failing(answer('', { status: 503 }))
    const attempt = { mayRetry: true, signal: controller.signal }
    expect(await get(fetch, { runtime, attempt })).toMatchObject({ ok: false })
    expect(fetch).toHaveBeenCalledOnce()
    expect(calledOff).toHaveBeenCalledOnce()
  })
})
