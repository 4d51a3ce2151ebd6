import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ADAPTERS } from './adapters/index.js'
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
  const twice = TABLE.flatMap(({ rules: ids, refuses, accepts }) =>
    [ids, refuses.map(({ name }) => name), accepts.map(({ name }) => name)].flatMap(repeated),
  )
  expect(twice).toEqual([])
})

test('the table is run over every adapter that the page names', () => {
  const files = readdirSync(new URL('adapters/', import.meta.url))
  const run = files.filter((file) => file.endsWith('.test.ts')).map((file) => readText(`adapters/${file}`))
  const list = readText('adapters/index.ts')
  const named = [...list.matchAll(/import \{ ([^}]+) \} from '\.\/(?!adapter\.js)/g)].flatMap(
    ([, names = '']) => names.split(', '),
  )
  expect(named).toHaveLength(ADAPTERS.length)
  expect(named.filter((name) => !run.some((text) => text.includes(`runTable(${name})`)))).toEqual([])
})

function readText(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8')
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) < index)
}
