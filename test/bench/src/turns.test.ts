import { describe, expect, test } from 'vitest'
import { noop } from './contenders/limits.js'
import { mintAll } from './mint.js'
import { playerOf } from './player.js'
import { makeSigner } from './policy.js'
import { Supply } from './supply.js'
import { takeTurns, type Player } from './turns.js'

/** A contender that notes what it sees, a list for each time that it was made. */
function spy(): { readonly made: string[][]; readonly contender: typeof noop } {
  const made: string[][] = []
  const make: typeof noop.make = async () => {
    const seen: string[] = []
    made.push(seen)
    return async (token) => seen.push(token)
  }
  return { made, contender: { ...noop, make } }
}

describe('takeTurns', () => {
  test('gives one figure per round and player, of turns that are whole steps and no longer than they may be', async () => {
    const played: number[] = []
    const player = (name: string): Player => ({
      name,
      most: 40,
      prepare: async () => undefined,
      play: async (operations) => {
        played.push(operations)
      },
    })
    const options = { rounds: 7, sliceMs: 1, warmMs: 1, step: 10, clock: 'wall' } as const
    const times = await takeTurns([player('a'), player('b')], options)
    expect([...times].map(([name, figures]) => [name, figures.length])).toEqual([
      ['a', 7],
      ['b', 7],
    ])
    expect(played.every((operations) => operations % 10 === 0 && operations <= 40)).toBe(true)
  })

  test('has each player play once a round', async () => {
    const order: string[] = []
    const player = (name: string): Player => ({
      name,
      most: 1,
      prepare: async () => undefined,
      play: async () => void order.push(name),
    })
    await takeTurns(['a', 'b', 'c'].map(player), { rounds: 20, sliceMs: 1, warmMs: 0, step: 1, clock: 'cpu' })
    const rounds = Array.from({ length: 20 }, (_, round) => order.slice(-60).slice(3 * round, 3 * round + 3))
    for (const round of rounds) expect(round.toSorted()).toEqual(['a', 'b', 'c'])
  })
})

describe('a player', () => {
  const signer = makeSigner('HS256')
  const supply = new Supply(mintAll(signer, 50))
  const { policy } = signer

  test.each([{ kind: 'in turn' }, { kind: 'in flight', width: 5 }] as const)(
    'never shows a token twice to the same contender: %o',
    async (shape) => {
      const { made, contender } = spy()
      const player = playerOf(contender, { policy, supply, shape, again: false })
      for (let turn = 0; turn < 6; turn += 1) {
        // oxlint-disable no-await-in-loop -- in turn
        await player.prepare(20)
        await player.play(20)
        // oxlint-enable no-await-in-loop
      }
      expect(made.length).toBeGreaterThan(1)
      for (const seen of made) expect(new Set(seen).size).toBe(seen.length)
    },
  )

  test('shows the same tokens again where they are to be seen before', async () => {
    const { made, contender } = spy()
    const player = playerOf(contender, { policy, supply, shape: { kind: 'at once' }, again: true })
    await player.prepare(120)
    await player.play(120)
    expect(made).toHaveLength(1)
    expect(made[0]?.slice(50, 100)).toEqual(made[0]?.slice(0, 50))
  })

  test('goes on where a token is refused', async () => {
    let refused = 0
    const make: typeof noop.make = async () => async () => {
      refused += 1
      throw new Error('no')
    }
    const shape = { kind: 'refused' } as const
    const player = playerOf({ ...noop, make }, { policy, supply, shape, again: true })
    await player.prepare(60)
    await player.play(60)
    expect(refused).toBe(60)
  })
})

test('a supply cuts tokens and fields as they were', () => {
  const supply = new Supply(['a.b.c', 'de.f.g', 'h'])
  expect([0, 1, 2].map((index) => supply.token(index))).toEqual(['a.b.c', 'de.f.g', 'h'])
  expect([0, 1, 2].map((index) => supply.field(index))).toEqual(['Bearer a.b.c', 'Bearer de.f.g', 'Bearer h'])
})
