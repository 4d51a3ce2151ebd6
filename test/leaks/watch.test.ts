import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const CONFIG = fileURLToPath(new URL('./plants/vitest.config.ts', import.meta.url))

interface Report {
  readonly testResults: readonly [
    {
      readonly assertionResults: readonly {
        readonly title: string
        readonly failureMessages: readonly string[]
      }[]
    },
  ]
}

test('a test that leaks fails, and one that does not passes', async () => {
  const [{ assertionResults }] = await play()
  expect(assertionResults.length).toBeGreaterThan(10)
  const outcomes = assertionResults.map(({ title, failureMessages }) => ({
    title,
    noticed: failureMessages.some((message) => message.includes('Leak watch: ')),
    passed: failureMessages.length === 0,
  }))
  expect(outcomes).toEqual(
    outcomes.map(({ title }) => {
      const leaks = title.startsWith('leaks: ')
      return { title, noticed: leaks, passed: !leaks }
    }),
  )
})

/** Runs the plants as every test is run. Nothing is read of what they print, because it would be a leak here. */
async function play(): Promise<Report['testResults']> {
  const folder = mkdtempSync(join(tmpdir(), 'leaks-'))
  const file = join(folder, 'report.json')
  const run = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG, '--outputFile', file], {
    stdio: 'ignore',
  })
  await once(run, 'close')
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report
  rmSync(folder, { recursive: true })
  return testResults
}
