import { seededRandom } from '../stress/src/random.js'
import { findGrowth } from './linear.js'
import { minimize } from './minimize.js'
import { judge, type Target } from './target.js'

/** Something that must not be. `seed` makes the input again. */
export interface Finding {
  readonly target: string
  readonly seed: number
  readonly problem: string
  readonly input: string
}

/** How long a run is, and where it begins. */
export interface FuzzOptions {
  readonly seed: number
  /** How many inputs each target gets at most. */
  readonly cases: number
  /** When to stop in any case, in milliseconds of `performance.now()`. */
  readonly until: number
  /** Stops each target at its first finding; otherwise at its tenth. */
  readonly first: boolean
}

/** What a run found, and how many inputs each target was given. */
export interface FuzzResult {
  readonly findings: readonly Finding[]
  readonly cases: Readonly<Record<string, number>>
}

const SLICE_MS = 100
const GROWTH_EVERY = 16

/** Gives the targets broken inputs, in turns, each of a seed of its own: `seed`, `seed + 1` and so on. */
export async function fuzz(targets: readonly Target[], options: FuzzOptions): Promise<FuzzResult> {
  const cases: Record<string, number> = Object.fromEntries(targets.map(({ name }) => [name, 0]))
  const findings: Finding[] = []
  let open = targets
  while (open.length > 0 && performance.now() < options.until) {
    for (const target of open) {
      const turnEnds = Math.min(options.until, performance.now() + SLICE_MS)
      while (performance.now() < turnEnds && (cases[target.name] ?? 0) < options.cases) {
        const seed = options.seed + (cases[target.name] ?? 0)
        cases[target.name] = (cases[target.name] ?? 0) + 1
        // oxlint-disable-next-line no-await-in-loop -- in turns
        const finding = await tryOne(target, seed)
        if (finding !== undefined) findings.push(finding)
        if (finding !== undefined && options.first) break
      }
      // oxlint-disable-next-line no-await-in-loop -- timers and the reporter get their turn
      await new Promise((resolve) => setImmediate(resolve))
    }
    const limit = options.first ? 1 : 10
    open = open.filter(
      ({ name }) =>
        (cases[name] ?? 0) < options.cases && findings.filter(({ target }) => target === name).length < limit,
    )
  }
  return { findings, cases }
}

async function tryOne(target: Target, seed: number): Promise<Finding | undefined> {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1))
  const input = target.generate(random)
  if (seed % GROWTH_EVERY === 0) {
    const growth = await findGrowth(target, input, random)
    return growth && { target: target.name, seed, ...growth }
  }
  const problem = await judge(target, input)
  if (problem === undefined) return undefined
  const smallest = await minimize(input, async (shorter) => (await judge(target, shorter)) === problem)
  return { target: target.name, seed, problem, input: smallest }
}

/** Writes a finding with the command that finds it again. A long input is shown by its ends. */
export function describeFinding({ target, seed, problem, input }: Finding): string {
  const shown = input.length > 600 ? `${input.slice(0, 300)}…${input.slice(-300)}` : input
  return (
    `${target}: ${problem}\n  input (${input.length} characters): ${JSON.stringify(shown)}\n` +
    `  again: npx -y pnpm@10.34.8 fuzz --seed ${seed} --target ${target}\n`
  )
}
