import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { isChosen, type RunOptions } from './arguments.js'
import type { Contender } from './contender.js'
import { CONTENDERS } from './contenders/all.js'
import { makeSigner } from './policy.js'
import type { MemoryFound, MemoryTask } from './remember.js'
import { reportOf, type Figure, type Report, type RowReport } from './report.js'
import { netOf, shuffled, spreadOf } from './statistics.js'
import { vet } from './vet.js'

const ROUNDS = 1
const TOKENS = 100_000
const ENTRY = fileURLToPath(new URL('remember.js', import.meta.url))
/** A young generation of 256 MiB, in which 1,000 verifications leave no need to collect. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']

/** Measures what many different tokens leave on the heap, and what a verification allocates. */
export async function benchMemory(options: RunOptions, tell: (line: string) => void): Promise<Report> {
  const { rounds = ROUNDS, tokens = TOKENS, only } = options
  const chosen = CONTENDERS.filter(
    ({ name, kind, field }) =>
      kind === 'noop' || (kind !== 'limit' && field !== true && isChosen(name, only)),
  )
  const { fit, thrownOut } = await vet(chosen, makeSigner('ES256'), tell)
  const found = new Map<Contender, MemoryFound[]>(fit.map((contender) => [contender, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, measured] of shuffled([...found])) {
      tell(`memory, round ${round + 1} of ${rounds}: ${contender.name} …`)
      // oxlint-disable-next-line no-await-in-loop -- one process at a time
      measured.push(await remember({ name: contender.name, tokens }))
    }
  }
  const rows = rowsOf(found, tokens)
  return reportOf({ kind: 'memory', settings: { rounds, tokens }, thrownOut, rows }, fit)
}

function remember(task: MemoryTask): Promise<MemoryFound> {
  return new Promise((resolve, reject) => {
    fork(ENTRY, [JSON.stringify(task)], { execArgv: FLAGS })
      .once('message', (found) => resolve(found as MemoryFound))
      .once('exit', (code) => reject(new Error(`${task.name} ended with ${code}`)))
  })
}

function rowsOf(found: ReadonlyMap<Contender, readonly MemoryFound[]>, tokens: number): readonly RowReport[] {
  const values = (contender: Contender, pick: (one: MemoryFound) => number): readonly number[] =>
    (found.get(contender) ?? []).map(pick)
  const all = [...found.keys()]
  const noop = all.filter(({ kind }) => kind === 'noop')
  const others = all.filter(({ kind }) => kind !== 'noop')
  const figures = (
    contenders: readonly Contender[],
    pick: (one: MemoryFound, contender: Contender) => number,
  ): readonly Figure[] =>
    contenders
      .map((contender): Figure => {
        const own = values(contender, (one) => pick(one, contender))
        const empty = noop.flatMap((each) => values(each, (one) => pick(one, contender)))
        return { name: contender.name, kind: contender.kind, value: spreadOf(netOf(own, empty)) }
      })
      .toSorted((a, b) => a.value.median - b.value.median)
  const count = tokens.toLocaleString('en')
  return [
    {
      row: `memory · the heap grows over ${count} different tokens`,
      unit: 'MiB, net of noop',
      figures: figures(others, ({ grownBytes }) => grownBytes / 2 ** 20),
    },
    {
      row: 'memory · one remembered token',
      unit: 'bytes, net of noop',
      figures: figures(
        others.filter(({ remembers }) => remembers !== undefined),
        ({ grownBytes }, { remembers = 1 }) => grownBytes / Math.min(remembers, tokens),
      ),
    },
    {
      row: 'memory · heap allocated by 1,000 verifications',
      unit: 'kB, net of noop',
      figures: figures(others, ({ allocatedBytes }) => allocatedBytes / 1_000),
    },
  ]
}
