import type { FormValues, Peer, RequestView } from '@require-jwt/core'
import type { Context } from 'hono'

/** Shows the core a request of Hono. */
export function requestView(c: Context): RequestView {
  return new HonoRequestView(c)
}

/** What of a socket of Node is looked at: this adapter knows no Node. */
interface PeerSocket {
  readonly remoteAddress?: string | undefined
  readonly getPeerCertificate?: () => { readonly raw?: Uint8Array | undefined } | null
}

class HonoRequestView implements RequestView {
  readonly #c: Context

  constructor(c: Context) {
    this.#c = c
  }

  get method(): string {
    return this.#c.req.method
  }

  get url(): string {
    return this.#c.req.url
  }

  values(name: string): readonly string[] {
    // Fetch joins two fields of one name with a comma.
    const value = this.#c.req.header(name)
    return value === undefined ? [] : [value]
  }

  // What the server for Node passes along; other runtimes tell of no connection.
  get peer(): Peer | undefined {
    const { incoming } = Object(this.#c.env) as { readonly incoming?: { readonly socket?: PeerSocket } }
    const socket = incoming?.socket
    if (socket === undefined) return undefined
    return { address: socket.remoteAddress, certificate: socket.getPeerCertificate?.()?.raw }
  }

  async form(name: string): Promise<FormValues> {
    const value = (await this.#c.req.parseBody({ all: true }))[name]
    return value === undefined ? [] : [value].flat()
  }

  // Read only when there is work for it: where there is no execution context, reading it throws.
  get waitUntil(): RequestView['waitUntil'] {
    try {
      const { executionCtx } = this.#c
      // Whatever the server passed as the third argument of `fetch`: not every one of them has it.
      return 'waitUntil' in executionCtx ? (work) => executionCtx.waitUntil(work) : undefined
    } catch {
      return undefined
    }
  }
}
