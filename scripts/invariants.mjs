// Plays more schedules against the invariants of the key set than a test run does: `--runs 30000` (the default).
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '30000' } } })
if (!/^[1-9]\d*$/.test(values.runs)) throw new Error(`--runs: got ${values.runs}, pass a number like 30000.`)
const { status } = spawnSync(
  'node_modules/.bin/vitest',
  ['run', 'packages/core/src/keys/source.property.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, INVARIANT_RUNS: values.runs },
  },
)
process.exitCode = status ?? 1
