import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { offloaded } from './thread-pool.node.js'

type Done = (error: Error | null, result: boolean) => void

const PLACES = Math.max(1, Math.min(availableParallelism(), 3))

test('no more jobs run at once than leave a thread to others; the next one starts when one has ended', async () => {
  const started: Done[] = []
  const verdicts = Array.from({ length: PLACES + 2 }, () => offloaded((done) => started.push(done)))
  expect(started).toHaveLength(PLACES)
  started[0]?.(null, true)
  expect(started).toHaveLength(PLACES + 1)
  started[1]?.(null, false)
  expect(started).toHaveLength(PLACES + 2)
  for (const done of started.slice(2)) done(null, true)
  expect(await Promise.all(verdicts)).toEqual(verdicts.map((_, at) => at !== 1))
})

test('a job that fails, also before it has begun, rejects and gives its place to the next', async () => {
  const bug = new Error('no such key')
  const failed = Array.from({ length: PLACES + 1 }, () => offloaded((done) => done(bug, false)))
  const thrown = Array.from({ length: PLACES + 1 }, () =>
    offloaded(() => {
      throw bug
    }),
  )
  const outcomes = await Promise.allSettled([...failed, ...thrown])
  expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason: bug })))
  expect(await offloaded((done) => done(null, true))).toBe(true)
})
