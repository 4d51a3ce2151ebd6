import type { AuthEvent, Observer } from './events.js'
import { optionError } from './option-checks.js'

/** What `logEvents` writes to: `console`, pino, winston and most others fit. */
export interface Logger {
  info(text: string): void
  warn(text: string): void
  error(text: string): void
}

/** Refusals that are written out within a second; the rest of it is counted. */
const LINES_PER_SECOND = 10

// Control characters and what terminals and log viewers take for line ends: a path is the caller's to choose.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

/**
 * Makes an observer that writes one line for each refusal (code, detail, issuer, method, path without query), at
 * most ten a second, then their count; and one for each change in the state of the keys.
 *
 * `now` gives milliseconds since the epoch; default `Date.now`.
 *
 * @example
 * requireJwt({ issuer, audience, observer: logEvents(console) })
 *
 * @throws ConfigError where the logger lacks `info`, `warn` or `error`
 */
export function logEvents(logger: Logger, now: () => number = Date.now): Observer {
  for (const level of ['info', 'warn', 'error'] as const) {
    if (typeof (logger as Partial<Logger> | undefined)?.[level] !== 'function') {
      throw optionError(
        'logEvents(logger)',
        logger,
        'Pass something with info, warn and error, such as console.',
      )
    }
  }
  const within = limiter(now, (count) =>
    logger.warn(`require-jwt: ${count} more refusals within that second`),
  )
  return (event) => {
    const line = lineOf(event)
    if (line === undefined || (event.type === 'rejected' && !within())) return
    logger[levelOf(event)](`require-jwt: ${line}`.replace(UNSAFE, '?'))
  }
}

// No timer: the count of a second is told by the first refusal after it.
function limiter(now: () => number, tell: (count: number) => void): () => boolean {
  let second = Number.NaN
  let seen = 0
  return () => {
    const current = Math.floor(now() / 1000)
    if (current !== second) {
      if (seen > LINES_PER_SECOND) tell(seen - LINES_PER_SECOND)
      second = current
      seen = 0
    }
    seen += 1
    return seen <= LINES_PER_SECOND
  }
}

const INFORMATION: readonly AuthEvent['type'][] = [
  'keys.refreshed',
  'keys.changed',
  'keys.recovered',
  'keys.restored',
]

function levelOf(event: AuthEvent): keyof Logger {
  if (event.type === 'keys.outage') return event.severity === 'critical' ? 'error' : 'warn'
  return INFORMATION.includes(event.type) ? 'info' : 'warn'
}

function lineOf(event: AuthEvent): string | undefined {
  switch (event.type) {
    case 'authenticated':
      return undefined
    case 'rejected': {
      const { code, detail, issuer, request } = event
      const parts = [request && `${request.method} ${request.path}`, issuer && `issuer ${issuer}`, detail]
      return [`refused ${code}`, ...parts.filter((part) => part !== undefined)].join(' | ')
    }
    case 'shadow.compared': {
      if (event.agrees) return undefined
      const { ours, theirs, issuer, request, detail } = event
      const parts = [`${request.method} ${request.path}`, issuer && `issuer ${issuer}`, detail]
      return [`shadow: ours ${ours}, theirs ${theirs}`, ...parts.filter((part) => part !== undefined)].join(
        ' | ',
      )
    }
    case 'config.notice':
      return `notice | ${event.issuer === undefined ? '' : `issuer ${event.issuer} | `}${event.detail}`
    case 'keys.refreshed':
      return `keys refreshed | issuer ${event.issuer} | ${event.keys} usable`
    case 'keys.changed':
      return `keys changed | issuer ${event.issuer} | ${event.added} added, ${event.removed} removed`
    case 'keys.outage':
      return `keys cannot be refreshed | issuer ${event.issuer} | ${event.reason} | ${remaining(event.remainingMs)}`
    case 'keys.recovered':
      return `keys can be refreshed again | issuer ${event.issuer} | after ${Math.round(event.outageMs / 1000)} s`
    case 'keys.suppressed':
      return `unknown keys not asked for | issuer ${event.issuer} | ${event.count} look-ups`
    case 'keys.unknown':
      return `tokens name keys that the issuer does not publish | issuer ${event.issuer} | ${event.count}`
    case 'keys.restored':
      return `keys taken from the store | issuer ${event.issuer} | ${event.keys} usable, ${Math.round(event.ageMs / 1000)} s old`
    case 'keys.store_failed':
      return `the key store failed | issuer ${event.issuer} | ${event.operation}, ${event.count} times`
    case 'keys.unshared':
      return `many key caches for one URL | issuer ${event.issuer} | pass the same ${event.option} every time, or make one verifier`
  }
}

function remaining(ms: number): string {
  return ms === 0 ? 'no keys that may be used' : `known keys last ${Math.round(ms / 1000)} s`
}
