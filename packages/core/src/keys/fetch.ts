import type { Runtime } from './clock.js'
import type { BodyReader, FetchLike, ResponseLike } from './options.js'

/** A fetch that gave nothing of use. */
export interface Failure {
  readonly ok: false
  /** A word of ours, never the upstream's message. */
  readonly reason: string
  /** Trying once more may help: the network, 408, 429 or 5xx. */
  readonly transient: boolean
  /** The server answered that there is no such document here: 404, 410, or a 200 that is something else. */
  readonly absent: boolean
}

/** What a fetch gave, or why it gave nothing. */
export type Fetched<T> = { readonly ok: true; readonly value: T } | Failure

/** Makes a failure; by default one that trying again does not mend. */
export function failure(
  reason: string,
  more?: { readonly transient?: boolean; readonly absent?: boolean },
): Failure {
  return { ok: false, reason, transient: more?.transient ?? false, absent: more?.absent ?? false }
}

/** How documents are fetched: the same for key sets and for discovery. */
export interface Transport {
  readonly fetch: FetchLike
  readonly maxBytes: number
  readonly runtime: Runtime
}

/** One attempt to learn something, however many requests it takes. */
export interface Attempt {
  /** Ends the attempt: at its time limit, or when the source is closed. */
  readonly signal: AbortSignal
  /** Caches on the way are to ask the issuer. */
  readonly forced: boolean
  /** Whether a transient failure may be tried once more, at once. */
  readonly mayRetry: boolean
  /** Called just before a request is sent. */
  readonly sending: () => void
}

/**
 * Gets a JSON document: one GET, and one more after a transient failure where the attempt allows it. Follows no
 * redirect and reads no more than `maxBytes`. Does not look at what the JSON says.
 */
export async function fetchJson(
  url: string,
  transport: Transport,
  attempt: Attempt,
): Promise<Fetched<unknown>> {
  const first = await getOnce(url, transport, attempt)
  if (first.ok || !first.transient || !attempt.mayRetry || attempt.signal.aborted) return first
  await pause(100 + transport.runtime.random() * 200, transport.runtime, attempt.signal)
  return getOnce(url, transport, attempt)
}

async function getOnce(url: string, transport: Transport, attempt: Attempt): Promise<Fetched<unknown>> {
  if (attempt.signal.aborted) return failure('timeout')
  const { fetch, maxBytes } = transport // called bare: the global `fetch` is no method of ours
  attempt.sending()
  try {
    const response = await fetch(url, {
      headers: {
        accept: 'application/jwk-set+json, application/json',
        ...(attempt.forced ? { 'cache-control': 'no-cache' } : undefined),
      },
      redirect: 'manual',
      signal: attempt.signal,
    })
    const refused = refuseResponse(response, maxBytes)
    if (refused === undefined) return await readJson(response, maxBytes, attempt.signal)
    discard(response)
    return refused
  } catch {
    return failure('network error', { transient: true })
  }
}

// JSON of any name, and what file servers say of a file that they do not know.
const CONTENT_TYPE = /^(?:[\w.+-]+\/(?:[\w.+-]+\+)?json|text\/plain|[\w.+-]+\/octet-stream)$/

function refuseResponse({ status, headers }: ResponseLike, maxBytes: number): Failure | undefined {
  // Browsers hide a redirect behind status 0.
  if (status === 0 || (status >= 300 && status < 400)) return failure('redirect')
  if (status !== 200) {
    const transient = status === 408 || status === 429 || status >= 500
    return failure(`status ${status}`, { transient, absent: status === 404 || status === 410 })
  }
  const [contentType = ''] = (headers.get('content-type') ?? '').split(';')
  if (contentType !== '' && !CONTENT_TYPE.test(contentType.trim().toLowerCase())) {
    return failure('not JSON', { absent: true })
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
  if (body === null) return failure('not JSON', { absent: true })
  const bytes = await readBody(body.getReader(), maxBytes, signal)
  if (bytes === undefined) return failure('body too large')
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch {
    return failure('not JSON', { absent: true })
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
