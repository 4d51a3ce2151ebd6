import { styleText } from 'node:util'
import { FRAMEWORKS, type Framework } from './servers/start.js'
import type { Observed, ObservedRow } from './tell.js'

const WIDTH = 100
const TITLE = 55
const NAMES: Readonly<Record<Framework, string>> = { express: 'Express', koa: 'Koa', hono: 'Hono' }
const GAP = '   '
const INDENT = ' '.repeat(6)

/** Draws the observed rows for a terminal of 100 columns. Has colours where stdout has them. */
export function drawTable(rows: readonly ObservedRow[]): string {
  const heads = FRAMEWORKS.map((framework) => NAMES[framework]).join(GAP)
  const lines = [
    styleText('bold', 'require-jwt: one issuer, the same API on three frameworks'),
    '',
    styleText('dim', `${' '.repeat(TITLE)}${heads}${GAP}the operator reads`),
  ]
  let chapter = ''
  for (const row of rows) {
    if (row.chapter !== chapter) lines.push('', styleText('bold', row.chapter))
    chapter = row.chapter
    if (row.meanwhile !== null) lines.push(styleText('italic', `    ~ ${row.meanwhile}`))
    lines.push(...drawRow(row))
  }
  return [...lines, '', summary(rows)].join('\n')
}

function drawRow({ title, answers, asTold, told }: ObservedRow): readonly string[] {
  const mark = asTold ? styleText('green', '✔') : styleText('red', '✘')
  const statuses = FRAMEWORKS.map((framework) => drawStatus(answers[framework].status, NAMES[framework]))
  const reasons = new Set(FRAMEWORKS.map((framework) => answers[framework].reason ?? 'nothing'))
  const first = `  ${mark} ${title.padEnd(TITLE - 4)}${statuses.join(GAP)}${GAP}${[...reasons].join(', ')}`
  return [first, ...drawHeaders(answers), ...(asTold ? [] : drawTold(told))]
}

function drawStatus(status: number, name: string): string {
  const colour = status < 300 ? 'green' : status < 500 ? 'yellow' : 'magenta'
  return styleText(colour, String(status).padStart(name.length))
}

/** The headers once where the frameworks agree, and once for each where they do not. */
function drawHeaders(answers: ObservedRow['answers']): readonly string[] {
  const texts = new Set(FRAMEWORKS.map((framework) => headersOf(answers[framework]).join('\n')))
  const shown =
    texts.size === 1
      ? headersOf(answers.express)
      : FRAMEWORKS.flatMap((framework) =>
          headersOf(answers[framework]).map((line) => `${NAMES[framework]}: ${line}`),
        )
  return shown.flatMap(wrap).map((line) => styleText('dim', line))
}

function headersOf({ challenge, retryAfter }: Observed): readonly string[] {
  return [
    ...(challenge === null ? [] : [`WWW-Authenticate: ${challenge}`]),
    ...(retryAfter === null ? [] : [`Retry-After: ${retryAfter}`]),
  ]
}

function drawTold({ status, challenge, retryAfter, reason }: ObservedRow['told']): readonly string[] {
  const parts = [
    `status ${status}`,
    challenge ?? 'no WWW-Authenticate',
    ...(retryAfter ? ['Retry-After'] : []),
    reason,
  ]
  return wrap(`but it was told: ${parts.join(', ')}`).map((line) => styleText('red', line))
}

/** Breaks a line after commas; what follows is indented more. */
function wrap(line: string): readonly string[] {
  const lines: string[] = []
  let current = INDENT
  for (const piece of line.split(/(?<=, )/)) {
    if ((current + piece.trimEnd()).length > WIDTH) {
      lines.push(current.trimEnd())
      current = `${INDENT}  `
    }
    current += piece
  }
  return [...lines, current.trimEnd()]
}

function summary(rows: readonly ObservedRow[]): string {
  const asTold = rows.filter((row) => row.asTold).length
  const text = `${asTold} of ${rows.length} rows came out as told, on each of the three frameworks.`
  return styleText(asTold === rows.length ? 'green' : 'red', text)
}
