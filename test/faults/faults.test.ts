import { afterAll, describe, expect, test } from 'vitest'
import { core } from './contenders/ours.js'
import { named, Played } from './play.js'
import { TABLE } from './table/index.js'

const played = new Played()

describe.each(['once', 'and again'])('%s', () => {
  describe.each(Object.entries(TABLE))('%s', (__, rows) => {
    test.each(named(rows))('%s', async (_, row) => {
      expect(await played.failuresOf(row, core)).toEqual([])
    })
  })
})

afterAll(() => played.print())
