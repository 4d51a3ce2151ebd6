import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS, type AuthErrorCode } from './errors.js'
import { describeError, describeProblem } from './problem.js'
import { refuse } from './refusal.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]

describe('describeProblem', () => {
  test('says what the status says, and the error of RFC 6750', () => {
    expect(describeProblem(refuse('signature_invalid', 'why'))).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      error: 'invalid_token',
      error_description: 'The access token is not valid here',
    })
  })

  test('names the scopes that would have been enough', () => {
    expect(describeProblem(refuse('scope_insufficient', 'why', { scope: ['a', 'b'] }))).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      error: 'insufficient_scope',
      error_description: 'The access token lacks a right that this request needs',
      scope: 'a b',
    })
  })

  test('names no error where the challenge names none', () => {
    expect(describeProblem(refuse('token_missing', 'why'))).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
    })
    expect(describeProblem(refuse('keys_unavailable', 'why', { retryAfter: 3 }))).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
    })
  })

  test('has the phrase of every status that there is (RFC 9457 §4.2.1)', () => {
    const titles = CODES.map((code) => {
      const { status, title } = describeProblem(refuse(code))
      return [status, title].join(' ')
    })
    expect(new Set(titles)).toEqual(
      new Set(['400 Bad Request', '401 Unauthorized', '403 Forbidden', '503 Service Unavailable']),
    )
  })

  test('never repeats the detail', () => {
    for (const code of CODES)
      expect(JSON.stringify(describeProblem(refuse(code, 'for the operator')))).not.toContain('operator')
  })
})

describe('describeError', () => {
  test('has the members of RFC 6750 alone', () => {
    expect(describeError(refuse('request_malformed', 'why'))).toEqual({
      error: 'invalid_request',
      error_description: 'The credentials of the request are malformed',
    })
    expect(describeError(refuse('scope_insufficient', 'why', { scope: ['a'] }))).toHaveProperty('scope', 'a')
    expect(describeError(refuse('role_insufficient'))).not.toHaveProperty('scope')
  })

  test('is empty where the answer names no error', () => {
    expect(describeError(refuse('token_missing'))).toEqual({})
    expect(describeError(refuse('keys_unavailable'))).toEqual({})
  })
})
