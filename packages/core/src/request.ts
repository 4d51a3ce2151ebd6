/**
 * What the core reads of a request: nothing else reaches it.
 *
 * An adapter makes one per request. Fields are read on demand, so that a view costs nothing to make.
 */
export interface RequestView {
  readonly method: string
  /** As the client sent it: Express's `originalUrl`, no mount path removed. */
  readonly url: string
  /** Every value of a header field, in order; on Node from `rawHeaders`, which keeps doubled fields. */
  values(name: string): readonly string[]
  /**
   * Every value of a field of a form-encoded body, for `formBody()`; `undefined` where no body was parsed.
   * Absent where the adapter has none.
   */
  form?(name: string): FormValues | Promise<FormValues>
  /** Who is at the other end of the connection. Absent where the runtime does not tell. */
  readonly peer?: Peer | undefined
  /**
   * Keeps work going when the request has been answered. Absent where the runtime needs no telling: only Workers
   * and their like end what is under way.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/** The other end of a connection: a client, or the proxy before this server. */
export interface Peer {
  /** The IP address; `undefined` where there is none, as on a Unix socket. */
  readonly address: string | undefined
  /** The certificate of the client in DER, where this server ended TLS and the client showed one. */
  readonly certificate: Uint8Array | undefined
}

/** The values of one form field, in order; `undefined` where no form-encoded body was parsed. */
export type FormValues = readonly unknown[] | undefined

/** What an event says of a request: the path without its query, where a token could stand. */
export interface RequestSummary {
  readonly method: string
  readonly path: string
}

/** Takes from a request what an event may show. */
export function summarize(request: RequestView): RequestSummary {
  return { method: request.method, path: pathOf(request.url) }
}

function pathOf(url: string): string {
  const [bare = ''] = url.split(/[?#]/, 1)
  // A fetch runtime gives the whole URL; the origin is the server's own and says nothing.
  return bare.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/'
}
