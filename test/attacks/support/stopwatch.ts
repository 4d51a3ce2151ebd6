/** Makes a token that has not been seen before. */
export type Mint = () => string

/** Quotients of two medians that say nothing: on a busy machine those of equal work are within one hundredth. */
const BAND = [0.95, 1.05] as const

/** A busy machine is uneven now and then; a leak always is. */
const ATTEMPTS = 3

const WARM_UP = 20
const ROUNDS = 150

/** Of each kind in a round: few, so that what slows the machine down slows both. */
const TOKENS = 10

/**
 * Tells whether time gives away which of two kinds a token is of. Compares the medians over many short rounds, in which
 * both kinds come in a random order.
 */
export async function timeTells(
  check: (token: string) => Promise<unknown>,
  kinds: readonly [Mint, Mint],
  attempts: number = ATTEMPTS,
): Promise<boolean> {
  const [first, second] = await mediansOf(check, kinds)
  const quotient = first / second
  if (quotient > BAND[0] && quotient < BAND[1]) return false
  return attempts === 1 || timeTells(check, kinds, attempts - 1)
}

async function mediansOf(
  check: (token: string) => Promise<unknown>,
  kinds: readonly [Mint, Mint],
): Promise<readonly [number, number]> {
  const times: readonly [number[], number[]] = [[], []]
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const { token, kind } of shuffled(kinds)) {
      const start = performance.now()
      // One after the other: what runs beside it would be timed with it.
      // oxlint-disable-next-line no-await-in-loop
      await check(token)
      const duration = performance.now() - start
      if (round >= 0) times[kind].push(duration)
    }
  }
  return [medianOf(times[0]), medianOf(times[1])]
}

interface Drawn {
  readonly token: string
  readonly kind: 0 | 1
}

// All of a round are made before the first is timed.
function shuffled([first, second]: readonly [Mint, Mint]): readonly Drawn[] {
  const tokens = Array.from({ length: TOKENS }, (): readonly Drawn[] => [
    { token: first(), kind: 0 },
    { token: second(), kind: 1 },
  ]).flat()
  return tokens
    .map((drawn) => ({ drawn, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ drawn }) => drawn)
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
