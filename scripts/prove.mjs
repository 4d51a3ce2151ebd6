// Mutation testing of the rooms that hold the rules: changes the code in small ways, one at a time, and demands
// that a test notices. A mutant that survives needs a written reason in test/prove/survivors.json; a reason
// whose mutant is gone has to go too. Arguments are passed on: `--mutate packages/core/src/challenge.ts`.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'

const REPORT = 'reports/mutation.json'
const REASONS = 'test/prove/survivors.json'

rmSync(REPORT, { force: true })
const { status } = spawnSync('stryker', ['run', ...process.argv.slice(2)], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

const { files } = JSON.parse(readFileSync(REPORT, 'utf8'))
const mutants = Object.entries(files).flatMap(([file, { source, mutants: found }]) =>
  found.map((mutant) => ({ status: mutant.status, ...describe(file, source, mutant) })),
)
const survivors = mutants.filter((mutant) => mutant.status === 'Survived' || mutant.status === 'NoCoverage')
const reasons = JSON.parse(readFileSync(REASONS, 'utf8'))
const explained = new Set(reasons.filter(({ reason }) => reason.trim() !== '').map(keyOf))
const alive = new Set(survivors.map(keyOf))

const unexplained = survivors.filter((mutant) => !explained.has(keyOf(mutant)))
const outdated = reasons.filter((entry) => Object.hasOwn(files, entry.file) && !alive.has(keyOf(entry)))
const broken = mutants.filter((mutant) => mutant.status.endsWith('Error'))

report('These mutants survive without a written reason', unexplained)
report('These reasons explain a mutant that does not survive', outdated)
report('These mutants could not be tried', broken)
const caught = mutants.length - survivors.length - broken.length
console.log(
  `${mutants.length} mutants, ${caught} caught, ${survivors.length - unexplained.length} survive for a written reason, ` +
    `${unexplained.length} survive without`,
)
if (mutants.length === 0 || unexplained.length + outdated.length + broken.length > 0) process.exitCode = 1

/** Names a mutant by what it changes and not by where, so that a reason outlives an edit elsewhere. */
function describe(file, source, { location: { start, end }, mutatorName, replacement }) {
  const lines = source.split('\n')
  const changed = lines.slice(start.line - 1, end.line)
  changed[changed.length - 1] = changed.at(-1).slice(0, end.column - 1)
  changed[0] = changed[0].slice(start.column - 1)
  return {
    file,
    line: lines[start.line - 1].trim(),
    mutator: mutatorName,
    from: changed.join('\n'),
    to: replacement,
  }
}

function keyOf({ file, line, mutator, from, to }) {
  return JSON.stringify([file, line, mutator, from, to])
}

function report(title, entries) {
  if (entries.length === 0) return
  console.log(`\n${title}:`)
  for (const { file, line, mutator, from, to, reason = '' } of entries)
    console.log(JSON.stringify({ file, line, mutator, from, to, reason }, undefined, 2))
}
