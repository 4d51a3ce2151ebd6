import { expect, test } from 'vitest'
import { describeFinding, fuzz } from './fuzz.js'
import { TARGETS } from './targets/all.js'

// A glance, the same each time, with all the time that a busy machine takes: `pnpm fuzz --minutes 60` is the long form.
test.each(TARGETS)('nothing is wrong with $name', async (target) => {
  const { findings, cases } = await fuzz([target], {
    seed: 1,
    cases: 2_000,
    until: performance.now() + 20_000,
    first: true,
  })
  expect(findings.map(describeFinding)).toEqual([])
  expect(cases[target.name]).toBe(2_000)
})
