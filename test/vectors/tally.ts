import type { RuleId } from '../conformance/rules.js'
import type { Stage, Verdict } from './judge.js'
import type { Vector } from './vectors.js'

/** A rule of ours that is stricter than the author of a valid vector had in mind. */
export interface StricterRule {
  /** The row of `docs/conformance.md`. */
  readonly rule: RuleId
  /** What the core says of such a vector, to the letter. */
  readonly reason: string
}

/** Vectors whose label is not ours. */
export interface Override {
  readonly ids: readonly string[]
  readonly why: string
}

/** What became of the vectors of one group. */
export interface Tally {
  /** Valid and verified, those of which a rule was lifted included. */
  readonly verified: number
  /** Valid, and refused (or, without the lifting, to be refused) by a rule of ours. */
  readonly stricter: Readonly<Partial<Record<RuleId, number>>>
  /** Invalid and refused, by the layer. */
  readonly refused: Readonly<Partial<Record<Stage, number>>>
}

/** A vector and what became of it. */
export type Judged = readonly [vector: Vector, verdict: Verdict]

/** Counts what became of vectors, those with an override apart. */
export function tally(
  judged: readonly Judged[],
  rules: readonly StricterRule[],
  overrides: readonly Override[],
): Tally {
  const overridden = new Set(overrides.flatMap(({ ids }) => ids))
  const rest = judged.filter(([{ id }]) => !overridden.has(id))
  const valid = rest.filter(([{ label }]) => label === 'valid').map(([, verdict]) => verdict)
  const invalid = rest.filter(([{ label }]) => label === 'invalid').map(([, verdict]) => verdict)
  return {
    verified: valid.filter(({ verified }) => verified).length,
    stricter: countBy(valid, (verdict) => ruleOf(verdict, rules)),
    refused: countBy(invalid, (verdict) => (verdict.verified ? undefined : verdict.at)),
  }
}

/**
 * Tells in a line each what nobody expected: a verdict that is not the label's and that neither a rule nor an override
 * explains, and an override that is not needed.
 */
export function surprises(
  judged: readonly Judged[],
  rules: readonly StricterRule[],
  overrides: readonly Override[],
): readonly string[] {
  const differing = judged
    .filter(([{ label }, verdict]) => verdict.verified !== (label === 'valid'))
    .filter(([{ label }, verdict]) => label === 'invalid' || ruleOf(verdict, rules) === undefined)
    .map(([{ id, label }, verdict]) => ({ id, line: `${id}: ${label}, but ${describe(verdict)}` }))
  const overridden = overrides.flatMap(({ ids }) => ids)
  return [
    ...differing.filter(({ id }) => !overridden.includes(id)).map(({ line }) => line),
    ...overridden
      .filter((id) => !differing.some((each) => each.id === id))
      .map((id) => `${id}: the override is not needed`),
  ]
}

function ruleOf(verdict: Verdict, rules: readonly StricterRule[]): RuleId | undefined {
  const said = verdict.verified ? verdict.lifted : verdict.reason
  return rules.find(({ reason }) => reason === said)?.rule
}

function describe(verdict: Verdict): string {
  return verdict.verified ? 'verified' : `refused at ${verdict.at}: ${verdict.reason}`
}

function countBy<Key extends string>(
  verdicts: readonly Verdict[],
  keyOf: (verdict: Verdict) => Key | undefined,
): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {}
  for (const key of verdicts.map(keyOf)) if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1
  return counts
}
