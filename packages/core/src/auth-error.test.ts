import { inspect } from 'node:util'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { AuthError, isAuthError } from './auth-error.js'
import { AUTH_ERRORS, ConfigError, type AuthErrorCode } from './errors.js'
import { refuse } from './refusal.js'
import type { Schemes } from './schemes.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]

describe('AuthError', () => {
  test('is an error that says what the wire says', () => {
    const error = new AuthError(refuse('audience_mismatch', 'aud does not name this API'))
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'audience_mismatch',
      status: 401,
      message: 'The access token is not valid here',
      expose: true,
      headers: {
        'WWW-Authenticate':
          'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
        'Cache-Control': 'no-store',
      },
    })
  })

  test.each<[AuthErrorCode, string]>([
    ['token_missing', 'An access token is required'],
    ['keys_unavailable', 'The access token cannot be checked at the moment'],
    ['store_unavailable', 'The access token cannot be checked at the moment'],
    ['proof_mismatch', 'The access token is not valid here'],
    ['dpop_proof_replayed', 'The DPoP proof is not valid for this request'],
    ['dpop_nonce_required', 'Resource server requires nonce in DPoP proof'],
    ['request_malformed', 'The credentials of the request are malformed'],
    ['token_expired', 'The access token expired'],
    ['role_insufficient', 'The access token lacks a right that this request needs'],
  ])('has a message that may be shown: %s', (code, message) => {
    expect(new AuthError(refuse(code, 'secret detail')).message).toBe(message)
  })

  test('tells nobody but the one who asks for it the detail', () => {
    for (const code of CODES) {
      const error = new AuthError(refuse(code, 'secret detail'))
      expect(error.detail).toBe('secret detail')
      expect(Object.keys(error)).not.toContain('detail')
      const shown = [
        JSON.stringify(error),
        JSON.stringify(Object.assign({}, error)),
        inspect(error),
        String(error),
        error.stack,
      ]
      for (const text of shown) expect(text).not.toContain('secret detail')
      expect(JSON.stringify(error.headers)).not.toContain('secret detail')
    }
  })

  test('notes no stack, and leaves the stacks of others as they are', () => {
    const { stackTraceLimit } = Error
    const { stack = '' } = new AuthError(refuse('token_missing'))
    expect(stack).toContain('An access token is required')
    expect(stack).not.toContain('\n    at ')
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    expect(new Error('mine').stack).toContain('\n    at ')
  })

  test('is made also where the limit of stacks cannot be changed', () => {
    const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit') ?? {}
    Object.defineProperty(Error, 'stackTraceLimit', { ...limit, writable: false })
    try {
      expect(new AuthError(refuse('token_missing')).code).toBe('token_missing')
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', limit)
    }
  })

  test('has no detail where the refusal has none', () => {
    expect(new AuthError(refuse('token_missing')).detail).toBeUndefined()
  })

  test('lets nobody change detail and headers', () => {
    const error = new AuthError(refuse('token_missing', 'why'))
    expect(Object.isFrozen(error.headers)).toBe(true)
    expect(() => Object.assign(error, { detail: 'other' })).toThrow(TypeError)
  })

  test('says when to try again, without a challenge, where the trouble is ours', () => {
    const { headers } = new AuthError(refuse('keys_unavailable', 'down', { retryAfter: 7 }))
    expect(Object.entries(headers)).toEqual([
      ['Retry-After', '7'],
      ['Cache-Control', 'no-store'],
    ])
  })

  test('says nothing of trying again where that is not known', () => {
    const { headers } = new AuthError(refuse('keys_unavailable'))
    expect(Object.entries(headers)).toEqual([['Cache-Control', 'no-store']])
  })

  test('writes the challenge that was configured', () => {
    const settings = { realm: 'orders', scope: ['read'], resourceMetadata: undefined }
    expect(new AuthError(refuse('token_missing'), settings).headers).toEqual({
      'WWW-Authenticate': 'Bearer realm="orders", scope="read"',
      'Cache-Control': 'no-store',
    })
  })

  test('has the fields of the refusal beside its own', () => {
    const fields = { 'DPoP-Nonce': 'nonce-1', 'X-More': 'more' }
    const { headers } = new AuthError(refuse('dpop_nonce_required', 'why', { fields }))
    expect(headers).toEqual({
      ...fields,
      'WWW-Authenticate':
        'Bearer realm="api", error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
      'Cache-Control': 'no-store',
    })
    expect(Object.isFrozen(headers)).toBe(true)
  })

  test('has the fields of its own refusal, and of no other with the same code', () => {
    const nonces = ['nonce-1', 'nonce-2'].map((nonce) => {
      const { headers } = new AuthError(
        refuse('dpop_nonce_required', 'why', { fields: { 'DPoP-Nonce': nonce } }),
      )
      return headers['DPoP-Nonce']
    })
    expect(nonces).toEqual(['nonce-1', 'nonce-2'])
    expect(new AuthError(refuse('dpop_nonce_required', 'why')).headers).not.toHaveProperty('DPoP-Nonce')
  })

  test('lets no field of a refusal take the place of its own', () => {
    const fields = { 'WWW-Authenticate': 'Basic', 'Retry-After': '0', 'Cache-Control': 'public' }
    const refused = new AuthError(refuse('token_missing', 'why', { fields, retryAfter: 3 }))
    expect(refused.headers).toEqual({
      'WWW-Authenticate': 'Bearer realm="api"',
      'Retry-After': '3',
      'Cache-Control': 'no-store',
    })
  })

  test('writes a challenge for each scheme that is offered', () => {
    const schemes: Schemes = {
      offered: [
        { scheme: 'Bearer', params: [] },
        { scheme: 'DPoP', params: [['algs', 'ES256']] },
      ],
      used: 'DPoP',
    }
    const { headers } = new AuthError(refuse('dpop_proof_invalid', 'why'), undefined, schemes)
    expect(headers).toEqual({
      'WWW-Authenticate':
        'Bearer realm="api", DPoP error="invalid_dpop_proof", ' +
        'error_description="The DPoP proof is not valid for this request", algs="ES256"',
      'Cache-Control': 'no-store',
    })
    // Nor are they those of who offers Bearer alone, from now on.
    expect(new AuthError(refuse('dpop_proof_invalid')).headers['WWW-Authenticate']).not.toContain('algs')
  })

  test('looks the same to a client for any two codes with the same wire error', () => {
    for (const wire of ['invalid_token', 'invalid_request', 'invalid_dpop_proof'] as const) {
      const codes = CODES.filter((code) => AUTH_ERRORS[code].wire === wire && code !== 'token_expired')
      const seen = codes.map((code) => {
        const { status, message, headers } = new AuthError(refuse(code, code))
        return JSON.stringify({ status, message, headers })
      })
      expect(new Set(seen).size).toBe(1)
    }
  })
})

describe('isAuthError', () => {
  test('recognises its own, and those of another copy or realm', () => {
    expect(isAuthError(new AuthError(refuse('token_missing')))).toBe(true)
    const foreign: unknown = runInNewContext(
      "Object.defineProperty(new Error('x'), Symbol.for('require-jwt.AuthError'), { value: true })",
    )
    expect(foreign).not.toBeInstanceOf(AuthError)
    expect(isAuthError(foreign)).toBe(true)
  })

  test.each([
    undefined,
    null,
    'AuthError',
    5,
    {},
    new Error('x'),
    new ConfigError('x'),
    { name: 'AuthError', code: 'token_missing', status: 401 },
    Object.create(new AuthError(refuse('token_missing'))) as object,
  ])('takes nothing else for one: %s', (value) => {
    expect(isAuthError(value)).toBe(false)
  })
})
