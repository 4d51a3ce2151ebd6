import type { IncomingMessage, RequestOptions } from 'node:http'
import type { DefaultFetch } from './default-fetch.js'
import type { BodyReader, FetchLike, ResponseLike } from './options.js'

// The first `fetch` of a process loads 15 MiB of it and takes four times as long as the first request of `node:http`.
const { fetch: atStart } = globalThis

/** Node's own: it loads what it needs when it is called. Whatever else stands there was put there on purpose. */
const isNodesOwn = String(atStart).includes('internal/deps/undici')

/** Where undici keeps the dispatcher that all its requests go through: a proxy, a mock, or its own once it is loaded. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/** The global `fetch`; while it is Node's own and was not used yet, what it would do, by `node:http`. */
export const defaultFetch: DefaultFetch['defaultFetch'] = (url, init) =>
  mayGoAround() ? requestOnce(url, init) : fetch(url, init)

function mayGoAround(): boolean {
  return isNodesOwn && globalThis.fetch === atStart && !(DISPATCHER in globalThis) && !usesProxy()
}

// Of the versions of Node that heed it, some do for `fetch` alone.
function usesProxy(): boolean {
  return process.env['NODE_USE_ENV_PROXY'] === '1' || process.execArgv.includes('--use-env-proxy')
}

const requestOnce: FetchLike = async (url, init) => {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const { headers, signal } = init
  const options: RequestOptions = { headers: { ...headers, 'accept-encoding': 'identity' }, signal }
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, options, resolve).on('error', reject)
  })
  if ((message.headers['content-encoding'] ?? 'identity') === 'identity') return responseOf(message)
  // Compressed all the same: `fetch` can read that.
  message.destroy()
  return fetch(url, init)
}

function responseOf(message: IncomingMessage): ResponseLike {
  return {
    status: message.statusCode ?? 0,
    headers: { get: (name) => message.headersDistinct[name]?.join(', ') ?? null },
    body: { getReader: () => readerOf(message) },
  }
}

function readerOf(message: IncomingMessage): BodyReader {
  const chunks: AsyncIterator<Uint8Array> = message[Symbol.asyncIterator]()
  return {
    async read() {
      const { done, value } = await chunks.next()
      return done === true ? { done } : { done: false, value }
    },
    async cancel() {
      message.destroy()
    },
  }
}
