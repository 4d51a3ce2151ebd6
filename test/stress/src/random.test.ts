import { expect, test } from 'vitest'
import { createDeck, seededRandom } from './random.js'

const draw = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed))

test('one seed gives one sequence, another seed another one', () => {
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(draw(1).every((number) => number >= 0 && number < 1)).toBe(true)
})

test('a deck is dealt to its end before a card comes again', () => {
  const deal = createDeck(['a', 'b', 'c', 'd'], seededRandom(7))
  for (let round = 0; round < 10; round += 1) {
    expect(new Set([deal(), deal(), deal(), deal()]).size).toBe(4)
  }
})
