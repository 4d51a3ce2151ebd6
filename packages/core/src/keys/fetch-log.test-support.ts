import type { Meaning } from './issuer.test-support.js'
import type { Moment } from './model.test-support.js'

const SECOND = 1_000
const RETRY_MS = 300

/** A request to the issuer, and how it ended. */
export interface Request {
  readonly url: string
  readonly number: number
  readonly sentAt: Moment
  readonly meaning: Meaning
  /** How many attempts in a row had failed before the one that it belongs to. */
  readonly failuresBefore: number
  readonly isRetry: boolean
  end?: { readonly at: Moment; readonly outcome: 'success' | 'failure' | 'timeout' | 'void' }
}

/** The pauses that an issuer is owed, as the documentation says. */
export interface Pauses {
  /** What the random numbers are. */
  readonly random: number
  readonly capMs: number
}

/** Whether another try may follow at once. */
export function mayBeRetried({ end, meaning, isRetry, failuresBefore }: Request): boolean {
  if (end?.outcome !== 'failure' || meaning.is !== 'failure') return false
  return meaning.transient && meaning.pauseMs === 0 && !isRetry && failuresBefore === 0
}

/** Whether a request at `now` is the one retry of one that may be retried. */
export function isRetryOf(before: Request, now: Moment, url: string): boolean {
  if (before.end === undefined || before.url !== url) return false
  const gap = now.monotonic - before.end.at.monotonic
  return gap >= 100 && gap <= RETRY_MS
}

/** Whether an attempt at `now` comes before the pause after `failures` failures in a row is over. */
export function isTooSoon(
  before: Request,
  failures: number,
  now: Moment,
  { random, capMs }: Pauses,
): boolean {
  if (before.end === undefined) return false
  const { at } = before.end
  const gap = Math.max(now.wall - at.wall, now.monotonic - at.monotonic, 0)
  const pause = Math.min(capMs, SECOND * 2 ** (failures - 1)) * (0.5 + random / 2)
  const asked =
    before.meaning.is === 'failure' && before.end.outcome === 'failure' ? before.meaning.pauseMs : 0
  return gap < Math.max(pause, Math.min(capMs, asked)) - 0.001
}

/** Counts what tokens made us ask, and what the operator did. */
export class Demand {
  readonly #at: number[] = []
  readonly orders: { readonly from: number; to: number }[] = []

  /** Notes a fetch that nothing but a token or an order explains; tells whether there are too many in any window. */
  note(forward: number): boolean {
    this.#at.push(forward)
    return this.#at.some((from, i) => this.#at.length - i > this.#allowed(from, forward))
  }

  #allowed(from: number, to: number): number {
    const width = to - from
    const orders = this.orders.filter((order) => order.to >= from && order.from <= to).length
    return 2 + Math.floor(width / (30 * SECOND)) + 1 + Math.floor(width / (60 * SECOND)) + orders
  }
}
