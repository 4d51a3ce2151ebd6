import { lengthen } from './mutate.js'
import type { Random } from '../stress/src/random.js'
import { judge, type Target } from './target.js'

// In milliseconds. Below, nothing is slow, and what a time tells is how the memory was swept.
const WORTH_A_LOOK = 8
// For 128 KiB at most: however it grew, nobody can wait for that.
const TOO_LONG = 2_000
const TIMES = 5
const ROUNDS = 3
const MORE_THAN_LINEAR = 3
const FIRST_LENGTH = 512

/** An input that takes too long, or whose time grows faster than its length. */
export interface Growth {
  readonly input: string
  readonly problem: string
}

/** Repeats a piece of an input ever more often, and looks whether the time grows faster than the length. */
export async function findGrowth(
  target: Target,
  seedInput: string,
  random: Random,
): Promise<Growth | undefined> {
  const { words, maxLength } = target
  // Now and then nothing but the repeated piece: what is before it may end the reading early.
  const make = lengthen(random() < 0.3 ? '' : seedInput, words, random)
  const wrap = (random() < 0.5 && target.wrap) || ((text: string) => text)
  for (let length = FIRST_LENGTH; length <= maxLength; length *= 2) {
    const inputs = [length / 8, length / 4, length / 2, length].map((size) => wrap(make(size)))
    // oxlint-disable-next-line no-await-in-loop -- one size after the other
    const problem = await slownessOf(target, inputs)
    if (problem !== undefined) return { input: inputs.at(-1) ?? '', problem }
  }
  return undefined
}

/** Says what was slow in every round: the longest input by itself, or the growth over three doublings. */
async function slownessOf(target: Target, inputs: readonly string[]): Promise<string | undefined> {
  let problem: string | undefined
  for (let round = 0; round < ROUNDS; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- nothing else may run while a time is taken
    const time = await timeOf(target, inputs.at(-1) ?? '')
    if (time < WORTH_A_LOOK) return undefined
    if (time > TOO_LONG) problem = `is slow: ${Math.round(time)} ms`
    else {
      // oxlint-disable-next-line no-await-in-loop -- nothing else may run while a time is taken
      const ratios = await ratiosOf(target, inputs)
      if (!ratios.every((ratio) => ratio > MORE_THAN_LINEAR)) return undefined
      const shown = ratios.map((ratio) => ratio.toFixed(1)).join(', ')
      problem = `is not linear: twice the input, ${shown} times the time`
    }
  }
  return problem
}

// By the shortest time of several: it is the work, the rest is the machine.
async function ratiosOf(target: Target, inputs: readonly string[]): Promise<readonly number[]> {
  const best = inputs.map(() => Number.POSITIVE_INFINITY)
  for (let time = 0; time < TIMES; time += 1) {
    for (const [index, input] of inputs.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- nothing else may run while a time is taken
      best[index] = Math.min(best[index] ?? 0, await timeOf(target, input))
    }
  }
  return best.slice(1).map((time, index) => time / Math.max(best[index] ?? 0, 0.01))
}

// What passes grows with the load of the machine, and what the processor works with the threads that sweep the memory.
async function timeOf(target: Target, input: string): Promise<number> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  await judge({ ...target, check: async () => void (await target.run(input)) }, input)
  const passed = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return Math.min(passed, (user + system) / 1000)
}
