import type { Case } from '../conformance/support/table.js'

/** One class of attack: what is tried, and what legal input looks most like it. */
export interface Attack {
  /** Short: what the report calls it. */
  readonly name: string
  /** A sentence about behaviour. */
  readonly about: string
  /** Where the class is known from. */
  readonly source: string
  /** Requests that must be refused. They differ in what they attack. */
  readonly refuses: readonly Case[]
  /** Options that must not make a verifier. */
  readonly setUps?: readonly SetUp[]
  /** Odd but legal neighbours. */
  readonly accepts: readonly [Case, ...Case[]]
}

/** Options that would open the door. */
export interface SetUp {
  /** Completes "refuses to start with …". */
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  /** The option that the error names. */
  readonly option: RegExp
}
