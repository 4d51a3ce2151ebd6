import { numberOption, optionsObject, refuseUnknownOptions } from '../option-checks.js'
import { checkKeyStore, type KeyStore } from './store.js'
import type { WindowOptions } from './window.js'

/** Windows and limits of the cached remote JWKS of one issuer. */
export interface KeySetOptions {
  /**
   * Milliseconds for which fetched keys are used without waiting for the issuer; 60,000 to 3,600,000. Under traffic
   * it is also how long a key that the issuer withdrew is still accepted. Default: the `max-age` that the issuer
   * sends, between 60,000 and 3,600,000; else 600,000 (10 min).
   */
  readonly ttlMs?: number | undefined
  /**
   * Milliseconds after `ttlMs` in which requests are answered at once, while one refresh runs in the background.
   * Default: as long as keys are fresh, but never more than `staleIfErrorMs`; 0 (off) to `staleIfErrorMs`.
   */
  readonly staleWhileRevalidateMs?: number | undefined
  /**
   * Milliseconds after `ttlMs` for which known keys are used while the issuer cannot be reached. Default 3,600,000
   * (1 h); 0 (off) to 86,400,000 (24 h). A `stale-if-error` of the issuer may shorten it.
   */
  readonly staleIfErrorMs?: number | undefined
  /**
   * Milliseconds, from the start of a fetch, for which requests wait on it where there are no usable keys. Default
   * 5,000; 0 (never wait) to 30,000. The fetch goes on when the wait ends.
   */
  readonly waitMs?: number | undefined
  /** Milliseconds that a fetch may take, its retry and its body included. Default 15,000; 1,000 to 60,000. */
  readonly fetchTimeoutMs?: number | undefined
  /** Bytes that a JWKS or a discovery document may have, decoded. Default 262,144; 1,024 to 4,194,304. */
  readonly maxBytes?: number | undefined
  /**
   * Keeps the keys beyond the life of the process, for starts without a round trip. Whoever can write to it can mint
   * tokens. Default: none.
   */
  readonly store?: KeyStore | undefined
}

/** `KeySetOptions` after defaults. */
export interface ResolvedKeySetOptions extends WindowOptions {
  readonly waitMs: number
  readonly fetchTimeoutMs: number
  readonly maxBytes: number
  readonly store: KeyStore | undefined
}

/** What `fetch` has to be able to do: the global one, or any that understands these. */
export type FetchLike = (
  url: string,
  init: {
    readonly headers: Readonly<Record<string, string>>
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<ResponseLike>

/** What is read of a response. */
export interface ResponseLike {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: { getReader(): BodyReader } | null
}

/** What is read of a body. */
export interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(reason?: unknown): Promise<void>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const NAMES: readonly string[] = [
  'ttlMs',
  'staleWhileRevalidateMs',
  'staleIfErrorMs',
  'waitMs',
  'fetchTimeoutMs',
  'maxBytes',
  'store',
] satisfies (keyof KeySetOptions)[]

/**
 * Checks the `keySet` option and fills in the defaults. `path` is how the option is named in errors.
 *
 * @throws ConfigError for an unknown name and for a value out of bounds: a figure that somebody wrote down is
 * never bent.
 */
export function checkKeySetOptions(options: unknown, path = 'keySet'): ResolvedKeySetOptions {
  const given =
    options === undefined ? {} : optionsObject(options, path, 'Pass an object like { ttlMs: 600_000 }.')
  refuseUnknownOptions(given, NAMES, path)
  const read = (
    name: keyof KeySetOptions,
    unit: string,
    fallback: number,
    min: number,
    max: number,
  ): number => numberOption(given[name], `${path}.${name}`, { default: fallback, min, max, unit })

  const readGiven = (name: keyof KeySetOptions, min: number, max: number): number | undefined =>
    given[name] === undefined ? undefined : read(name, 'milliseconds', min, min, max)

  const staleIfErrorMs = read('staleIfErrorMs', 'milliseconds', HOUR_MS, 0, 24 * HOUR_MS)
  return Object.freeze({
    ttlMs: readGiven('ttlMs', MINUTE_MS, HOUR_MS),
    staleIfErrorMs,
    staleWhileRevalidateMs: readGiven('staleWhileRevalidateMs', 0, staleIfErrorMs),
    waitMs: read('waitMs', 'milliseconds', 5_000, 0, 30_000),
    fetchTimeoutMs: read('fetchTimeoutMs', 'milliseconds', 15_000, 1_000, MINUTE_MS),
    maxBytes: read('maxBytes', 'bytes', 256 * 1024, 1024, 4 * 1024 * 1024),
    store: given['store'] === undefined ? undefined : checkKeyStore(given['store'], `${path}.store`),
  })
}
