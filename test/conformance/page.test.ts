import { describe, expect, test } from 'vitest'
import { rowsOf, writeConformancePage } from './page.js'
import { SECTIONS, type Rule, type RuleId } from './rules.js'
import { TABLE } from './table/index.js'

const rules = Object.values(SECTIONS).flatMap((section) => Object.entries(section) as [RuleId, Rule][])

test('docs/conformance.md is what the table says; `pnpm docs:conformance` writes it anew', async () => {
  await expect(writeConformancePage()).toMatchFileSnapshot('../../docs/conformance.md')
})

describe.each(rules)('%s', (id, { without }) => {
  const { requests, starts } = rowsOf(id)

  test('has a refusal and an accepted neighbour, or a reason why not', () => {
    expect(requests.length + starts.length > 0).toBe(without === undefined)
  })
})

test('a row names each rule and each case once', () => {
  for (const row of TABLE) {
    expect(new Set(row.rules).size).toBe(row.rules.length)
    for (const cases of [row.refuses, row.accepts]) {
      const names = cases.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  }
})
