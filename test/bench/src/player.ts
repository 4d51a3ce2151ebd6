import type { Check, Contender } from './contender.js'
import type { Policy } from './policy.js'
import type { Supply } from './supply.js'
import type { Player } from './turns.js'

/** In which shape the operations of a row come. */
export type Shape =
  /** One after the other, each in its own turn of the event loop, as requests come. */
  | { readonly kind: 'in turn' }
  /** One after the other, without a turn of the event loop between them. */
  | { readonly kind: 'at once' }
  /** One after the other, each refused. */
  | { readonly kind: 'refused' }
  /** So many at a time. */
  | { readonly kind: 'in flight'; readonly width: number }

/** What a row needs. */
export interface Play {
  readonly policy: Policy
  readonly supply: Supply
  readonly shape: Shape
  /** Whether the same tokens come again and again; else no contender sees one twice. */
  readonly again: boolean
}

/** Makes a player of a contender: each turn goes on with the token after the last one of the turn before. */
export function playerOf(contender: Contender, { policy, supply, shape, again }: Play): Player {
  let check: Check | undefined
  let next = 0
  const cut =
    contender.field === true ? (index: number) => supply.field(index) : (index: number) => supply.token(index)
  return {
    name: contender.name,
    most: again ? Number.POSITIVE_INFINITY : supply.count - WARM,
    async prepare(operations) {
      if (check !== undefined && (again || next + operations <= supply.count)) return
      // Who has seen all tokens is made anew, and the first ones, which import keys, are not timed.
      check = await contender.make(policy)
      next = 0
      if (again || shape.kind === 'refused') return
      await play(check, cut, { kind: 'in turn' }, 0, WARM)
      next = WARM
    },
    async play(operations) {
      if (check === undefined) throw new Error('play comes after prepare')
      const read = again ? (index: number) => cut(index % supply.count) : cut
      await play(check, read, shape, next, operations)
      next += operations
    },
  }
}

const WARM = 8

async function play(
  check: Check,
  cut: (index: number) => string,
  shape: Shape,
  first: number,
  operations: number,
): Promise<void> {
  // oxlint-disable no-await-in-loop -- one at a time
  const end = first + operations
  switch (shape.kind) {
    case 'in turn':
      for (let index = first; index < end; index += 1) {
        await turn()
        await check(cut(index))
      }
      return
    case 'at once':
      for (let index = first; index < end; index += 1) await check(cut(index))
      return
    case 'refused':
      for (let index = first; index < end; index += 1) {
        try {
          await check(cut(index))
        } catch {
          // Refused, as it is to be: the row was vetted.
        }
      }
      return
    case 'in flight': {
      let index = first
      const worker = async (): Promise<void> => {
        while (index < end) {
          const mine = index
          index += 1
          await check(cut(mine))
        }
      }
      await Promise.all(Array.from({ length: shape.width }, worker))
    }
  }
  // oxlint-enable no-await-in-loop
}

/** Waits for the next turn of the event loop. Half the price of the one in `node:timers/promises`. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
