import type { Contender } from './contender.js'
import { describeResult, run, type Result } from './run.js'
import type { Finding } from './stage.js'
import type { Row } from './table/row.js'

/** Plays rows of the table with ours, and remembers what was seen. */
export class Played {
  readonly #results: { readonly who: string; readonly result: Result }[] = []

  /** Plays a row; gives what did not hold. */
  async failuresOf(row: Row, contender: Contender): Promise<readonly Finding[]> {
    const result = await run(row, contender)
    if (!result) throw new Error('the table has a row that is not about us')
    this.#results.push({ who: contender.name, result })
    if (result.findings.length === 0) throw new Error('the row has looked at nothing')
    return result.findings.filter(({ holds }) => !holds)
  }

  /** Prints the table, as it was played. */
  print(): void {
    const lines = this.#results.map(
      ({ who, result }) =>
        `${result.held ? 'held  ' : 'FAILED'} ${who}: ${result.row.fault}\n         ${describeResult(result)}`,
    )
    console.log(`The fault table, as it was played\n${lines.join('\n')}`)
  }
}

/** Names rows in full: Vitest would shorten them. */
export function named(rows: readonly Row[]): readonly (readonly [string, Row])[] {
  return rows.map((row) => [`${row.fault}: ${row.must}`, row])
}
