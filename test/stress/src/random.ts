/** Gives numbers from 0 up to, not including, 1. */
export type Random = () => number

/** Makes a random sequence of a seed: mulberry32, which is fair enough to draw faults with. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws from a deck, which is shuffled and dealt to its end before it is shuffled again: shares are exact. */
export function createDeck<T>(cards: readonly T[], random: Random): () => T | undefined {
  let rest: T[] = []
  return () => {
    if (rest.length === 0) rest = [...cards]
    return rest.splice(Math.floor(random() * rest.length), 1)[0]
  }
}
