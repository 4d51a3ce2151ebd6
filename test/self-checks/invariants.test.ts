import { expect, test } from 'vitest'
import { readText } from './repository.js'

interface Rule {
  readonly invariant: number
  readonly rule: string
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[]
}

// `pnpm prove:invariants` takes each of them out, which takes minutes: here only that it still can.
const rules: readonly Rule[] = JSON.parse(readText('test/prove/invariants.json'))

test('every invariant of the key set has a rule that can be taken out', () => {
  const proven = new Set(rules.map(({ invariant }) => invariant))
  expect([...proven].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test.each(rules)('the rule of invariant $invariant can be taken out: $rule', ({ edits }) => {
  expect(edits).not.toHaveLength(0)
  for (const { file, from, to } of edits) {
    expect(readText(file).split(from), `${file} holds, once: ${from}`).toHaveLength(2)
    expect(to).not.toBe(from)
  }
})
