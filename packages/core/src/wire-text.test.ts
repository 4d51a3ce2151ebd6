import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS, type AuthErrorCode } from './errors.js'
import { wireText } from './wire-text.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]

describe('wireText', () => {
  test('has a text of its own only for an expired token, on which a client acts', () => {
    const texts = CODES.filter(
      (code) => AUTH_ERRORS[code].wire === 'invalid_token' && code !== 'token_expired',
    )
    expect(new Set(texts.map(wireText))).toEqual(new Set(['The access token is not valid here']))
    expect(wireText('token_expired')).toBe('The access token expired')
  })

  test('has one text for each other error', () => {
    expect(wireText('request_malformed')).toBe('The credentials of the request are malformed')
    expect(wireText('dpop_proof_invalid')).toBe('The DPoP proof is not valid for this request')
    expect(wireText('dpop_proof_replayed')).toBe('The DPoP proof is not valid for this request')
    expect(wireText('dpop_nonce_required')).toBe('Resource server requires nonce in DPoP proof')
    const rights = CODES.filter((code) => AUTH_ERRORS[code].status === 403)
    expect(new Set(rights.map(wireText))).toEqual(
      new Set(['The access token lacks a right that this request needs']),
    )
  })

  test('has none where the answer names no error', () => {
    expect(CODES.filter((code) => wireText(code) === undefined)).toEqual([
      'token_missing',
      'keys_unavailable',
      'store_unavailable',
    ])
  })
})
