import { describe, expect, test } from 'vitest'
import { LANDING_MS, rightVerdicts, type Exchange, type Publication } from './oracle.js'
import { KEY_SET, onMachine } from './settings.js'

const published = (at: number, ...kids: string[]): Publication => ({
  kids: new Set(kids),
  askedAt: at,
  answeredAt: at,
  inTime: true,
})
const first = published(0, 'a')
const second = published(10_000, 'b')
const landed = 10_000 + LANDING_MS + 1

function verdicts(kind: Exchange['kind'], kid: string, at: number, until = at): readonly number[] {
  const publications = [first, second].filter(({ answeredAt }) => answeredAt <= until)
  return rightVerdicts({ kind, kid, sentAt: at, answeredAt: until }, publications)
}

describe('a token of a key that is held', () => {
  test('is accepted, and nothing else is right', () => {
    expect(verdicts('good', 'a', 5_000)).toEqual([200])
    expect(verdicts('good', 'b', landed)).toEqual([200])
  })

  test('is refused with 401 where it is forged or out of date', () => {
    expect(verdicts('forged', 'a', 5_000)).toEqual([401])
    expect(verdicts('expired', 'a', 5_000)).toEqual([401])
  })
})

describe('while the key set changes', () => {
  test.each([
    ['an answer may not have landed yet', 10_000, 10_000],
    ['an answer comes in the time of the request', 9_990, 10_010],
  ])('%s: both are right', (_, from, until) => {
    expect(verdicts('good', 'a', from, until)).toContain(200)
    expect(verdicts('good', 'a', from, until)).toContain(401)
    expect(verdicts('good', 'b', from, until)).toContain(200)
    expect(verdicts('good', 'b', from, until)).toContain(401)
  })

  test('no token is accepted whose key no answer has named', () => {
    expect(verdicts('good', 'b', 9_000)).not.toContain(200)
    expect(verdicts('unknown', 'c', 10_000)).not.toContain(200)
    expect(verdicts('forged', 'b', 10_000)).not.toContain(200)
  })

  test('an answer that came late replaces nothing for sure', () => {
    const late = { ...second, inTime: false }
    const exchange: Exchange = { kind: 'good', kid: 'a', sentAt: landed, answeredAt: landed }
    expect(rightVerdicts(exchange, [first, late])).toEqual([200, 401, 503])
  })
})

test('a key that was withdrawn is refused as soon as the answer without it has landed', () => {
  expect(verdicts('withdrawn', 'a', landed)).toEqual([401])
})

test('503 is right only where the keys may be old', () => {
  expect(verdicts('unknown', 'c', landed)).toEqual([401])
  expect(verdicts('unknown', 'c', 10_000 + onMachine(KEY_SET.ttlMs))).toEqual([401, 503])
})

test('before the first answer has landed good tokens may have to wait, and none is forgiven a fault', () => {
  expect(verdicts('good', 'a', -10)).toEqual([401, 503])
  expect(verdicts('good', 'a', 0)).toEqual([200, 401, 503])
  expect(verdicts('expired', 'a', -10)).toEqual([401])
})

test('keys that ran out while the issuer was down are used no more', () => {
  const end = 10_000 + onMachine(KEY_SET.ttlMs + KEY_SET.staleIfErrorMs)
  expect(verdicts('good', 'b', end - 1)).toEqual([200])
  expect(verdicts('good', 'b', end)).toEqual([200, 401, 503])
  expect(verdicts('good', 'b', end + LANDING_MS)).toEqual([401, 503])
})
