import { help, readArguments, type RunOptions } from './arguments.js'
import { startCoverage } from './coverage.js'
import { describeFinding, fuzz } from './fuzz.js'
import { findPlants } from './plant.js'
import { TARGETS } from './targets/all.js'

const NAMES = TARGETS.map(({ name }) => name)

/** Does what the command line asks for, and gives the exit code. */
export async function command(args: readonly string[]): Promise<number> {
  const asked = readArguments(args, NAMES)
  switch (asked.kind) {
    case 'help':
      process.stdout.write(help(NAMES))
      return 0
    case 'mistake':
      process.stderr.write(`fuzz: ${asked.message}\n\n${help(NAMES)}`)
      return 2
    case 'plant':
      return findPlants(asked.name, asked.minutes)
    case 'run':
      return run(asked.options)
  }
}

async function run({ minutes, seed, targets, first, coverage }: RunOptions): Promise<number> {
  process.stdout.write(`seed ${seed}\n`)
  const chosen = TARGETS.filter(({ name }) => targets.includes(name))
  const measured = coverage ? await startCoverage() : undefined
  const until = performance.now() + minutes * 60_000
  const { findings, cases } = await fuzz(chosen, { seed, cases: Number.POSITIVE_INFINITY, until, first })
  if (measured !== undefined) process.stdout.write(await measured(chosen.flatMap(({ rooms }) => rooms)))
  for (const finding of findings) process.stdout.write(`\n${describeFinding(finding)}`)
  const counts = Object.entries(cases).map(([name, count]) => `${name} ${count}`)
  process.stdout.write(`\n${counts.join(', ')}: ${findings.length} found\n`)
  return findings.length === 0 ? 0 : 1
}
