import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Contender } from './contender.js'
import { core } from './contenders/ours.js'
import { peers } from './contenders/peers.js'
import { PAGE, writePage } from './page.js'
import { describeResult, run, type Result } from './run.js'
import { TABLE } from './table/index.js'

const results = new Map<Contender, readonly Result[]>()

test('require-jwt holds every row', async () => {
  const ours = await play(core)
  expect(ours.filter(({ held }) => !held).map(describeResult)).toEqual([])
  results.set(core, ours)
})

test.each(peers)('$name', async (peer) => {
  const theirs = await play(peer)
  expect(theirs).not.toEqual([])
  results.set(peer, theirs)
})

test('the page is written', () => {
  expect([...results.keys()]).toEqual([core, ...peers])
  writeFileSync(PAGE, writePage(results))
})

async function play(contender: Contender): Promise<readonly Result[]> {
  const played: Result[] = []
  for (const row of Object.values(TABLE).flat()) {
    // oxlint-disable-next-line no-await-in-loop -- the clocks are those of the process
    const result = await run(row, contender)
    if (!result) continue
    played.push(result)
    console.log(
      `${result.held ? 'held  ' : 'FAILED'} ${contender.name}: ${row.fault}: ${describeResult(result)}`,
    )
  }
  return played
}
