import type { Random } from '../stress/src/random.js'

/** A piece of the core that is given inputs it was not made for. Every input is a text, so that it can be printed. */
export interface Target {
  readonly name: string
  /** The files of the core that are under test here, below `packages/core/src`. */
  readonly rooms: readonly string[]
  /** Pieces of its grammar: what mutation puts in, and what a long input repeats. */
  readonly words: readonly string[]
  /** The longest input that the piece looks at whole, in characters. */
  readonly maxLength: number
  /** Makes an input: something valid, mostly broken a little. */
  readonly generate: (random: Random) => string
  /** Gives an input to the core, and to nothing else: what is timed. */
  readonly run: (input: string) => unknown
  /** Judges what the core makes of an input; a text says what is wrong, without the input. */
  readonly check: (input: string) => string | undefined | Promise<string | undefined>
  /** Makes an input out of a long text, where a long text by itself would not get far. */
  readonly wrap?: ((text: string) => string) | undefined
}

/** Judges an input. What the core throws is a finding like any other. */
export async function judge(target: Target, input: string): Promise<string | undefined> {
  try {
    return await target.check(input)
  } catch (error) {
    return `threw ${error instanceof Error ? `${error.name}: ${error.message}` : typeof error}`
  }
}
