import { expect, test } from 'vitest'
import { benchCore } from './core.js'
import { drawReport } from './report.js'

test('a run compares ours with the bare check and with the others, and says with which versions', async () => {
  const options = {
    rounds: 2,
    sliceMs: 1,
    clock: 'cpu',
    tokens: 500,
    only: ['require-jwt without', 'jose'],
    json: undefined,
  } as const
  const rows = ['one in flight · HS256', 'refused · expired']
  const report = await benchCore({ ...options, rows }, () => undefined)
  expect(report).toMatchObject({ kind: 'core', node: process.version, thrownOut: [] })
  expect(report.rows.map(({ row }) => row)).toEqual([
    'first sight · one in flight · HS256',
    'refused · expired · RS256',
  ])
  const [firstSight, refused] = report.rows.map(({ figures }) => figures.map(({ name }) => name).toSorted())
  expect(firstSight).toEqual(['crypto.verify', 'jose', 'noop', 'require-jwt without memo', 'subtle.verify'])
  expect(refused).toEqual(['jose', 'noop', 'require-jwt without memo'])
  expect(report.versions).toHaveProperty(['@require-jwt/core'])
  expect(report.versions['jose']).toMatch(/^\d+\.\d+\.\d+$/)
  const drawn = drawReport(report)
  expect(drawn).toContain('first sight · one in flight · HS256   [µs, net of noop')
  expect(drawn).toContain('times crypto.verify')
})
