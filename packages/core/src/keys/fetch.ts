import type { Runtime } from './clock.js'
import { isValidator, readFreshness, readRetryAfter, type Freshness } from './freshness.js'
import type { BodyReader, FetchLike, ResponseLike } from './options.js'

/** A fetch that gave nothing of use. */
export interface Failure {
  readonly ok: false
  /** A word of ours, never the upstream's message. */
  readonly reason: string
  /**
   * `transient`: trying once more may help (the network, 408, 429, 5xx). `gone`: nothing is here (404, 410).
   * `foreign`: a 200 that is something else. `final`: all others.
   */
  readonly kind: FailureKind
  /** For how long the server asked to be left alone; 0 where it said nothing. */
  readonly retryAfterMs: number
}

/** What a failure means for the next step. */
export type FailureKind = 'transient' | 'gone' | 'foreign' | 'final'

/** What a fetch gave, or why it gave nothing. */
export type Fetched<T> = { readonly ok: true; readonly value: T } | Failure

/** Makes a failure; by default one that trying again does not mend. */
export function failure(reason: string, kind: FailureKind = 'final', retryAfterMs = 0): Failure {
  return { ok: false, reason, kind, retryAfterMs }
}

/** A document that was fetched. */
export interface Document {
  /** What it says; `undefined` where the server answered that it is the one we hold (304). */
  readonly json: unknown
  readonly notModified: boolean
  readonly freshness: Freshness | undefined
  readonly validators: Validators
}

/** What a server knows a document by again (RFC 9110 §8.8). They belong to the URL that they came from. */
export interface Validators {
  readonly url: string
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/** Asked before each request; the function that it gives is called when the answer has been read. */
export type Gate = (url: URL, signal: AbortSignal) => Promise<Failure | (() => void)>

/** How documents are fetched: the same for key sets and for discovery. */
export interface Transport {
  readonly fetch: FetchLike
  readonly maxBytes: number
  readonly runtime: Runtime
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Who may fetch, and how many at once. Default: everybody. */
  readonly gate?: Gate | undefined
}

/** One attempt to learn something, however many requests it takes. */
export interface Attempt {
  /** Ends the attempt: at its time limit, or when the source is closed. */
  readonly signal: AbortSignal
  /** Caches on the way are to ask the issuer. */
  readonly forced: boolean
  /** The operator wants to know: where the keys are is asked again as well. */
  readonly ordered: boolean
  /** Whether a transient failure may be tried once more, at once. The first one uses it up. */
  mayRetry: boolean
  /** Called just before a request is sent. */
  readonly sending: () => void
}

/**
 * Gets a JSON document: one GET, and one more after a transient failure where the attempt allows it and the server
 * did not ask for a pause. Follows no redirect and reads no more than `maxBytes`. Does not look at what the JSON
 * says. `held` are the validators of the document at hand: they are sent only to the URL that they came from.
 */
export async function fetchJson(
  url: string,
  transport: Transport,
  attempt: Attempt,
  held?: Validators,
): Promise<Fetched<Document>> {
  const isKnown = held?.url === url && (held.etag ?? held.lastModified) !== undefined
  const validators = isKnown ? held : undefined
  const first = await getOnce(url, transport, attempt, validators)
  const again = !first.ok && first.kind === 'transient' && first.retryAfterMs === 0
  if (!again || !attempt.mayRetry || attempt.signal.aborted) return first
  attempt.mayRetry = false // one for all the URLs of an attempt
  await pause(100 + transport.runtime.random() * 200, transport.runtime, attempt.signal)
  return getOnce(url, transport, attempt, validators)
}

async function getOnce(
  url: string,
  transport: Transport,
  attempt: Attempt,
  held: Validators | undefined,
): Promise<Fetched<Document>> {
  if (attempt.signal.aborted) return failure('timeout')
  const leave = await transport.gate?.(new URL(url), attempt.signal)
  if (typeof leave === 'object') return leave
  try {
    return await get(url, transport, attempt, held)
  } catch {
    return failure('network error', 'transient')
  } finally {
    leave?.()
  }
}

async function get(
  url: string,
  { fetch, maxBytes, now }: Transport, // `fetch` is called bare: the global one is no method of ours
  { forced, signal, sending }: Attempt,
  held: Validators | undefined,
): Promise<Fetched<Document>> {
  sending()
  const response = await fetch(url, {
    headers: {
      accept: 'application/jwk-set+json, application/json',
      ...(forced ? { 'cache-control': 'no-cache' } : undefined),
      ...(held?.etag === undefined ? undefined : { 'if-none-match': held.etag }),
      ...(held?.lastModified === undefined ? undefined : { 'if-modified-since': held.lastModified }),
    },
    redirect: 'manual',
    signal,
  })
  const freshness = readFreshness(response.headers)
  if (response.status === 304 && held !== undefined) {
    discard(response)
    return { ok: true, value: { json: undefined, notModified: true, freshness, validators: held } }
  }
  const refused = refuseResponse(response, maxBytes, now())
  if (refused !== undefined) {
    discard(response)
    return refused
  }
  const validators = {
    url,
    etag: validator(response, 'etag'),
    lastModified: validator(response, 'last-modified'),
  }
  const body = await readJson(response, maxBytes, signal)
  return body.ok ? { ok: true, value: { json: body.value, notModified: false, freshness, validators } } : body
}

function validator({ headers }: ResponseLike, name: string): string | undefined {
  const value = headers.get(name)
  return value !== null && isValidator(value) ? value : undefined
}

// JSON of any name, and what file servers say of a file that they do not know.
const CONTENT_TYPE = /^(?:[\w.+-]+\/(?:[\w.+-]+\+)?json|text\/plain|[\w.+-]+\/octet-stream)$/

function refuseResponse(
  { status, headers }: ResponseLike,
  maxBytes: number,
  now: number,
): Failure | undefined {
  if (status === 404 || status === 410) return failure(`status ${status}`, 'gone')
  // Browsers hide a redirect behind status 0.
  if (status === 0 || (status >= 300 && status < 400 && status !== 304)) return failure('redirect')
  if (status !== 200) {
    const transient = status === 408 || status === 429 || status >= 500
    return failure(`status ${status}`, transient ? 'transient' : 'final', readRetryAfter(headers, now))
  }
  const [contentType = ''] = (headers.get('content-type') ?? '').split(';')
  if (contentType !== '' && !CONTENT_TYPE.test(contentType.trim().toLowerCase())) {
    return failure('not JSON', 'foreign')
  }
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return failure('body too large')
  return undefined
}

// The connection is given back; whether that works is of no interest.
function discard({ body }: ResponseLike): void {
  body
    ?.getReader()
    .cancel()
    .catch(() => undefined)
}

async function readJson(
  { body }: ResponseLike,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Fetched<unknown>> {
  if (body === null) return failure('not JSON', 'foreign')
  const bytes = await readBody(body.getReader(), maxBytes, signal)
  if (bytes === undefined) return failure('body too large')
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch {
    return failure('not JSON', 'foreign')
  }
}

/** Reads a body whole; `undefined` where it is larger than `maxBytes`, however little it said to have. */
async function readBody(
  reader: BodyReader,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- chunks come one after the other
    const { done, value } = await reader.read()
    if (done) return join(chunks, size)
    if (value !== undefined) chunks.push(value)
    size += value?.byteLength ?? 0
    if (size > maxBytes || signal.aborted) {
      reader.cancel().catch(() => undefined)
      return undefined
    }
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

function pause(ms: number, runtime: Runtime, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = runtime.after(ms, resolve, true)
    signal.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })
}
