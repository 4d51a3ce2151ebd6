import type { Exchange, Verdicts } from './oracle.js'
import type { Answer } from './load.js'

/** The rows of the table of verdicts. */
export const ROWS = ['good', 'good, new key', 'withdrawn', 'expired', 'forged', 'unknown'] as const
/** The name of one. */
export type Row = (typeof ROWS)[number]

/** What came of the tokens of one row. */
export interface RowFigures {
  readonly sent: number
  readonly statuses: Readonly<Record<number, number>>
  readonly wrong: number
  /** Milliseconds from the moment that a request was to start: 50, 99 and 100 of 100 took no longer. */
  readonly percentilesMs: readonly [number, number, number]
}

/** Counts what came back, and judges it. */
export class Tally {
  readonly #rows = new Map<Row, { statuses: Record<number, number>; wrong: number; tookMs: number[] }>()
  /** The first wrong verdicts, in words. */
  readonly wrong: string[] = []

  /** Notes an exchange; `subject` is whom its token is about. */
  add(exchange: Exchange, answer: Answer, { verdicts, subject, scheduledAt }: Judgement): void {
    const name = exchange.kind === 'good' && !mustPass(verdicts) ? 'good, new key' : exchange.kind
    const row = this.#rows.get(name) ?? { statuses: {}, wrong: 0, tookMs: [] }
    this.#rows.set(name, row)
    row.statuses[answer.status] = (row.statuses[answer.status] ?? 0) + 1
    row.tookMs.push(Math.round(exchange.answeredAt - scheduledAt))
    const fault = faultOf(answer, verdicts, subject)
    if (fault === undefined) return
    row.wrong += 1
    if (this.wrong.length < 5) this.wrong.push(`${exchange.kind}: ${fault}`)
  }

  /** Gives the figures of each row. */
  figures(): Record<Row, RowFigures> {
    return Object.fromEntries(ROWS.map((name) => [name, this.#figuresOf(name)])) as Record<Row, RowFigures>
  }

  #figuresOf(name: Row): RowFigures {
    const { statuses, wrong, tookMs } = this.#rows.get(name) ?? { statuses: {}, wrong: 0, tookMs: [] }
    const sorted = Float64Array.from(tookMs).toSorted()
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0
    return { sent: sorted.length, statuses, wrong, percentilesMs: [at(0.5), at(0.99), at(1)] }
  }
}

/** What an answer is judged by. */
export interface Judgement {
  readonly verdicts: Verdicts
  readonly subject: string
  readonly scheduledAt: number
}

/** Tells whether an exchange can only end well: a good token, and its key was held all the time. */
export function mustPass(verdicts: Verdicts): boolean {
  return verdicts.length === 1 && verdicts[0] === 200
}

/** Says what is wrong with an answer; `undefined`: nothing. */
export function faultOf(answer: Answer, verdicts: Verdicts, subject: string): string | undefined {
  const { status, body, retryAfter } = answer
  if (!verdicts.includes(status)) return `${status} instead of ${verdicts.join(' or ')}`
  if (status === 200 && body !== subject) return 'the handler saw another subject'
  const seconds = Number(retryAfter ?? Number.NaN)
  if (status === 503 && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60))
    return `503 with Retry-After ${retryAfter}`
  return undefined
}
