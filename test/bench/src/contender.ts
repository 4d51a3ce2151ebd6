import type { Algorithm, Policy } from './policy.js'

/** Checks a token. A refusal is a rejection; of ours by value, a `Refusal`. */
export type Check = (token: string) => Promise<unknown>

/** A way to check a token. */
export interface Contender {
  readonly name: string
  /** `limit`: a bare signature check, which looks at nothing else. `noop`: what the harness itself costs. */
  readonly kind: 'noop' | 'limit' | 'peer' | 'ours'
  /** The packages that it is made of; none: Node alone. */
  readonly packages: readonly string[]
  /** How it is set up. */
  readonly setup: string
  readonly algorithms: readonly Algorithm[]
  /** How many tokens that it has seen it remembers. */
  readonly remembers?: number
  /** Whether it looks keys up by `kid`. */
  readonly kids?: boolean
  /** Whether it takes the `Authorization` field and not the token. */
  readonly field?: boolean
  make(policy: Policy): Promise<Check>
}
