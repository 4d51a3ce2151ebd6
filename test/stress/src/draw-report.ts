import type { Check } from './checks.js'
import type { Figures } from './run.js'
import { KEY_SET, SPEED } from './settings.js'
import { ROWS } from './tally.js'

/** Writes the figures of a run as text: what it was, what came back, what held. */
export function drawReport(figures: Figures, checks: readonly Check[]): string {
  const { options, rows, accepted, fetches, server } = figures
  const { seconds, rate, seed } = options
  return [
    `${seconds} s, ${rate} requests a second, seed ${seed}; the clock of the key set runs ${SPEED} times as fast`,
    `keySet: ${counts(KEY_SET)}`,
    '',
    drawTable([
      ['tokens', 'sent', 'answers', 'wrong', 'p50 ms', 'p99 ms', 'p100 ms'],
      ...ROWS.map((name) => {
        const { sent, statuses, wrong, percentilesMs } = rows[name]
        return [name, sent, counts(statuses), wrong, ...percentilesMs]
      }),
    ]),
    '',
    `accepted: ${counts(accepted)}`,
    `fetches: ${fetches.total} (${counts(fetches.fates)}), ${server.counts.forced} of them forced by unknown keys and bad signatures`,
    `events: ${counts(server.events)}`,
    '',
    ...checks.map(({ name, passed, detail }) => `${passed ? 'PASS' : 'FAIL'}  ${name}: ${detail}`),
    '',
  ].join('\n')
}

function drawTable(lines: readonly (readonly (string | number)[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => String(line[column] ?? '').length)),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => String(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function counts(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
