import { describe, expect, test, vi } from 'vitest'
import { writeAnswer } from './answer.js'
import type { AuthError } from './auth-error.js'
import { AUTH_ERRORS, type AuthErrorCode } from './errors.js'
import { refuse } from './refusal.js'
import { resolveResponse, type ResponseOptions } from './response-options.js'
import type { Schemes } from './schemes.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]
const REFUSAL = refuse('signature_invalid', 'for the operator')

function bodyOf(body: ResponseOptions['body']): readonly [string | undefined, string | undefined] {
  const answer = writeAnswer(REFUSAL, 'GET', resolveResponse({ body }))
  return [answer.headers['Content-Type'], answer.body]
}

describe('writeAnswer', () => {
  test('writes status, headers, challenge and body', () => {
    expect(writeAnswer(REFUSAL, 'GET', resolveResponse())).toEqual({
      status: 401,
      headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' },
      appended: {
        'WWW-Authenticate':
          'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
      },
      body: '{"type":"about:blank","title":"Unauthorized","status":401,"error":"invalid_token","error_description":"The access token is not valid here"}',
    })
  })

  test('writes no challenge but Retry-After where the trouble is ours', () => {
    const answer = writeAnswer(refuse('keys_unavailable', 'x', { retryAfter: 5 }), 'GET', resolveResponse())
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '5', 'Cache-Control': 'no-store' },
    })
    expect(Object.keys(answer.appended)).toEqual([])
  })

  test('writes the challenge that was configured', () => {
    const settings = resolveResponse({ realm: 'orders', scope: ['read'] })
    expect(writeAnswer(refuse('token_missing'), 'GET', settings).appended).toEqual({
      'WWW-Authenticate': 'Bearer realm="orders", scope="read"',
    })
  })

  test('writes the fields of a refusal as headers: they replace those of the same name', () => {
    const refusal = refuse('dpop_nonce_required', 'why', { fields: { 'DPoP-Nonce': 'nonce-1' } })
    for (const method of ['GET', 'HEAD']) {
      const answer = writeAnswer(refusal, method, resolveResponse())
      expect(answer.headers).toEqual({
        'DPoP-Nonce': 'nonce-1',
        'Cache-Control': 'no-store',
        'Content-Type': 'application/problem+json',
      })
      expect(Object.keys(answer.appended)).toEqual(['WWW-Authenticate'])
    }
  })

  test('writes a challenge for each scheme that is offered, into one value', () => {
    const schemes: Schemes = {
      offered: [
        { scheme: 'Bearer', params: [] },
        { scheme: 'DPoP', params: [['algs', 'ES256']] },
      ],
      used: undefined,
    }
    const answer = writeAnswer(refuse('token_missing'), 'GET', resolveResponse({ realm: 'orders' }), schemes)
    expect(answer.appended).toEqual({
      'WWW-Authenticate': 'Bearer realm="orders", DPoP realm="orders", algs="ES256"',
    })
  })

  test('writes no body to HEAD, and the same headers as to GET', () => {
    const { body, ...head } = writeAnswer(REFUSAL, 'HEAD', resolveResponse())
    const { body: _, ...get } = writeAnswer(REFUSAL, 'GET', resolveResponse())
    expect(body).toBeUndefined()
    expect(head).toEqual(get)
  })

  test('writes the members of RFC 6750 alone where that is asked for', () => {
    expect(bodyOf('oauth')).toEqual([
      'application/json',
      '{"error":"invalid_token","error_description":"The access token is not valid here"}',
    ])
  })

  test("writes the app's own body: an object as JSON, a string as text, undefined as none", () => {
    expect(bodyOf(() => ({ message: 'no' }))).toEqual(['application/json', '{"message":"no"}'])
    expect(bodyOf(() => null)).toEqual(['application/json', 'null'])
    expect(bodyOf(() => 'no')).toEqual(['text/plain; charset=utf-8', 'no'])
    expect(bodyOf(() => '')).toEqual(['text/plain; charset=utf-8', ''])
    expect(bodyOf(() => undefined)).toEqual([undefined, undefined])
  })

  test('shows the function the error, which cannot change status and headers', () => {
    const body = vi.fn<(error: AuthError) => unknown>((error) => Object.assign(error, { status: 200 }).code)
    const answer = writeAnswer(REFUSAL, 'GET', resolveResponse({ body }))
    expect(body.mock.calls).toMatchObject([[{ code: 'signature_invalid', detail: 'for the operator' }]])
    expect(answer).toMatchObject({ status: 401, body: 'signature_invalid' })
  })

  test('answers any two codes with the same wire error alike, byte for byte, but for an expired token', () => {
    for (const body of ['problem', 'oauth'] as const) {
      const settings = resolveResponse({ body, scope: ['read'] })
      for (const wire of [
        'invalid_token',
        'invalid_request',
        'invalid_dpop_proof',
        'insufficient_scope',
      ] as const) {
        const codes = CODES.filter((code) => AUTH_ERRORS[code].wire === wire && code !== 'token_expired')
        const answers = codes.map((code) => JSON.stringify(writeAnswer(refuse(code, code), 'GET', settings)))
        expect(new Set(answers).size).toBe(1)
      }
    }
  })

  test('is never stored by a cache and never repeats the detail', () => {
    for (const code of CODES) {
      const answer = writeAnswer(refuse(code, 'for the operator'), 'GET', resolveResponse())
      expect(answer.headers['Cache-Control']).toBe('no-store')
      expect(JSON.stringify(answer)).not.toContain('for the operator')
    }
  })
})
