import { AUTH_ERRORS, type AuthErrorCode } from './errors.js'
import type { Fields } from './proof/proof-method.js'

/**
 * A stage's `no`, as a value. Nothing in the path from request to verdict throws for what a caller sent.
 *
 * `code` is a promise to the operator; the wire says less (`errors.ts`). `detail` is for the operator's
 * event only: it never holds a token, a key or the value of a claim.
 */
export interface Refusal {
  readonly code: AuthErrorCode
  readonly detail: string | undefined
  /** The scopes that would have been enough: the `scope` of the challenge (RFC 6750 §3). */
  readonly scope?: readonly string[] | undefined
  /** Seconds until trying again can help: the `Retry-After` of a 503 (RFC 9110 §10.2.3). */
  readonly retryAfter?: number | undefined
  /** Fields for the answer: the nonce that the next proof needs (RFC 9449 §9). */
  readonly fields?: Fields | undefined
}

/** Makes a refusal. `detail` is for the operator: never a token, a key or the value of a claim. */
// So that a bundler leaves out the refusals of what nobody uses, although they are made when a module is loaded.
/* @__NO_SIDE_EFFECTS__ */
export function refuse(
  code: AuthErrorCode,
  detail?: string,
  more?: Pick<Refusal, 'scope' | 'retryAfter' | 'fields'>,
): Refusal {
  return Object.freeze(more ? { code, detail, ...more } : { code, detail })
}

/** Tells whether a stage refused. Own members only: nothing that a token carries can pass for a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'code')) return false
  const { code } = value as { readonly code: unknown }
  return typeof code === 'string' && Object.hasOwn(AUTH_ERRORS, code)
}
