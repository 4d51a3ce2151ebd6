import { drawBars, type Group } from './plot.js'
import { drawNumber, type Figure, type Report, type RowReport } from './report.js'
import type { Spread } from './statistics.js'

/** The page and its plots: contents by file name, inside `docs`. */
export type Pages = ReadonlyMap<string, string>

/** One plot: which rows it shows, and what of them. */
interface Plot {
  readonly file: string
  readonly title: string
  /** What a reader should know who sees only the plot. */
  readonly text: string
  readonly rows: RegExp
  readonly value: (figure: Figure) => number
  readonly label: (value: number) => string
}

const PLOTS: readonly Plot[] = [
  {
    file: 'first-sight.svg',
    title: 'Microseconds to check a token that was not seen before (less is better)',
    text: 'One token after the other, each different, 1.5 kB. What the harness costs is taken off.',
    rows: /^first sight · one in flight/,
    value: medianOf,
    label: (value) => `${drawNumber(value)} µs`,
  },
  {
    file: 'seen-before.svg',
    title: 'Microseconds to check a token that was seen before (less is better)',
    text: 'The same 32 tokens in turn, each time a new string.',
    rows: /^seen before/,
    value: medianOf,
    label: (value) => `${drawNumber(value)} µs`,
  },
  {
    file: 'requests-kept.svg',
    title: 'Requests per second kept of the bare framework, repeated tokens (more is better)',
    text: 'The same route with and without a check, 32 connections.',
    rows: /· 32 tokens in turn · 32 connections/,
    value: ({ ratio }) => 100 * (ratio?.median ?? 0),
    label: (value) => `${drawNumber(value)} %`,
  },
  {
    file: 'flood.svg',
    title: 'Fetches of the JWKS in a minute of tokens with unknown kids (less is better)',
    text: 'A stranger can make up as many as they like: how many fetches that costs the issuer.',
    rows: /^outage · \d+ unknown kids a second · (?:first|third) minute/,
    value: medianOf,
    label: drawNumber,
  },
  {
    file: 'outage.svg',
    title: 'Good tokens accepted while the issuer is down (more is better)',
    text: 'So many minutes after the last good fetch. Nobody waits: the clocks of the process are moved.',
    rows: /^outage · issuer down/,
    value: medianOf,
    label: (value) => `${drawNumber(value)} %`,
  },
]

const TITLES: Readonly<Record<string, string>> = {
  core: 'One process, from function call to verdict',
  http: 'Whole servers',
  start: 'From the start of a process to its first verified request',
  memory: 'Memory',
  outage: 'Floods and outages',
}

/** Writes docs/benchmark.md and its plots. Each plot shows the first report of its kind. */
export function writePages(reports: readonly Report[]): Pages {
  const drawn = PLOTS.flatMap((plot) => {
    const report = reports.find(({ rows }) => rows.some(({ row }) => plot.rows.test(row)))
    const rows = report?.rows.filter(({ row }) => plot.rows.test(row)) ?? []
    return rows.length === 0
      ? []
      : [
          {
            plot,
            svg: drawBars(
              plot.title,
              rows.map((row) => groupOf(row, plot)),
            ),
          },
        ]
  })
  const images = drawn.map(({ plot }) => `![${plot.title}](benchmark/${plot.file})\n\n${plot.text}\n`)
  const page = [HEAD, ...images, ...reports.map(writeReport), REPEAT].join('\n')
  return new Map([
    ['benchmark.md', page],
    ...drawn.map(({ plot, svg }) => [`benchmark/${plot.file}`, svg] as const),
  ])
}

const HEAD = `# What it costs

<!-- Written by \`npx -y pnpm@10.34.8 bench page\` from what the other kinds of \`bench\` measured. Change it in test/bench. -->

All contenders demand the same of a token: the issuer, the audience, an expiry, and one algorithm. Each is tried before it
is measured; one that accepts a bad token or refuses a good one is thrown out. They take turns of a few milliseconds, in a
new order each round, and each ratio is that of two turns of the same round: what disturbs the machine disturbs them all.
Figures are medians over the rounds, with the tenth and the ninetieth percentile. They are of the machine named with them;
the ratios travel better than the times.
`

const REPEAT = `## To see it again

From a clone: \`npx -y pnpm@10.34.8 bench core\`, and so on for \`http\`, \`start\`, \`memory\` and \`outage\`. \`--json FILE\` keeps
the figures, and \`bench page FILE…\` writes this page.
`

function writeReport({
  kind,
  date,
  node,
  machine,
  versions,
  setups,
  settings,
  thrownOut,
  rows,
}: Report): string {
  const { cpu, cores, memoryGiB, system } = machine
  const expelled = thrownOut.map(({ name, why }) => `- **${name}** was thrown out: it ${why}.`)
  const set = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  return [
    `## ${TITLES[kind] ?? kind}\n`,
    `Node ${node.replace(/^v/, '')} on ${cores} × ${cpu}, ${memoryGiB} GiB, ${system}, on ${date.slice(0, 10)}; ${set.join(', ')}.`,
    `${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.\n`,
    ...(expelled.length > 0 ? [...expelled, ''] : []),
    ...rows.map(writeRow),
    'How each is set up:\n',
    ...Object.entries(setups).map(([name, setup]) => `- **${name}**: ${setup}.`),
    '',
  ].join('\n')
}

function writeRow({ row, unit, base, note, figures }: RowReport): string {
  const head = ['who', unit, ...(base === undefined ? [] : [`times ${base}`])]
  const lines = figures.map(({ name, value, ratio }) => [
    name,
    writeSpread(value),
    ...(base === undefined ? [] : [ratio === undefined ? '' : writeSpread(ratio)]),
  ])
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return [`### ${row}\n`, ...table, '', ...(note === undefined ? [] : [`${note}.\n`])].join('\n')
}

function writeSpread({ median, p10, p90 }: Spread): string {
  const range = p10 === p90 ? '' : ` (${drawNumber(p10)} … ${drawNumber(p90)})`
  return `${drawNumber(median)}${range}`
}

function groupOf({ row, figures }: RowReport, { value, label }: Plot): Group {
  const shown = figures.filter(({ kind }) => kind !== 'noop')
  return {
    title: row,
    bars: shown.map((figure) => ({
      name: figure.name,
      kind: figure.kind,
      value: value(figure),
      label: label(value(figure)),
    })),
  }
}

function medianOf({ value }: Figure): number {
  return value.median
}
