import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import type { Identity } from './certificates.js'

/** A request. */
interface Sent {
  /** Default `GET`. */
  readonly method?: string
  /** A list of values is that many fields. */
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

/** A response, and what became of the connection. */
interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The request went over the connection of one before it. */
  readonly isKept: boolean
  /** The connection goes on with the session of one before it: no certificate was sent (RFC 8446 §2.2). */
  readonly isResumed: boolean
}

/** A client that trusts one authority and, where it has a certificate, shows it. */
export interface TlsClient {
  send(url: string | URL, sent?: Sent): Promise<Answer>
  close(): void
}

/** How a client connects. */
export interface TlsClientOptions {
  /** The authority that signed the certificates of the servers, in PEM. */
  readonly ca: string
  readonly identity?: Identity | undefined
  /** `kept`: one connection for all requests. Default: one for each, which resumes the session of those before. */
  readonly connection?: 'kept' | undefined
}

/** Makes a client. */
export function createTlsClient({ ca, identity, connection }: TlsClientOptions): TlsClient {
  const agent = new Agent({ ca, ...identity, keepAlive: connection === 'kept', maxSockets: 1 })
  return {
    async send(url, { method = 'GET', headers = {}, body } = {}) {
      const sending = request(url, { method, headers, agent })
      sending.end(body)
      const [response] = (await once(sending, 'response')) as [IncomingMessage]
      const isResumed = (response.socket as TLSSocket).isSessionReused()
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: await text(response),
        isKept: sending.reusedSocket,
        isResumed,
      }
    },
    close: () => agent.destroy(),
  }
}

/** Makes what verifiers fetch keys with, of a client. */
export function fetchBy(
  client: TlsClient,
): (url: string, init: { readonly headers: Readonly<Record<string, string>> }) => Promise<Response> {
  return async (url, { headers }) => {
    const answer = await client.send(url, { headers })
    const type = answer.headers['content-type'] ?? ''
    return new Response(answer.body, { status: answer.status, headers: { 'content-type': type } })
  }
}
