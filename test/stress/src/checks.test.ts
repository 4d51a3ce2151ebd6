import { describe, expect, test } from 'vitest'
import { checksOf } from './checks.js'
import type { Figures } from './run.js'

const row = { sent: 100, statuses: {}, wrong: 0, percentilesMs: [1, 2, 3] } as const
const stretch = { seconds: 60, count: 50, bound: 100 }

const good: Figures = {
  options: { seconds: 60, adapters: ['koa'], rate: 120, seed: 1, json: undefined, plant: undefined },
  rows: {
    good: row,
    'good, new key': row,
    withdrawn: row,
    expired: row,
    forged: row,
    unknown: row,
  },
  wrong: [],
  accepted: { koa: 50 },
  late: { shots: 0, worstMs: 1 },
  fetches: {
    total: 50,
    fates: { answers: 1, 'not modified': 1, hangs: 1, fails: 1 },
    jwks: { nearest: stretch, whole: stretch },
    metadata: { nearest: stretch, whole: stretch },
  },
  healings: [true, false].map((announced) => ({ announced, tookMs: 100, boundMs: 1_000 })),
  heap: { afterSeconds: 30, beforeBytes: 10_000_000, endBytes: 10_400_000 },
  server: {
    counts: { known: 100, waited: 0, longestTicks: 3, forced: 10 },
    status: { samples: 10, faulty: 0, faults: [] },
    states: { EMPTY: 1, FRESH: 1, AHEAD: 1, SWR: 1, MUST_REVALIDATE: 1 },
    events: {
      'keys.refreshed': 1,
      'keys.changed': 1,
      'keys.outage': 1,
      'keys.recovered': 1,
      'keys.suppressed': 1,
      'keys.unknown': 1,
    },
    telling: 0,
    story: ['1 s: warning, timeout, keys last 9 s', '2 s: recovered after 1 s'],
  },
  ending: { killed: false, code: 0, tookMs: 50, open: [], complained: 0 },
}

const failedOf = (change: Partial<Figures>): string[] =>
  checksOf({ ...good, ...change }).flatMap(({ name, passed }) => (passed ? [] : [name]))

test('a good run passes every check', () => {
  expect(failedOf({})).toEqual([])
  expect(checksOf(good)).toHaveLength(12)
})

describe('exactly one check fails where', () => {
  const { server, fetches, heap, ending, rows } = good
  test.each<[string, Partial<Figures>]>([
    ['the load started late', { late: { shots: 61, worstMs: 300 } }],
    ['a verdict was wrong', { rows: { ...rows, forged: { ...row, wrong: 1 } } }],
    ['a request waited', { server: { ...server, counts: { ...server.counts, waited: 1 } } }],
    ['no request had a known key', { server: { ...server, counts: { ...server.counts, known: 0 } } }],
    [
      'a key was learnt too late',
      { healings: [...good.healings, { announced: true, tookMs: 2, boundMs: 1 }] },
    ],
    [
      'a stretch had too many fetches',
      { fetches: { ...fetches, jwks: { nearest: { seconds: 1, count: 6, bound: 5 }, whole: stretch } } },
    ],
    ['no metadata was fetched', { fetches: { ...fetches, metadata: undefined } }],
    [
      'there were too many discoveries',
      { fetches: { ...fetches, metadata: { nearest: { ...stretch, bound: 49 }, whole: stretch } } },
    ],
    ['an event held a token', { server: { ...server, telling: 1 } }],
    ['the server wrote something', { ending: { ...ending, complained: 1 } }],
    ['a state was not met', { server: { ...server, states: { ...server.states, AHEAD: 0 } } }],
    ['an event was not met', { server: { ...server, events: { ...server.events, 'keys.unknown': 0 } } }],
    ['a fault was not met', { fetches: { ...fetches, fates: { ...fetches.fates, hangs: 0 } } }],
    ['an adapter accepted nothing', { accepted: {} }],
    ['a kind of token was not sent', { rows: { ...rows, withdrawn: { ...row, sent: 0 } } }],
    [
      'no unknown key made the server ask',
      { server: { ...server, counts: { ...server.counts, forced: 0 } } },
    ],
    ['a kind of change was not met', { healings: good.healings.slice(1) }],
    ['a status contradicted itself', { server: { ...server, status: { ...server.status, faulty: 1 } } }],
    ['an outage has no end', { server: { ...server, story: [...server.story, '9 s: warning'] } }],
    ['the heap grew', { heap: { ...heap, endBytes: 11_000_001 } }],
    ['the heap was not measured', { heap: { ...heap, beforeBytes: Number.NaN } }],
    ['the process had to be killed', { ending: { ...ending, killed: true } }],
    ['the process ended with an error', { ending: { ...ending, code: 1 } }],
    ['something was left open', { ending: { ...ending, open: ['Timeout'] } }],
  ])('%s', (_, change) => {
    expect(failedOf(change)).toHaveLength(1)
  })
})

test('ten minutes allow the heap less than a short run', () => {
  const heap = { ...good.heap, endBytes: 10_600_000 }
  expect(failedOf({ heap })).toEqual([])
  expect(failedOf({ heap, options: { ...good.options, seconds: 600 } })).toHaveLength(1)
})
