import type { Freshness } from './freshness.js'

/** Where a key set stands in its life. */
export type WindowState = 'EMPTY' | 'FRESH' | 'AHEAD' | 'SWR' | 'MUST_REVALIDATE' | 'EXPIRED'

/** The ages, in milliseconds, at which the windows of one key set end. */
export interface Windows {
  /** From here on it is renewed in the background. Never more than `ttlMs`. */
  readonly aheadMs: number
  readonly ttlMs: number
  /** `ttlMs` and the time in which it is used while it is renewed. Never more than `endMs`. */
  readonly swrEndMs: number
  /** `ttlMs` and the time in which it is used while the issuer is down. */
  readonly endMs: number
}

/** What the windows of a key set are made of. */
export interface WindowOptions {
  /** `undefined`: what the server says, else 10 min. */
  readonly ttlMs: number | undefined
  /** `undefined`: as long as the ttl. */
  readonly staleWhileRevalidateMs: number | undefined
  readonly staleIfErrorMs: number
}

const DEFAULT_TTL_MS = 600_000
const MIN_TTL_MS = 60_000
const MAX_TTL_MS = 3_600_000

/**
 * Makes the windows of one key set. What the server says is bent into bounds: a floor of 60 s, so that a `no-cache`
 * does not make every request ask, a ceiling of 1 h, so that it cannot make a withdrawn key live long. Its
 * `stale-if-error` shortens, and never lengthens.
 *
 * `random`, from 0 to 1, moves the beginning of AHEAD between 75 and 85 % of the ttl: a fleet does not ask as one.
 */
export function windowsOf(options: WindowOptions, freshness: Freshness | undefined, random: number): Windows {
  const ttlMs = options.ttlMs ?? clamp(freshness?.maxAgeMs ?? DEFAULT_TTL_MS)
  const sieMs = Math.min(options.staleIfErrorMs, freshness?.staleIfErrorMs ?? Number.POSITIVE_INFINITY)
  const swrMs = Math.min(options.staleWhileRevalidateMs ?? ttlMs, sieMs)
  return { aheadMs: ttlMs * (0.75 + random / 10), ttlMs, swrEndMs: ttlMs + swrMs, endMs: ttlMs + sieMs }
}

function clamp(ms: number): number {
  return Math.min(Math.max(ms, MIN_TTL_MS), MAX_TTL_MS)
}

/**
 * Tells the state of a key set from its age.
 *
 * A window ends where the next one begins: at `ttlMs` a key set is no longer fresh. An age that is no number is
 * past all windows.
 */
export function stateAt(ageMs: number, windows: Windows): WindowState {
  if (ageMs < windows.aheadMs) return 'FRESH'
  if (ageMs < windows.ttlMs) return 'AHEAD'
  if (ageMs < windows.swrEndMs) return 'SWR'
  if (ageMs < windows.endMs) return 'MUST_REVALIDATE'
  return 'EXPIRED'
}

/** Tells for how many more milliseconds a key set stays in the window that it is in. */
export function windowEndsInMs(ageMs: number, windows: Windows): number {
  const { aheadMs, ttlMs, swrEndMs, endMs } = windows
  const end = [aheadMs, ttlMs, swrEndMs, endMs].find((edge) => ageMs < edge) ?? ageMs
  return end - ageMs
}

/** Tells for how many more milliseconds a key set answers without asking the issuer. */
export function freshForMs(ageMs: number, windows: Windows): number {
  return Math.max(0, windows.ttlMs - ageMs)
}

/** Tells for how many more milliseconds a key set may be used while the issuer is down. */
export function usableForMs(ageMs: number, windows: Windows): number {
  return Math.max(0, windows.endMs - ageMs)
}
