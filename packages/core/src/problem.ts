import { AUTH_ERRORS } from './errors.js'
import type { Refusal } from './refusal.js'
import { wireText } from './wire-text.js'

// RFC 9457 §4.2.1: with about:blank the title is the phrase of the status.
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  503: 'Service Unavailable',
}

/** The body members of RFC 6750 §3.1's errors; empty where the answer names no error. */
export function describeError(refusal: Refusal): Readonly<Record<string, unknown>> {
  const { wire } = AUTH_ERRORS[refusal.code]
  if (wire === undefined) return {}
  return {
    error: wire,
    error_description: wireText(refusal.code),
    ...(refusal.scope !== undefined && { scope: refusal.scope.join(' ') }),
  }
}

/** The body of RFC 9457: what the status says, and the error of RFC 6750 as extension members. */
export function describeProblem(refusal: Refusal): Readonly<Record<string, unknown>> {
  const { status } = AUTH_ERRORS[refusal.code]
  return { type: 'about:blank', title: TITLES[status], status, ...describeError(refusal) }
}
