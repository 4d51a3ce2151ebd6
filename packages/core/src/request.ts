/**
 * What the core reads of a request: nothing else reaches it.
 *
 * An adapter makes one per request. Fields are read lazily, so that a view costs nothing to make.
 */
export interface RequestView {
  readonly method: string
  /** As the client sent it: Express's `originalUrl`, no mount path removed. */
  readonly url: string
  /** Every value of a header field, in order; on Node from `rawHeaders`, which keeps doubled fields. */
  values(name: string): readonly string[]
  /** The body as the framework parsed it, for `formBody()`. Absent or `undefined`: not parsed. */
  readonly body?: (() => unknown) | undefined
  /** The client's certificate as DER, where the connection has one (RFC 8705). */
  readonly clientCertificate?: (() => Uint8Array | undefined) | undefined
  /** Keeps a runtime alive for work that outlives the answer, where the runtime needs to be told. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

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
  const end = url.search(/[?#]/)
  const bare = end === -1 ? url : url.slice(0, end)
  // A fetch runtime gives the whole URL; the origin is the server's own and says nothing.
  return bare.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/'
}
