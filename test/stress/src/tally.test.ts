import { describe, expect, test } from 'vitest'
import type { Exchange } from './oracle.js'
import { faultOf, mustPass, Tally } from './tally.js'

const answer = { status: 200, body: 'ada', retryAfter: undefined }

describe('an answer', () => {
  test('is right with one of the verdicts, and the subject of the token', () => {
    expect(faultOf(answer, [200, 401], 'ada')).toBeUndefined()
    expect(faultOf({ ...answer, status: 401, body: '' }, [200, 401], 'ada')).toBeUndefined()
  })

  test('is wrong with any other status, none included', () => {
    expect(faultOf(answer, [401], 'ada')).toBe('200 instead of 401')
    expect(faultOf({ ...answer, status: 0 }, [200], 'ada')).toBe('0 instead of 200')
  })

  test('is wrong where the handler saw the subject of another token', () => {
    expect(faultOf({ ...answer, body: 'bob' }, [200], 'ada')).toBe('the handler saw another subject')
  })

  test.each([undefined, '0', '61', '1.5', 'soon'])('is wrong as 503 with Retry-After %s', (retryAfter) => {
    expect(faultOf({ status: 503, body: '', retryAfter }, [503], 'ada')).toBe(
      `503 with Retry-After ${retryAfter}`,
    )
    expect(faultOf({ status: 503, body: '', retryAfter: '60' }, [503], 'ada')).toBeUndefined()
  })
})

test('only a token that must be accepted counts as one with a known key', () => {
  expect(mustPass([200])).toBe(true)
  expect(mustPass([200, 401])).toBe(false)
  expect(mustPass([401])).toBe(false)
})

test('counts answers, faults and times by row', () => {
  const tally = new Tally()
  const good: Exchange = { kind: 'good', kid: 'a', sentAt: 10, answeredAt: 14 }
  tally.add(good, answer, { verdicts: [200], subject: 'ada', scheduledAt: 4 })
  tally.add(good, { ...answer, status: 401 }, { verdicts: [200], subject: 'ada', scheduledAt: 12 })
  tally.add(good, answer, { verdicts: [200, 401], subject: 'ada', scheduledAt: 14 })
  const { good: known, 'good, new key': fresh, forged } = tally.figures()
  expect(known).toEqual({ sent: 2, statuses: { 200: 1, 401: 1 }, wrong: 1, percentilesMs: [2, 10, 10] })
  expect(fresh).toMatchObject({ sent: 1, wrong: 0 })
  expect(forged).toEqual({ sent: 0, statuses: {}, wrong: 0, percentilesMs: [0, 0, 0] })
  expect(tally.wrong).toEqual(['good: 401 instead of 200'])
})
