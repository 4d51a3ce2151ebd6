import { Agent, createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { KeySetOptions, SharedOptions } from '@require-jwt/core'

/** Where the keys are, told to every contender in its own words. */
export interface Setup {
  readonly issuer: string
  /** `undefined`: by discovery. */
  readonly jwksUri: string | undefined
  readonly audience: string
  /** Options that only ours has. */
  readonly more?:
    | (Pick<SharedOptions, 'fetch' | 'observer'> & { readonly keySet?: KeySetOptions })
    | undefined
}

/** The answer to one token. */
export interface Answer {
  readonly accepted: boolean
  /** Of a contender that answers over HTTP, or that says what the answer would be. */
  readonly status: number | undefined
  readonly retryAfter: boolean
  /** What was said instead of a status: the code or the name of an error. */
  readonly error: string | undefined
}

/** A contender at work. */
export interface Subject {
  /** Never rejects. May never come back. */
  ask(token: string): Promise<Answer>
  close(): Promise<void>
}

/** A library, or ours, as its documentation sets it up for production. */
export interface Contender {
  readonly name: string
  /** The packages that it is made of. */
  readonly packages: readonly string[]
  /** How it is set up, beyond its defaults. */
  readonly setup: string
  readonly discovery: boolean
  /** Whether it is ours: knows our options, and sets no timeout on a socket. */
  readonly ours: boolean
  make(setup: Setup): Promise<Subject>
}

/** What Node times by itself cannot be moved: timeouts of sockets are set to a tenth, and the stand-still on top. */
export function socketTimeout(ms: number): number {
  return ms / 10 + STILL_MS
}

/** Milliseconds of real time before the clocks are moved: whoever only computes is done by then. */
export const STILL_MS = 900

/** A subject that answers over HTTP. */
export async function overHttp(listener: RequestListener, end?: () => Promise<void>): Promise<Subject> {
  const server = createServer(listener)
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return {
    ask: (token) => send({ port, agent, headers: { authorization: `Bearer ${token}` } }),
    async close() {
      await end?.()
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

function send(options: { port: number; agent: Agent; headers: Record<string, string> }): Promise<Answer> {
  return new Promise((resolve) => {
    request({ ...options, host: '127.0.0.1' }, (response) => {
      const { statusCode: status = 0, headers } = response
      response.resume().on('end', () => {
        resolve({
          accepted: status === 200,
          status,
          retryAfter: headers['retry-after'] !== undefined,
          error: undefined,
        })
      })
    })
      .on('error', () => resolve({ accepted: false, status: 0, retryAfter: false, error: 'no answer' }))
      .end()
  })
}

/** A subject that is a function. */
export function asFunction(verify: (token: string) => Promise<unknown>): Subject {
  return {
    ask: (token) =>
      verify(token).then(
        () => ({ accepted: true, status: undefined, retryAfter: false, error: undefined }),
        (error: unknown) => ({ accepted: false, status: undefined, retryAfter: false, error: nameOf(error) }),
      ),
    close: async () => undefined,
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name === 'Error' ? error.constructor.name : error.name
}
