import { beforeEach, describe, expect, test, vi } from 'vitest'
import { RUNTIME, type Runtime } from './clock.js'
import {
  failure,
  fetchJson,
  type Attempt,
  type Document,
  type Fetched,
  type Gate,
  type Validators,
} from './fetch.js'
import type { FetchLike } from './options.js'

const URL = 'https://idp.example/jwks'
const NOW = Date.UTC(2026, 0, 1)
const AT_ONCE: Runtime = { ...RUNTIME, after: (_, run) => (run(), () => undefined) }

interface Setting {
  readonly maxBytes?: number
  readonly runtime?: Runtime
  readonly attempt?: Partial<Attempt>
  readonly gate?: Gate
  readonly held?: Validators
}

function get(
  fetch: FetchLike,
  { maxBytes = 100, runtime = AT_ONCE, attempt, gate, held }: Setting = {},
): Promise<Fetched<Document>> {
  const signal = new AbortController().signal
  const whole: Attempt = {
    signal,
    forced: false,
    ordered: false,
    mayRetry: false,
    sending: () => undefined,
    ...attempt,
  }
  return fetchJson(URL, { fetch, maxBytes, runtime, now: () => NOW, gate }, whole, held)
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
    expect(await get(answer('{"keys":[1]}'))).toEqual({
      ok: true,
      value: {
        json: { keys: [1] },
        notModified: false,
        freshness: undefined,
        validators: { url: URL, etag: undefined, lastModified: undefined },
      },
    })
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
      expect(await get(ofType(contentType))).toMatchObject({ reason: 'not JSON', kind: 'foreign' })
    },
  )

  test.each([301, 302, 303, 307, 308])(
    'of status %i is a redirect, and nobody follows it',
    async (status) => {
      const fetch = vi.fn<FetchLike>(answer(null, { status, headers: { location: 'https://evil.example' } }))
      expect(await get(fetch)).toMatchObject({ reason: 'redirect', kind: 'final' })
      expect(fetch).toHaveBeenCalledOnce()
    },
  )

  test('of status 0, a redirect that a browser hides, is refused', async () => {
    const hidden = { status: 0, headers: new Headers(), body: null }
    expect(await get(async () => hidden)).toMatchObject({ reason: 'redirect' })
  })

  test.each([
    [201, 'final'],
    [204, 'final'],
    [304, 'final'],
    [400, 'final'],
    [401, 'final'],
    [403, 'final'],
    [404, 'gone'],
    [408, 'transient'],
    [410, 'gone'],
    [429, 'transient'],
    [500, 'transient'],
    [503, 'transient'],
  ])('of status %i is refused: %s', async (status, kind) => {
    const body = status === 204 || status === 304 ? null : '{"keys":[]}'
    expect(await get(answer(body, { status }))).toEqual({
      ok: false,
      reason: `status ${status}`,
      kind,
      retryAfterMs: 0,
    })
  })

  test.each([
    ['no body', null],
    ['an empty body', ''],
    ['no JSON', '<html>'],
    ['half of it', '{"keys":'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ])('with %s is refused', async (_, body) => {
    expect(await get(answer(body))).toMatchObject({ reason: 'not JSON', kind: 'foreign' })
  })

  test('in pieces is put together, also where a piece ends within a character', async () => {
    const bytes = new TextEncoder().encode('{"name":"é"}')
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
        controller.close()
      },
    })
    expect(await get(answer(pieces))).toMatchObject({ value: { json: { name: 'é' } } })
  })
})

describe('the size', () => {
  test('the limit itself is allowed', async () => {
    expect(await get(answer(`"${'x'.repeat(98)}"`))).toMatchObject({ ok: true })
    expect(await get(answer(`"${'x'.repeat(99)}"`))).toMatchObject({
      reason: 'body too large',
      kind: 'final',
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

describe('how long it may be kept', () => {
  test('is what Cache-Control and Age say', async () => {
    const headers = { 'cache-control': 'max-age=300, stale-if-error=60', age: '100' }
    expect(await get(answer('{}', { headers }))).toMatchObject({
      value: { freshness: { maxAgeMs: 200_000, staleIfErrorMs: 60_000 } },
    })
  })
})

describe('validators', () => {
  const ETAG = 'W/"1"'
  const LAST_MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT'
  const HELD: Validators = { url: URL, etag: ETAG, lastModified: LAST_MODIFIED }
  const unchanged = answer(null, { status: 304, headers: { 'cache-control': 'max-age=60' } })

  async function sent(held?: Validators): Promise<Readonly<Record<string, string>> | undefined> {
    const fetch = vi.fn<FetchLike>(answer('{}'))
    await get(fetch, held ? { held } : {})
    return fetch.mock.calls[0]?.[1].headers
  }

  async function kept(headers: Record<string, string>): Promise<Validators | undefined> {
    const fetched = await get(answer('{}', { headers }))
    return fetched.ok ? fetched.value.validators : undefined
  }

  test('are kept with the URL that they came from', async () => {
    expect(await kept({ etag: ETAG, 'last-modified': LAST_MODIFIED })).toEqual(HELD)
  })

  test('go back, both of them, where they came from', async () => {
    expect(await sent(HELD)).toMatchObject({ 'if-none-match': ETAG, 'if-modified-since': LAST_MODIFIED })
  })

  test('one alone goes alone', async () => {
    const [etagOnly, dateOnly] = [
      await sent({ ...HELD, lastModified: undefined }),
      await sent({ ...HELD, etag: undefined }),
    ]
    expect(etagOnly).toMatchObject({ 'if-none-match': ETAG })
    expect(etagOnly).not.toHaveProperty('if-modified-since')
    expect(dateOnly).toMatchObject({ 'if-modified-since': LAST_MODIFIED })
    expect(dateOnly).not.toHaveProperty('if-none-match')
  })

  test('never go to another URL', async () => {
    const elsewhere = await sent({ ...HELD, url: `${URL}?` })
    expect(Object.keys(elsewhere ?? {})).toEqual(['accept'])
  })

  test('go with the second try as well', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}')).mockImplementationOnce(answer('', { status: 503 }))
    await get(fetch, { held: HELD, attempt: { mayRetry: true } })
    expect(fetch.mock.calls[1]?.[1].headers).toMatchObject({ 'if-none-match': ETAG })
  })

  test.each([
    ['a line break', 'a\r\nx-evil: 1'],
    ['a zero', 'a\0b'],
    ['a character beyond ASCII', '"é"'],
    ['nothing', ''],
    ['a blank at its end', '"a" '],
    ['more than 512 characters', 'x'.repeat(513)],
  ])('with %s in it no header could hold it: it is not kept', async (_, value) => {
    const fetch: FetchLike = async (url, request) => {
      const { status, body } = await answer('{}')(url, request)
      const headers = { get: (name: string) => (/^(?:etag|last-modified)$/.test(name) ? value : null) }
      return { status, headers, body }
    }
    expect(await get(fetch)).toMatchObject({
      value: { validators: { etag: undefined, lastModified: undefined } },
    })
  })

  test('512 characters and inner blanks are kept', async () => {
    const etag = `"${'x '.repeat(255)}"`
    expect(await kept({ etag })).toMatchObject({ etag })
  })

  test('304 is the document at hand: nothing is read, and its validators stay', async () => {
    expect(await get(unchanged, { held: HELD })).toEqual({
      ok: true,
      value: {
        json: undefined,
        notModified: true,
        freshness: { maxAgeMs: 60_000, staleIfErrorMs: undefined },
        validators: HELD,
      },
    })
  })

  test.each<[string, Validators | undefined]>([
    ['none', undefined],
    ['those of another URL', { ...HELD, url: 'https://other.example' }],
    ['empty ones', { url: URL, etag: undefined, lastModified: undefined }],
  ])('304 to a request that sent %s is refused', async (_, held) => {
    const setting = held ? { held } : {}
    expect(await get(unchanged, setting)).toMatchObject({ ok: false, reason: 'status 304', kind: 'final' })
  })
})

describe('Retry-After', () => {
  test.each([
    ['30', 30_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['soon', 0],
  ])('%j is told with the failure', async (retryAfter, retryAfterMs) => {
    const headers = { 'retry-after': retryAfter }
    for (const status of [503, 429, 403]) {
      // oxlint-disable-next-line no-await-in-loop -- three answers, one after the other
      expect(await get(answer('', { status, headers }))).toMatchObject({ retryAfterMs })
    }
  })

  test('asks for a pause: nothing is tried once more at once', async () => {
    const fetch = vi.fn<FetchLike>(answer('', { status: 503, headers: { 'retry-after': '1' } }))
    expect(await get(fetch, { attempt: { mayRetry: true } })).toMatchObject({ reason: 'status 503' })
    expect(fetch).toHaveBeenCalledOnce()
  })
})

describe('the gate', () => {
  const refused = failure('no room', 'transient')
  const order: string[] = []

  beforeEach(() => {
    order.length = 0
  })

  function gate(): Gate {
    return async () => {
      order.push('enter')
      return () => order.push('leave')
    }
  }

  test('sees the URL and the end of the attempt', async () => {
    const { signal } = new AbortController()
    const asked = vi.fn<Gate>(async () => refused)
    await get(answer('{}'), { gate: asked, attempt: { signal } })
    expect(asked.mock.calls).toEqual([[new globalThis.URL(URL), signal]])
  })

  test('refuses: nothing is sent, nor announced, and its failure is told', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}'))
    const sending = vi.fn<() => void>()
    expect(await get(fetch, { gate: async () => refused, attempt: { sending } })).toEqual(refused)
    expect(fetch).not.toHaveBeenCalled()
    expect(sending).not.toHaveBeenCalled()
  })

  test('is not asked where the attempt has ended', async () => {
    await get(answer('{}'), { gate: gate(), attempt: { signal: AbortSignal.abort() } })
    expect(order).toEqual([])
  })

  test('is left when the body has been read', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        order.push('read')
        controller.enqueue(new TextEncoder().encode('{}'))
        controller.close()
      },
    })
    const fetch: FetchLike = async (url, request) => {
      order.push('fetch')
      return answer(body)(url, request)
    }
    expect(await get(fetch, { gate: gate() })).toMatchObject({ ok: true })
    expect(order[0]).toBe('enter')
    expect(order.at(-1)).toBe('leave')
    expect(order.filter((step) => step === 'leave')).toHaveLength(1)
  })

  test.each<[string, FetchLike]>([
    ['a network error', async () => unreachable()],
    ['a status', answer('', { status: 404 })],
    ['a body that is too large', answer(' '.repeat(200))],
    ['a body that breaks off', answer(brokenOff())],
  ])('is left after %s', async (_, fetch) => {
    await get(fetch, { gate: gate() })
    expect(order).toEqual(['enter', 'leave'])
  })

  test('is entered anew for the second try, and not held in the pause before it', async () => {
    const fetch = vi.fn<FetchLike>(answer('{}')).mockImplementationOnce(answer('', { status: 503 }))
    const after: Runtime['after'] = (_, run) => {
      order.push('pause')
      run()
      return () => undefined
    }
    await get(fetch, { gate: gate(), runtime: { ...AT_ONCE, after }, attempt: { mayRetry: true } })
    expect(order).toEqual(['enter', 'leave', 'pause', 'enter', 'leave'])
  })
})

function brokenOff(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull() {
      throw new Error('reset')
    },
  })
}

describe('once more', () => {
  const mayRetry = { attempt: { mayRetry: true } }

  function failing(first: FetchLike): ReturnType<typeof vi.fn<FetchLike>> {
    return vi.fn<FetchLike>(answer('{}')).mockImplementationOnce(first)
  }

  test.each<[string, FetchLike]>([
    ['a refused connection', async () => unreachable()],
    ['a fetch that throws', unreachable],
    ['a body that breaks off', answer(brokenOff())],
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

  test('only once in an attempt, at however many URLs', async () => {
    const fetch = vi.fn<FetchLike>(answer('', { status: 503 }))
    const attempt: Attempt = {
      signal: new AbortController().signal,
      forced: false,
      ordered: false,
      mayRetry: true,
      sending: () => undefined,
    }
    const transport = { fetch, maxBytes: 100, runtime: AT_ONCE, now: () => NOW }
    await fetchJson(URL, transport, attempt)
    await fetchJson(`${URL}/moved`, transport, attempt)
    expect(fetch.mock.calls.map(([url]) => url)).toEqual([URL, URL, `${URL}/moved`])
  })

  test('only once, and what is told is a word of ours', async () => {
    const fetch = vi.fn<FetchLike>(async () => unreachable())
    expect(await get(fetch, mayRetry)).toEqual({
      ok: false,
      reason: 'network error',
      kind: 'transient',
      retryAfterMs: 0,
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
