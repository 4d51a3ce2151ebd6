import { afterAll, describe, expect, test } from 'vitest'
import { adapters } from './contenders/ours.js'
import { named, Played } from './play.js'
import { TABLE } from './table/index.js'

// Where the status matters.
const overHttp = Object.values(TABLE)
  .flat()
  .filter((row) => row.overHttp === true)

const played = new Played()

describe.each(adapters)('$name', (contender) => {
  test.each(named(overHttp))('%s', async (_, row) => {
    expect(await played.failuresOf(row, contender)).toEqual([])
  })
})

afterAll(() => played.print())
