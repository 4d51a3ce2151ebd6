// Takes the rules out of the key set, one at a time, in a copy, and demands that the test of the invariant that the
// rule keeps fails. The rules are in test/prove/invariants.json. An argument picks those of one invariant: `3`.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const RUNS = '10000'
const [only] = process.argv.slice(2)
const rules = JSON.parse(readFileSync('test/prove/invariants.json', 'utf8')).filter(
  ({ invariant }) => only === undefined || String(invariant) === only,
)

const copy = mkdtempSync(join(tmpdir(), 'prove-invariants-'))
try {
  for (const path of ['vitest.config.ts', 'scripts', 'packages/core/package.json', 'packages/core/src'])
    cpSync(path, join(copy, path), { recursive: true })
  for (const path of ['node_modules', 'packages/core/node_modules'])
    symlinkSync(resolve(path), join(copy, path))

  const results = rules.map((rule) => {
    const caught = prove(rule)
    console.log(
      `${caught === undefined ? 'NOT CAUGHT' : 'caught    '} ${rule.invariant} | ${rule.rule} | ${caught ?? ''}`,
    )
    return caught
  })
  const missed = results.filter((caught) => caught === undefined)
  console.log(
    `\n${results.length} rules taken out, ${results.length - missed.length} caught, ${missed.length} not`,
  )
  if (results.length === 0 || missed.length > 0) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true })
}

/** Tells what the test of the invariant said without the rule; `undefined` where it passed. */
function prove({ invariant, edits }) {
  const files = new Set(edits.map(({ file }) => file))
  const originals = [...files].map((file) => [file, readFileSync(join(copy, file), 'utf8')])
  try {
    for (const { file, from, to } of edits) {
      const text = readFileSync(join(copy, file), 'utf8')
      if (text.split(from).length !== 2) throw new Error(`${file} does not hold, once: ${from}`)
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      )
    }
    return failureOf(invariant)
  } finally {
    for (const [file, text] of originals) writeFileSync(join(copy, file), text)
  }
}

function failureOf(invariant) {
  const report = join(copy, 'report.json')
  const test = 'packages/core/src/keys/source.property.test.ts'
  const options = ['--reporter=default', '--reporter=json', `--outputFile=${report}`]
  const { stderr } = spawnSync(resolve('node_modules/.bin/vitest'), ['run', test, ...options], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, INVARIANT: String(invariant), INVARIANT_RUNS: RUNS, NO_COLOR: '1' },
  })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report)
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  // No test at all: the copy does not compile, and nothing is proven.
  if (tests.length === 0) throw new Error('the tests could not be run')
  const failed = tests.find(
    ({ status, title }) => status === 'failed' && title.startsWith(`invariant ${invariant}:`),
  )
  return failed && (/"\d+: ([^(]*) \(at /.exec(stderr)?.[1] ?? failed.title)
}
