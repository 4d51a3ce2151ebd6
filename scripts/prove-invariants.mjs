// Takes the rules out of the key set, one at a time, in a copy, and demands that the test of the invariant that the
// rule keeps fails. The rules are in test/prove/invariants.json. An argument picks those of one invariant: `3`.
import { readFileSync } from 'node:fs'
import { prove, runTests } from './mutation.mjs'

const TEST = 'packages/core/src/keys/source.property.test.ts'
const RUNS = '10000'
const [only] = process.argv.slice(2)

prove({
  name: 'prove-invariants',
  paths: ['packages/core'],
  rules: JSON.parse(readFileSync('test/prove/invariants.json', 'utf8')).filter(
    ({ invariant }) => only === undefined || String(invariant) === only,
  ),
  labelOf: ({ invariant }) => invariant,
  failureOf,
})

function failureOf({ invariant }, copy) {
  const { tests, stderr } = runTests(copy, [TEST, '--reporter=default'], {
    INVARIANT: String(invariant),
    INVARIANT_RUNS: RUNS,
  })
  const failed = tests.find(
    ({ status, title }) => status === 'failed' && title.startsWith(`invariant ${invariant}:`),
  )
  return failed && (/"\d+: ([^(]*) \(at /.exec(stderr)?.[1] ?? failed.title)
}
