import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS, ConfigError, isConfigError, type AuthErrorCode } from './errors.js'

const EXPECTED: readonly (readonly [AuthErrorCode, number, string | undefined])[] = [
  ['token_missing', 401, undefined],
  ['request_malformed', 400, 'invalid_request'],
  ['token_malformed', 401, 'invalid_token'],
  ['token_too_large', 401, 'invalid_token'],
  ['algorithm_rejected', 401, 'invalid_token'],
  ['type_rejected', 401, 'invalid_token'],
  ['critical_header_rejected', 401, 'invalid_token'],
  ['issuer_unknown', 401, 'invalid_token'],
  ['key_unknown', 401, 'invalid_token'],
  ['signature_invalid', 401, 'invalid_token'],
  ['token_expired', 401, 'invalid_token'],
  ['token_not_yet_valid', 401, 'invalid_token'],
  ['token_too_old', 401, 'invalid_token'],
  ['audience_mismatch', 401, 'invalid_token'],
  ['claim_missing', 401, 'invalid_token'],
  ['claim_invalid', 401, 'invalid_token'],
  ['proof_required', 401, 'invalid_token'],
  ['proof_mismatch', 401, 'invalid_token'],
  ['dpop_proof_invalid', 401, 'invalid_dpop_proof'],
  ['dpop_proof_replayed', 401, 'invalid_dpop_proof'],
  ['dpop_nonce_required', 401, 'use_dpop_nonce'],
  ['scope_insufficient', 403, 'insufficient_scope'],
  ['role_insufficient', 403, 'insufficient_scope'],
  ['permission_insufficient', 403, 'insufficient_scope'],
  ['group_insufficient', 403, 'insufficient_scope'],
  ['claims_insufficient', 403, 'insufficient_scope'],
  ['keys_unavailable', 503, undefined],
  ['store_unavailable', 503, undefined],
]

describe('AUTH_ERRORS', () => {
  test('says of every code what HTTP says', () => {
    const rows = Object.entries(AUTH_ERRORS).map(([code, { status, wire }]) => [code, status, wire])
    expect(rows).toEqual(EXPECTED)
  })

  test('tells the reader when it happens and what to do', () => {
    for (const { when, advice } of Object.values(AUTH_ERRORS)) {
      expect(when).toMatch(/^[`A-Z].+\.$/)
      expect(advice).toMatch(/^[A-Z].+\.$/)
    }
  })
})

describe('ConfigError', () => {
  test('is an error with a name and a message', () => {
    const error = new ConfigError('audience: missing')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'ConfigError', message: 'audience: missing' })
    expect(String(error)).toBe('ConfigError: audience: missing')
    expect(error.stack).toContain('errors.test.ts')
  })

  test('shows its brand nowhere', () => {
    expect(Reflect.ownKeys(Object.assign({}, new ConfigError('x')))).toEqual(['name'])
  })
})

describe('isConfigError', () => {
  test('recognises its own, and those of another copy or realm', () => {
    expect(isConfigError(new ConfigError('x'))).toBe(true)
    const foreign: unknown = runInNewContext(
      "Object.defineProperty(new Error('x'), Symbol.for('require-jwt.ConfigError'), { value: true })",
    )
    expect(foreign).not.toBeInstanceOf(ConfigError)
    expect(isConfigError(foreign)).toBe(true)
  })

  test.each([
    undefined,
    null,
    'ConfigError',
    5,
    {},
    new Error('x'),
    { name: 'ConfigError' },
    Object.create(new ConfigError('x')) as object,
  ])('takes nothing else for one: %s', (value) => {
    expect(isConfigError(value)).toBe(false)
  })
})
