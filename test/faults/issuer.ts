import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { JWK } from 'jose'
import { answer, type Fault } from './fault.js'

/** The documents of an issuer. */
export type Document = 'jwks' | 'discovery'

const DISCOVERY = /^\/\.well-known\/(?:openid-configuration|oauth-authorization-server)$/

/** A real HTTP server on a free port of 127.0.0.1 that plays an issuer, well or badly. */
export class FaultyIssuer {
  /** What is published. Members that are no keys are allowed. */
  keys: readonly unknown[] = []
  /** Where the JWKS is; older places answer 404. */
  jwksPath = '/jwks'
  readonly faults: Record<Document, Fault | undefined> = { jwks: undefined, discovery: undefined }
  /** With a tag, a conditional request is answered 304. */
  etag: string | undefined
  notModified = 0
  /** Answers that are not at their end. */
  open = 0
  readonly #requests: Record<Document, (() => number)[]> = { jwks: [], discovery: [] }
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.keepAliveTimeout = 0 // sockets live as long as the other side wants them
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      this.#serve(request, response),
    )
  }

  /** Starts one. */
  static async listen(): Promise<FaultyIssuer> {
    const server = createServer()
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return new FaultyIssuer(server)
  }

  /** `iss`, and where discovery starts. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get jwksUri(): string {
    return `${this.url}${this.jwksPath}`
  }

  get listening(): boolean {
    return this.#server.listening
  }

  /** Publishes keys. */
  publish(...keys: readonly { readonly jwk: JWK }[]): void {
    this.keys = keys.map(({ jwk }) => jwk)
  }

  /** How often a document was asked for. */
  fetches(document: Document = 'jwks'): number {
    return this.#requests[document].length
  }

  /** How many bytes of a document were taken from this server, over all requests. */
  sentBytes(document: Document = 'jwks'): number {
    return this.#requests[document].reduce((sum, sent) => sum + sent(), 0)
  }

  /** Stops listening: connections are refused. */
  refuse(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  /** Ends the server. */
  async close(): Promise<void> {
    if (this.listening) await this.refuse()
  }

  #knownPort = 0
  get #port(): number {
    // Asked for after it refused as well.
    const address = this.#server.address() as AddressInfo | null
    this.#knownPort = address?.port ?? this.#knownPort
    return this.#knownPort
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = String(request.url)
    const document = DISCOVERY.test(path) ? 'discovery' : 'jwks'
    this.#requests[document].push(meter(request.socket, response))
    response.on('error', () => undefined) // whoever asked is gone
    this.open += 1
    response.on('close', () => {
      this.open -= 1
    })
    if (document === 'discovery') return answer(response, this.#metadata(), this.faults.discovery)
    if (path !== this.jwksPath && path !== '/elsewhere') return void response.writeHead(404).end()
    if (this.etag !== undefined) response.setHeader('etag', this.etag)
    if (this.etag !== undefined && request.headers['if-none-match'] === this.etag) {
      this.notModified += 1
      return void response.writeHead(304).end()
    }
    // A redirect leads to the good set: whoever follows it is served.
    return answer(
      response,
      JSON.stringify({ keys: this.keys }),
      path === '/elsewhere' ? undefined : this.faults.jwks,
    )
  }

  #metadata(): string {
    return JSON.stringify({ issuer: this.url, jwks_uri: this.jwksUri })
  }
}

/** Gives what a response has put on its socket so far, which others may have used before and will use after it. */
function meter(socket: Socket, response: ServerResponse): () => number {
  const from = socket.bytesWritten
  let whole: number | undefined
  response.on('close', () => {
    whole = socket.bytesWritten - from
  })
  return () => whole ?? socket.bytesWritten - from
}
