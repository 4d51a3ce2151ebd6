import type { Contender } from './contender.js'
import { Stage, WARM_UP, type Finding } from './stage.js'
import type { Row } from './table/row.js'

/** What came of one row. */
export interface Result {
  readonly row: Row
  readonly findings: readonly Finding[]
  readonly held: boolean
}

/** Runs a row; `undefined` where it is not about this contender. */
export async function run(row: Row, contender: Contender): Promise<Result | undefined> {
  if (row.needs === 'discovery' && !contender.discovery) return undefined
  if (row.needs === 'our options' && !contender.ours) return undefined
  const findings = await Stage.play(contender, row.run)
  return { row, findings, held: findings.length > 0 && findings.every(({ holds }) => holds) }
}

/** Writes what was seen; of a row that failed, what failed. */
export function describeResult({ findings, held }: Result): string {
  const told = findings.filter(({ what, holds }) => (held ? what !== WARM_UP : !holds))
  return told.map(({ what, seen }) => `${what}: ${seen}`).join('; ')
}
