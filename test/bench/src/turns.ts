import { shuffled } from './statistics.js'

/** Whoever takes turns. */
export interface Player {
  readonly name: string
  /** How many operations a turn may have at most. */
  readonly most: number
  /** Makes ready for so many operations. Is not timed. */
  prepare(operations: number): Promise<void>
  /** Does them. */
  play(operations: number): Promise<void>
}

/** How turns are taken. */
export interface TurnOptions {
  readonly rounds: number
  /** How long one turn takes, about. */
  readonly sliceMs: number
  /** How long each is run before anything counts. */
  readonly warmMs: number
  /** Each turn is a multiple of it. */
  readonly step: number
  /** `cpu` counts what the process computes, its threads included: for a machine that others keep busy. */
  readonly clock: Clock
}

/** What time is measured by. */
export type Clock = 'wall' | 'cpu'

/** Microseconds per operation, by name, one figure for each round. */
export type Times = ReadonlyMap<string, readonly number[]>

/** Lets all take turns, in short slices and in a new order each round: what disturbs one disturbs them all. */
export async function takeTurns(players: readonly Player[], options: TurnOptions): Promise<Times> {
  const times = new Map<string, number[]>(players.map(({ name }) => [name, []]))
  const sizes = new Map<Player, number>()
  // oxlint-disable no-await-in-loop -- taking turns is the point
  for (const player of shuffled(players)) sizes.set(player, await sizeOf(player, options))
  for (let round = 0; round < options.rounds; round += 1) {
    for (const player of shuffled(players)) {
      const operations = sizes.get(player) ?? options.step
      times.get(player.name)?.push((await timeOf(player, operations, options.clock)) / operations)
    }
  }
  // oxlint-enable no-await-in-loop
  return times
}

/** Warms a player up, and finds out how many operations fill a slice. */
async function sizeOf(player: Player, { sliceMs, warmMs, step, clock }: TurnOptions): Promise<number> {
  let operations = step
  const until = performance.now() + warmMs
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each trial sizes the next
    const us = await timeOf(player, operations, clock)
    const fitting = Math.max(1, Math.round((operations * sliceMs * 1_000) / us / step)) * step
    // The first trials are slow: never more than double, so that none takes long.
    operations = Math.min(fitting, 2 * operations, player.most)
    if (performance.now() >= until && operations === Math.min(fitting, player.most)) return operations
  }
}

/** Microseconds that so many operations take. */
async function timeOf(player: Player, operations: number, clock: Clock): Promise<number> {
  await player.prepare(operations)
  const start = CLOCKS[clock]()
  await player.play(operations)
  return CLOCKS[clock]() - start
}

/** Microseconds, from some beginning. */
const CLOCKS: Readonly<Record<Clock, () => number>> = {
  wall: () => performance.now() * 1_000,
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
}
