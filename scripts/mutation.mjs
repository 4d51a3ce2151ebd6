// What the proofs share: they take rules out of the product, one at a time, in a copy, and demand that a test fails.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'

/** The longest that the tests of one rule may take, in milliseconds: without it a request may have no answer. */
const TIME_LIMIT_MS = 300_000

/** What every test needs of the project. */
const ALWAYS = ['package.json', 'tsconfig.base.json', 'vitest.config.ts', 'scripts', 'test/leaks']

/**
 * Takes each rule out and prints what `failureOf` says of the copy without it: the name of a test that fails, or
 * `undefined` where none does. `labelOf` says what the rule belongs to; `paths` are what the tests need of the project.
 */
export function prove({ name, paths, rules, labelOf, failureOf }) {
  const copy = mkdtempSync(join(tmpdir(), `${name}-`))
  try {
    // Links stay as they are: a package of the copy finds the packages of the copy.
    const options = { recursive: true, verbatimSymlinks: true, filter: (path) => basename(path) !== 'dist' }
    for (const path of [...ALWAYS, ...paths]) cpSync(path, join(copy, path), options)
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'))

    const results = rules.map((rule) => {
      const { verdict, reason = '' } = outcomeOf(rule, copy, failureOf)
      console.log(`${verdict.padEnd(10)} ${labelOf(rule)} | ${rule.rule} | ${reason}`)
      return verdict
    })
    const count = (wanted) => results.filter((verdict) => verdict === wanted).length
    console.log(
      `\n${results.length} rules taken out, ${count('caught')} caught, ${count('NOT CAUGHT')} not, ` +
        `${count('NOT TRIED')} could not be tried`,
    )
    if (results.length === 0 || count('caught') < results.length) process.exitCode = 1
  } finally {
    rmSync(copy, { recursive: true })
  }
}

/** Runs tests in the copy. Gives all of them, and what was written to stderr. */
export function runTests(copy, options, env = {}) {
  const report = join(copy, 'report.json')
  rmSync(report, { force: true })
  const reporter = ['--reporter=json', `--outputFile=${report}`]
  const { stderr, error } = spawnSync(resolve('node_modules/.bin/vitest'), ['run', ...options, ...reporter], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
    timeout: TIME_LIMIT_MS,
  })
  if (error) throw error
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  // No test at all: the copy does not compile, and nothing is proven.
  if (tests.length === 0) {
    const [reason = 'none was found'] = testResults.map(({ message }) => message.split('\n', 1))
    throw new Error(`the tests could not be run: ${reason}`)
  }
  return { tests, stderr }
}

/** One rule that cannot be tried says nothing about the others. */
function outcomeOf({ edits, ...rule }, copy, failureOf) {
  const files = [...new Set(edits.map(({ file }) => join(copy, file)))]
  const originals = files.map((file) => [file, readFileSync(file, 'utf8')])
  try {
    for (const edit of edits) apply(edit, copy)
    const reason = failureOf(rule, copy)
    return { verdict: reason === undefined ? 'NOT CAUGHT' : 'caught', reason }
  } catch (error) {
    return { verdict: 'NOT TRIED', reason: error.message }
  } finally {
    for (const [file, text] of originals) writeFileSync(file, text)
  }
}

function apply({ file, from, to }, copy) {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  if (text.split(from).length !== 2) throw new Error(`${file} does not hold, once: ${from}`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
}
