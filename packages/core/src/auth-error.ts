import { CHALLENGE, DEFAULT_CHALLENGE, writeChallenge, type ChallengeSettings } from './challenge.js'
import { AUTH_ERRORS, type AuthErrorCode, type ErrorRow } from './errors.js'
import type { Refusal } from './refusal.js'
import { wireText } from './wire-text.js'

// Recognised across copies of this package.
const AUTH_ERROR = Symbol.for('require-jwt.AuthError')

/** What an error without a text of RFC 6750 says. */
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'An access token is required',
  503: 'The access token cannot be checked at the moment',
}

/**
 * A refusal as an error, for whoever asked for one: `verify()`, `getAuth()`, `errors: 'forward'`.
 *
 * `code` says what happened, to the operator. `message`, `status` and `headers` are what the wire says and are
 * safe to send. `detail` explains to the operator and is not enumerable.
 */
export class AuthError extends Error {
  override readonly name: string = 'AuthError'
  readonly code: AuthErrorCode
  readonly status: ErrorRow['status']
  /** Ready to send: `WWW-Authenticate` or `Retry-After`, and `Cache-Control`. */
  readonly headers: Readonly<Record<string, string>>
  /** Tells Koa and others of its convention that the message may be shown. */
  readonly expose: boolean = true
  /** Why, for the operator: never a token, a key or the value of a claim. Not enumerable. */
  declare readonly detail: string | undefined

  constructor(refusal: Refusal, challenge: ChallengeSettings = DEFAULT_CHALLENGE) {
    const { status } = AUTH_ERRORS[refusal.code]
    super(wireText(refusal.code) ?? MESSAGES[status])
    this.code = refusal.code
    this.status = status
    this.headers = headersOf(refusal, challenge)
    hide(this, AUTH_ERROR, true)
    hide(this, 'detail', refusal.detail)
  }
}

/** Tells whether a value is an `AuthError`, also one made by another copy of this package. */
export function isAuthError(value: unknown): value is AuthError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, AUTH_ERROR)
}

function headersOf(refusal: Refusal, challenge: ChallengeSettings): Readonly<Record<string, string>> {
  const written = writeChallenge(refusal, challenge)
  return Object.freeze({
    ...(written !== undefined && { [CHALLENGE]: written }),
    ...(refusal.retryAfter !== undefined && { 'Retry-After': String(refusal.retryAfter) }),
    'Cache-Control': 'no-store',
  })
}

function hide(error: AuthError, name: PropertyKey, value: unknown): void {
  Object.defineProperty(error, name, { value, enumerable: false })
}
