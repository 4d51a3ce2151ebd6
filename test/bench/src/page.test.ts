import { expect, test } from 'vitest'
import { writePages } from './page.js'
import type { Figure, Report, RowReport } from './report.js'

const spread = (value: number): Figure['value'] => ({ median: value, p10: value - 0.5, p90: value + 0.5 })

function figure(name: string, kind: Figure['kind'], median: number, ratio?: number): Figure {
  return { name, kind, value: spread(median), ratio: ratio === undefined ? undefined : spread(ratio) }
}

function report(kind: string, rows: readonly RowReport[], thrownOut: Report['thrownOut'] = []): Report {
  return {
    kind,
    date: '2026-11-24T20:00:00.000Z',
    node: 'v20.20.2',
    machine: { cpu: 'Some <CPU>', cores: 2, memoryGiB: 24, system: 'linux x64' },
    versions: { jose: '6.2.17' },
    setups: { jose: '`jwtVerify`' },
    settings: { rounds: 60 },
    thrownOut,
    rows,
  }
}

const CORE = report(
  'core',
  [
    {
      row: 'first sight · one in flight · RS256',
      unit: 'µs, net of noop',
      base: 'crypto.verify',
      figures: [
        figure('noop', 'noop', 4),
        figure('crypto.verify', 'limit', 20, 1),
        figure('require-jwt', 'ours', 25, 1.25),
        figure('jose', 'peer', 100, 5),
      ],
    },
  ],
  [{ name: 'lax <one>', why: 'accepts a token without an expiry' }],
)

const HTTP = report('http', [
  {
    row: 'Express · 32 tokens in turn · 32 connections · RS256',
    unit: 'requests per second',
    base: 'Express',
    note: 'the load generator was busy 40 % of the time',
    figures: [figure('Express', 'limit', 10_000, 1), figure('Express + require-jwt', 'ours', 9_300, 0.93)],
  },
])

test('the page has the machine, the versions, the set-ups, every row, and who was thrown out', () => {
  const page = writePages([CORE, HTTP]).get('benchmark.md') ?? ''
  expect(page).toContain('## One process, from function call to verdict')
  expect(page).toContain('Node 20.20.2 on 2 × Some <CPU>, 24 GiB, linux x64, on 2026-11-24; rounds 60.')
  expect(page).toContain('jose 6.2.17')
  expect(page).toContain('- **jose**: `jwtVerify`.')
  expect(page).toContain('- **lax <one>** was thrown out: it accepts a token without an expiry.')
  expect(page).toContain('| who | µs, net of noop | times crypto.verify |')
  expect(page).toContain('| require-jwt | 25 (24.5 … 25.5) | 1.25 (0.75 … 1.75) |')
  expect(page).toContain('the load generator was busy 40 % of the time.')
})

test('each plot is in the page and in a file of its own; without figures there is none', () => {
  const pages = writePages([CORE, HTTP])
  expect([...pages.keys()]).toEqual([
    'benchmark.md',
    'benchmark/first-sight.svg',
    'benchmark/requests-kept.svg',
  ])
  const links = [...(pages.get('benchmark.md') ?? '').matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, to]) => to)
  expect(links).toEqual(['benchmark/first-sight.svg', 'benchmark/requests-kept.svg'])
})

test('bars are as long as their values, noop has none, and names are no markup', () => {
  const svg = writePages([CORE]).get('benchmark/first-sight.svg') ?? ''
  const bars = [...svg.matchAll(/<rect x="266" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
  expect(bars).toHaveLength(3)
  const [bare = 0, ours = 0, jose = 0] = bars
  expect(jose / bare).toBeCloseTo(5, 1)
  expect(ours / bare).toBeCloseTo(1.25, 1)
  expect(svg).toContain('>100 µs</text>')
  expect(svg).not.toContain('noop')
})

test('what is kept of the framework is drawn in per cent', () => {
  const svg = writePages([HTTP]).get('benchmark/requests-kept.svg') ?? ''
  expect(svg).toContain('>93 %</text>')
})

test('a name with a sign of XML in it is written as text', () => {
  const rows: readonly RowReport[] = [
    { row: 'seen before · 32 tokens', unit: 'µs', figures: [figure('a <b> & c', 'peer', 3)] },
  ]
  expect(writePages([report('core', rows)]).get('benchmark/seen-before.svg')).toContain('a &lt;b&gt; &amp; c')
})
