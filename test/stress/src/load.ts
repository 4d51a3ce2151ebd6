import { Agent, request } from 'node:http'
import type { Random } from './random.js'
import type { Kind } from './oracle.js'

/** What came back; the status is 0 where nothing did. */
export interface Answer {
  readonly status: number
  readonly body: string
  readonly retryAfter: string | undefined
}

const PATIENCE_MS = 30_000

/** Makes a client that keeps its connections, as many as it needs. */
export function createClient(): {
  get(url: string, headers: Readonly<Record<string, string>>): Promise<Answer>
  close(): void
} {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 64 })
  return {
    get: (url, headers) =>
      new Promise((resolve) => {
        const nothing = (): void => resolve({ status: 0, body: '', retryAfter: undefined })
        const sent = request(url, { agent, headers, timeout: PATIENCE_MS }, (response) => {
          let body = ''
          response.setEncoding('utf8')
          response.on('data', (chunk) => {
            body += String(chunk)
          })
          response.on('error', nothing)
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body, retryAfter: response.headers['retry-after'] }),
          )
        })
        sent.on('timeout', () => sent.destroy())
        sent.on('error', nothing)
        sent.end()
      }),
    close: () => agent.destroy(),
  }
}

const TURN_MS = 4

/**
 * Starts shots by schedule, whatever has become of those before; ends when the last has been started. `shoot` gets
 * the number of the shot and the moment that it was to start.
 */
export function fireBySchedule(
  perSecond: number,
  seconds: number,
  shoot: (number: number, scheduledAt: number) => void,
): Promise<void> {
  const startedAt = Date.now()
  let shots = 0
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min((Date.now() - startedAt) / 1000, seconds) * perSecond
      for (; shots < Math.floor(due); shots += 1) shoot(shots, startedAt + (shots * 1000) / perSecond)
      if (due < seconds * perSecond) return
      clearInterval(timer)
      resolve()
    }, TURN_MS)
  })
}

const PHASE_MS = 7_000

/**
 * Draws what comes next. Floods of bad tokens and quiet times take turns: in a flood the unknown keys have the JWKS
 * fetched as often as the demand bucket lets them, so that only in quiet times keys grow older than half a ttl.
 */
export function drawKind(elapsedMs: number, random: Random): Kind {
  const quiet = Math.floor(elapsedMs / PHASE_MS) % 2 === 1
  const drawn = random()
  if (drawn < 0.1) return 'expired'
  if (quiet || drawn < 0.55) return 'good'
  if (drawn < 0.7) return 'forged'
  return drawn < 0.85 ? 'unknown' : 'withdrawn'
}
