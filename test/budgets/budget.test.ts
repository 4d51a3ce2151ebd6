import { expect, test } from 'vitest'
import { complaintAbout } from './budget.js'

const budget = { unit: 'bytes', measured: 1_000, limit: 1_100 }

test.each([880, 1_000, 1_100])('%d of 1,100 keeps the budget', (found) => {
  expect(complaintAbout('size', budget, found)).toBeUndefined()
})

test.each([1_101, Number.NaN])('%d of 1,100 is over the limit', (found) => {
  expect(complaintAbout('size', budget, found)).toBe(
    `size grew from 1000 to ${found} bytes, and the limit is 1100: look at it, or raise the limit in budgets.json with the reason`,
  )
})

test.each([0, 879])('%d of 1,100 asks for a lower limit', (found) => {
  expect(complaintAbout('size', budget, found)).toBe(
    `size fell from 1000 to ${found} bytes: a limit of 1100 is no watch any more, lower it in budgets.json`,
  )
})

test('a budget of nothing is kept by nothing', () => {
  const nothing = { unit: 'promises', measured: 0, limit: 0 }
  expect(complaintAbout('waiting', nothing, 0)).toBeUndefined()
  expect(complaintAbout('waiting', nothing, 1)).toContain('grew from 0 to 1 promises')
})
