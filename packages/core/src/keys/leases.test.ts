import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Leases, type Holder } from './leases.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

function holder(): Holder {
  return { observer: () => undefined }
}

test('the observers are those of all leases that have not ended', () => {
  const leases = new Leases()
  const [first, second] = [holder(), holder()]
  leases.add(first)
  leases.add(second)
  expect(leases.observers()).toEqual([first.observer, second.observer])
  expect(leases.end(first)).toBe(false)
  expect(leases.observers()).toEqual([second.observer])
  expect(leases.end(second)).toBe(true)
  expect(leases.observers()).toEqual([])
})

test('two leases of one observer are two', () => {
  const leases = new Leases()
  const { observer } = holder()
  const [first, second] = [{ observer }, { observer }]
  leases.add(first)
  leases.add(second)
  expect(leases.end(first)).toBe(false)
  expect(leases.observers()).toEqual([observer])
})

test('a holder that was forgotten without ending its lease leaves nothing behind', async () => {
  const leases = new Leases()
  for (let i = 0; i < 100; i += 1) leases.add(holder())
  // References that were looked at in this turn are kept until it ends.
  await setImmediate()
  collectGarbage()
  expect(leases.observers()).toEqual([])
  const last = holder()
  leases.add(last)
  expect(leases.end(last)).toBe(true)
})
