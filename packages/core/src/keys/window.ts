/** Where a key set stands in its life. */
export type WindowState = 'EMPTY' | 'FRESH' | 'SWR' | 'MUST_REVALIDATE' | 'EXPIRED'

/** The lengths of the windows in milliseconds; both stale windows begin where `ttlMs` ends. */
export interface Windows {
  readonly ttlMs: number
  /** Never more than `staleIfErrorMs`. */
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
}

/**
 * Tells the state of a key set from its age; `undefined` is no key set.
 *
 * A window ends where the next one begins: at `ttlMs` a key set is no longer fresh. An age that is no number is
 * past all windows.
 */
export function stateAt(ageMs: number | undefined, windows: Windows): WindowState {
  if (ageMs === undefined) return 'EMPTY'
  if (ageMs < windows.ttlMs) return 'FRESH'
  if (ageMs < windows.ttlMs + windows.staleWhileRevalidateMs) return 'SWR'
  if (ageMs < windows.ttlMs + windows.staleIfErrorMs) return 'MUST_REVALIDATE'
  return 'EXPIRED'
}

/** Tells for how many more milliseconds a key set answers without asking the issuer. */
export function freshForMs(ageMs: number, windows: Windows): number {
  return Math.max(0, windows.ttlMs - ageMs)
}

/** Tells for how many more milliseconds a key set may be used while the issuer is down. */
export function usableForMs(ageMs: number, windows: Windows): number {
  return Math.max(0, windows.ttlMs + windows.staleIfErrorMs - ageMs)
}
