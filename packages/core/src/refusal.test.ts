import { describe, expect, test } from 'vitest'
import { isRefusal, refuse } from './refusal.js'

describe('refuse', () => {
  test('makes a frozen value of a code and a detail', () => {
    const refusal = refuse('token_expired', 'why')
    expect(refusal).toEqual({ code: 'token_expired', detail: 'why' })
    expect(Object.isFrozen(refusal)).toBe(true)
    expect(refuse('token_missing')).toEqual({ code: 'token_missing', detail: undefined })
  })

  test('keeps the scopes, the time to wait and the fields for the answer', () => {
    expect(refuse('scope_insufficient', 'a', { scope: ['x'] })).toHaveProperty('scope', ['x'])
    expect(refuse('keys_unavailable', 'b', { retryAfter: 3 })).toHaveProperty('retryAfter', 3)
    const fields = { 'DPoP-Nonce': 'nonce-1' }
    expect(refuse('dpop_nonce_required', 'c', { fields })).toHaveProperty('fields', fields)
  })
})

describe('isRefusal', () => {
  test('recognises a refusal by its code, also one that was made by hand', () => {
    expect(isRefusal(refuse('token_missing'))).toBe(true)
    expect(isRefusal({ code: 'token_missing', detail: undefined })).toBe(true)
  })

  test.each([
    undefined,
    null,
    'token_missing',
    5,
    {},
    { code: 'other' },
    { code: 'constructor' },
    { code: 'toString' },
    { code: 5 },
    { code: ['token_missing'] },
    Object.create({ code: 'token_missing' }) as object,
  ])('takes nothing else for one: %j', (value) => {
    expect(isRefusal(value)).toBe(false)
  })
})
