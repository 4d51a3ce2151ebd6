import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { FormValues, Peer, RequestView } from '@require-jwt/core'

/** A request of `node:http` or `node:http2`, with what frameworks leave on it. */
export type NodeRequest = (IncomingMessage | Http2ServerRequest) & {
  /** The URL before a router cut a mount path off; set by Express and everything connect-shaped. */
  readonly originalUrl?: string | undefined
  /** What a body parser left. */
  readonly body?: unknown
}

/** What a framework keeps elsewhere than on the request of Node. */
export interface NodeRequestParts {
  /** The URL as the client sent it. Default: `originalUrl`, else `url`. */
  readonly url?: string | undefined
  /** What a body parser left. Default: `body`. */
  readonly body?: unknown
}

/**
 * Reads the certificate that the client has shown to a TLS server of this process, in DER; `undefined` where there is
 * none. It may be one that no authority has signed (`rejectUnauthorized: false`): a thumbprint needs none.
 */
function certificateOf(socket: object): Uint8Array | undefined {
  if (!('getPeerCertificate' in socket) || typeof socket.getPeerCertificate !== 'function') return undefined
  // The types know nothing of either: `null` on a socket that was closed, and no members where there is no certificate.
  const shown = (socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate> | null
  return shown?.raw
}

/** Shows the core a request of `node:http` or `node:http2`. */
export function nodeRequestView(req: NodeRequest, parts?: NodeRequestParts): RequestView {
  return new NodeRequestView(req, parts)
}

class NodeRequestView implements RequestView {
  readonly #req: NodeRequest
  readonly #parts: NodeRequestParts | undefined

  constructor(req: NodeRequest, parts: NodeRequestParts | undefined) {
    this.#req = req
    this.#parts = parts
  }

  get method(): string {
    return this.#req.method ?? ''
  }

  get url(): string {
    return this.#parts?.url ?? this.#req.originalUrl ?? this.#req.url ?? ''
  }

  values(name: string): readonly string[] {
    return rawValues(this.#req.rawHeaders, name)
  }

  get peer(): Peer {
    const { socket } = this.#req
    return { address: socket.remoteAddress, certificate: certificateOf(socket) }
  }

  form(name: string): FormValues {
    return formValues(this.#parts?.body ?? this.#req.body, name)
  }
}

// `headers` keeps the first of two Authorization fields and drops the other; `rawHeaders` has both.
function rawValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const field = rawHeaders[i]
    // The length first: nearly every other field is told apart by it.
    if (field?.length !== name.length || field.toLowerCase() !== name) continue
    const value = rawHeaders[i + 1]
    if (value !== undefined) values.push(value)
  }
  return values
}

function formValues(body: unknown, name: string): FormValues {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return []
  const value = (body as Readonly<Record<string, unknown>>)[name]
  return Array.isArray(value) ? value : [value]
}
