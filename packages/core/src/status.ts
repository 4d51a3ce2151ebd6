import type { SourceStatus } from './keys/key-source.js'

/** What an operator sees of a verifier. */
export interface Status {
  /** The worst of the sources: `down` where an issuer has no keys that may be used, `degraded` where they are old. */
  readonly health: Health
  readonly sources: readonly SourceStatus[]
  /** Tenants whose keys are held: at most 1,000, those used last at the end. They never change `health`. */
  readonly tenants: readonly SourceStatus[]
  /** How many exceptions of the observer were swallowed. */
  readonly observerErrors: number
}

/** Whether tokens can be checked: with good keys, with old ones, or not at all. */
export type Health = 'ok' | 'degraded' | 'down'

/** Sums up the sources of a verifier. */
export function summarizeStatus(
  sources: readonly SourceStatus[],
  tenants: readonly SourceStatus[],
  observerErrors: number,
): Status {
  const healths = sources.map(healthOf)
  const health = (['down', 'degraded'] as const).find((level) => healths.includes(level)) ?? 'ok'
  return { health, sources, tenants, observerErrors }
}

function healthOf(source: SourceStatus): Health {
  switch (source.state) {
    case 'STATIC':
    case 'FRESH':
    case 'AHEAD':
    case 'SWR':
      return 'ok'
    case 'MUST_REVALIDATE':
      return 'degraded'
    case 'EMPTY':
      // Before the first attempt nothing is wrong yet.
      return source.failures > 0 ? 'down' : 'ok'
    case 'EXPIRED':
    case 'CLOSED':
      return 'down'
  }
}
