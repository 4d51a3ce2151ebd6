import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/errors.js'
import { ADAPTERS } from '../conformance/adapters/index.js'
import { ATTACKS } from './classes/index.js'
import { runSetUps } from './runner.js'

/** Test files that have no classes, but tests of their own. */
const WITHOUT_CLASSES: readonly (string | undefined)[] = ['in-flight', 'proof-race']

/** Fewer are no class. */
const CASES = 5
const NEIGHBOURS = 60

interface Rule {
  readonly classes: readonly string[]
  /** The test file that sees it, where that is not Hono's. */
  readonly on?: string
}

/** What `pnpm prove:attacks` takes out, one at a time, and which classes then fail. */
const RULES: readonly Rule[] = JSON.parse(
  readFileSync(new URL('../prove/attacks.json', import.meta.url), 'utf8'),
)

runSetUps()

describe('the report', () => {
  test('a class has at least five cases, each with a name of its own', () => {
    const rows = ATTACKS.map(({ name, refuses, setUps = [] }) => ({
      class: name,
      cases: new Set([...refuses, ...setUps].map((each) => each.name)).size,
      written: refuses.length + setUps.length,
    }))
    const full = rows.filter(({ cases, written }) => cases >= CASES && cases === written)
    // What a reader of the log sees: rows, because a hundred cases of one class stop no other.
    for (const { class: name, cases } of rows) console.log(`${name}: ${cases}`)
    console.log(`${full.length} of ${rows.length} classes, on ${ADAPTERS.map(({ name }) => name).join(', ')}`)
    expect(rows.filter((row) => !full.includes(row))).toEqual([])
  })

  test('no class is there twice', () => {
    expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length)
    expect(new Set(ATTACKS.map(({ about }) => about)).size).toBe(ATTACKS.length)
  })

  test('every class is about rules that can be taken out, and those are about a class', () => {
    const tried = RULES.flatMap(({ classes, on }) => (WITHOUT_CLASSES.includes(on) ? [] : classes))
    expect([...new Set(tried)].toSorted()).toEqual(ATTACKS.map(({ name }) => name).toSorted())
  })

  test('there are at least sixty odd but legal neighbours', () => {
    expect(ATTACKS.flatMap(({ accepts }) => accepts).length).toBeGreaterThanOrEqual(NEIGHBOURS)
  })

  test.each(['invalid_request', 'invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce'])(
    'every code that says %s is compared byte for byte',
    (wire) => {
      const codes = Object.entries(AUTH_ERRORS).flatMap(([code, row]) => (row.wire === wire ? [code] : []))
      const met = new Set(ATTACKS.flatMap(({ refuses }) => refuses.map(({ expected }) => expected.code)))
      expect(codes.filter((code) => !met.has(code as never))).toEqual([])
    },
  )
})
