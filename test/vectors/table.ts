import { EXPECTED } from './expected.js'
import { tally, type Judged } from './tally.js'

const HEADINGS = ['group', 'valid', 'verified', 'by a rule', 'invalid', 'refused', 'overrides']

/** Draws what became of the vectors, a line for each group. */
export function drawTable(judged: readonly Judged[]): string {
  const lines = [HEADINGS, ...Object.keys(EXPECTED).map((group) => lineOf(group, judged))]
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function lineOf(group: string, judged: readonly Judged[]): readonly string[] {
  const own = judged.filter(([vector]) => vector.group === group)
  const { rules = [], overrides = [] } = EXPECTED[group] ?? {}
  const { verified, stricter, refused } = tally(own, rules, overrides)
  const valid = own.filter(([{ label }]) => label === 'valid').length
  const byRule = Object.entries(stricter).map(([rule, count]) => `${rule} ${count}`)
  const byLayer = Object.values(refused).reduce((sum, count) => sum + count, 0)
  const ids = overrides.flatMap((override) => override.ids)
  return [
    group,
    String(valid),
    String(verified),
    byRule.join(', ') || '-',
    String(own.length - valid),
    String(byLayer),
    ids.join(' ') || '-',
  ]
}
