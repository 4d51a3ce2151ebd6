/** What a figure may be. */
export interface Budget {
  readonly unit: string
  /** What it was when the limit was set. */
  readonly measured: number
  /** About a tenth above, so that not every change asks for a new one. */
  readonly limit: number
}

/** A limit so far above the figure lets a third of it come back unseen. */
const SLACK = 0.25

/** Says what is wrong with a figure; `undefined` where it keeps its budget. */
export function complaintAbout(name: string, budget: Budget, found: number): string | undefined {
  const { unit, measured, limit } = budget
  if (!(found <= limit)) {
    return `${name} grew from ${measured} to ${found} ${unit}, and the limit is ${limit}: look at it, or raise the limit in budgets.json with the reason`
  }
  if (limit - found > SLACK * Math.abs(found)) {
    return `${name} fell from ${measured} to ${found} ${unit}: a limit of ${limit} is no watch any more, lower it in budgets.json`
  }
  return undefined
}
