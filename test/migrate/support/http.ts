import { createServer, request, type RequestListener } from 'node:http'

/** A request: only what differs from a plain GET. */
export interface Sent {
  /** Default `GET`. */
  readonly method?: string | undefined
  /** Follows the path, with its question mark. */
  readonly query?: string | undefined
  /** Names and values in turn; a name may stand twice. */
  readonly headers?: readonly string[] | undefined
}

/** What of an answer is compared. */
export interface Answer {
  readonly status: number
  /** `WWW-Authenticate`, or undefined. */
  readonly challenge: string | undefined
  /** Whether it says when to come again. */
  readonly retryAfter: boolean
  /** The media type of the body, '' for a body that names none, undefined where there is no body. */
  readonly body: string | undefined
}

/** An HTTP server on a free port of 127.0.0.1. */
export interface Server {
  readonly url: string
  close(): Promise<void>
}

/** Serves on a free port of 127.0.0.1. */
export async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Sends a request over a connection of its own. */
export function ask(url: string, { method = 'GET', query = '', headers = [] }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = ['Host', new URL(url).host, ...headers]
    request(`${url}${query}`, { method, headers: all, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        const { 'content-type': type = '', 'www-authenticate': challenge, ...rest } = response.headers
        resolve({
          status: response.statusCode ?? 0,
          challenge,
          retryAfter: rest['retry-after'] !== undefined,
          body: body === '' ? undefined : type.split(';')[0]?.trim(),
        })
      })
      response.on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}
