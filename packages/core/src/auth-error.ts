import { CHALLENGE, DEFAULT_CHALLENGE, writeChallenge, type ChallengeSettings } from './challenge.js'
import { AUTH_ERRORS, type AuthErrorCode, type ErrorRow } from './errors.js'
import type { Refusal } from './refusal.js'
import { BEARER_ONLY, type Schemes } from './schemes.js'
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
  readonly #detail: string | undefined

  constructor(
    refusal: Refusal,
    challenge: ChallengeSettings = DEFAULT_CHALLENGE,
    schemes: Schemes = BEARER_ONLY,
  ) {
    const { status } = AUTH_ERRORS[refusal.code]
    // A stack would say where in this package it was made, which helps nobody, and costs more than all the rest.
    const limit = limitStack(0)
    super(wireText(refusal.code) ?? MESSAGES[status])
    limitStack(limit)
    this.code = refusal.code
    this.status = status
    const isDefault = challenge === DEFAULT_CHALLENGE && schemes === BEARER_ONLY
    this.headers = isDefault ? defaultHeaders(refusal) : headersOf(refusal, challenge, schemes)
    this.#detail = refusal.detail
    Object.defineProperty(this, AUTH_ERROR, BRAND)
  }

  /** Why, for the operator: never a token, a key or the value of a claim. Not enumerable. */
  get detail(): string | undefined {
    return this.#detail
  }
}

const BRAND = Object.freeze({ value: true, enumerable: false })

/** Sets how many frames a new error notes, and gives what was set. Where the realm is locked down it stays. */
function limitStack(frames: number | undefined): number | undefined {
  const { stackTraceLimit } = Error
  Reflect.set(Error, 'stackTraceLimit', frames)
  return stackTraceLimit
}

/** Tells whether a value is an `AuthError`, also one made by another copy of this package. */
export function isAuthError(value: unknown): value is AuthError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, AUTH_ERROR)
}

function headersOf(
  refusal: Refusal,
  challenge: ChallengeSettings,
  schemes: Schemes,
): Readonly<Record<string, string>> {
  const value = writeChallenge(refusal, challenge, schemes)
  return Object.freeze({
    ...refusal.fields,
    ...(value !== undefined && { [CHALLENGE]: value }),
    ...(refusal.retryAfter !== undefined && { 'Retry-After': String(refusal.retryAfter) }),
    'Cache-Control': 'no-store',
  })
}

const written = new Map<AuthErrorCode, Readonly<Record<string, string>>>()

/** The headers where nobody set anything: the same for all refusals of a code that say no more than the code. */
function defaultHeaders(refusal: Refusal): Readonly<Record<string, string>> {
  const { scope, retryAfter, fields } = refusal
  if (scope || fields || retryAfter !== undefined) return headersOf(refusal, DEFAULT_CHALLENGE, BEARER_ONLY)
  const headers = written.get(refusal.code) ?? headersOf(refusal, DEFAULT_CHALLENGE, BEARER_ONLY)
  written.set(refusal.code, headers)
  return headers
}
