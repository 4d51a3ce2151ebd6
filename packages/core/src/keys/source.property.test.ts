import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { INVARIANTS } from './judge.test-support.js'
import { Play } from './play.test-support.js'
import { schedules } from './schedule.test-support.js'

vi.mock('jose/key/import', () => ({ importJWK: async () => new Uint8Array() }))
vi.mock('#crypto', () => ({ signatureCheck: () => () => true }))
vi.mock('jose/jwk/thumbprint', () => ({ calculateJwkThumbprint: async (jwk: object) => JSON.stringify(jwk) }))

// `pnpm invariants --runs 30000`, and what shows that each test fails without its rule.
const MANY = process.env['INVARIANT_RUNS']
const ONLY = process.env['INVARIANT']

/** What the schedules broke; played once for all tests. */
const broken = play()

test.each(INVARIANTS)(
  'invariant %s',
  async (invariant) => {
    const [number] = invariant.split(' ')
    expect((await broken).filter((text) => text.startsWith(`${number} `))).toEqual([])
  },
  1_800_000,
)

async function play(): Promise<readonly string[]> {
  const seen: string[] = []
  const holds = fc.asyncProperty(schedules, async ({ setup, steps }) => {
    const run = new Play(setup)
    await run.run(steps)
    const found = run.broken.filter((text) => ONLY === undefined || text.startsWith(`${ONLY}: `))
    if (found.length === 0) return
    // The last one is the smallest: what comes after it did not fail.
    seen.splice(0, seen.length, ...found.map((text) => `${text} in ${fc.stringify({ setup, steps })}`))
    throw new Error('broken')
  })
  await fc.check(holds, {
    // A test run always plays the same ones; new ones are for who looks for them.
    ...(MANY === undefined ? { numRuns: 5_000, seed: 4 } : { numRuns: Number(MANY) }),
    endOnFailure: ONLY !== undefined,
  })
  return seen
}
