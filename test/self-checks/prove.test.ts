import { describe, expect, test } from 'vitest'
import { readText } from './repository.js'

interface Rule {
  readonly rule: string
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[]
}

// `pnpm prove:invariants` and `pnpm prove:attacks` take each of them out, which takes minutes: here only that they
// still can.
const invariants: readonly (Rule & { readonly invariant: number })[] = JSON.parse(
  readText('test/prove/invariants.json'),
)
const attacks: readonly Rule[] = JSON.parse(readText('test/prove/attacks.json'))

test('every invariant of the key set has a rule that can be taken out', () => {
  const proven = new Set(invariants.map(({ invariant }) => invariant))
  expect([...proven].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

describe.each([
  ['invariants.json', invariants],
  ['attacks.json', attacks],
])('test/prove/%s', (_name, rules) => {
  test.each(rules)('says how to take out the rule: $rule', ({ edits }) => {
    expect(edits).not.toHaveLength(0)
    for (const { file, from, to } of edits) {
      expect(readText(file).split(from), `${file} holds, once: ${from}`).toHaveLength(2)
      expect(to).not.toBe(from)
    }
  })

  test('has each rule once', () => {
    expect(new Set(rules.map(({ edits }) => JSON.stringify(edits))).size).toBe(rules.length)
  })
})
