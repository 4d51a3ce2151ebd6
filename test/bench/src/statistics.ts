/** The middle of many measurements, and how far apart they lie. */
export interface Spread {
  readonly median: number
  readonly p10: number
  readonly p90: number
}

/** Sums measurements up. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), p10: quantile(sorted, 0.1), p90: quantile(sorted, 0.9) }
}

/** Divides each measurement by the one of the same round, and sums the ratios up. */
export function ratioOf(values: readonly number[], base: readonly number[]): Spread {
  return spreadOf(values.map((value, round) => value / at(base, round)))
}

/** Takes from each measurement what the harness cost in the same round. */
export function netOf(values: readonly number[], noop: readonly number[]): readonly number[] {
  return values.map((value, round) => value - at(noop, round))
}

/** Puts a list into a random order. */
export function shuffled<T>(list: readonly T[], random: () => number = Math.random): T[] {
  const drawn = list.map((item) => ({ item, lot: random() }))
  return drawn.toSorted((a, b) => a.lot - b.lot).map(({ item }) => item)
}

function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part
  const below = at(sorted, Math.floor(place))
  return below + (at(sorted, Math.ceil(place)) - below) * (place % 1)
}

function at(values: readonly number[], index: number): number {
  const value = values[index]
  if (value === undefined) throw new RangeError(`there is no measurement ${index}`)
  return value
}
