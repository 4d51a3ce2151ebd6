import { describe, expect, test } from 'vitest'
import { resolveResponse, type ResponseOptions } from './response-options.js'
import { messageOf } from './tokens.test-support.js'

function message(options: unknown): string {
  return messageOf(() => resolveResponse(options as ResponseOptions))
}

function body(): string {
  return 'no'
}

describe('resolveResponse', () => {
  test('answers with a problem document by default', () => {
    expect(resolveResponse()).toEqual({
      errors: 'respond',
      body: 'problem',
      challenge: { realm: undefined, scope: [], resourceMetadata: undefined },
    })
    expect(resolveResponse({ errors: undefined, body: undefined, realm: undefined })).toEqual(
      resolveResponse(),
    )
  })

  test('takes what is given', () => {
    expect(resolveResponse({ errors: 'forward', body, realm: 'orders', scope: ['read'] })).toEqual({
      errors: 'forward',
      body,
      challenge: { realm: 'orders', scope: ['read'], resourceMetadata: undefined },
    })
    expect(resolveResponse({ body: 'oauth' })).toMatchObject({ body: 'oauth' })
    expect(resolveResponse({ errors: 'respond', body: 'problem' })).toEqual(resolveResponse())
  })

  test.each([
    [null, 'response options: got null. Pass an object, or leave the second argument out.'],
    ['forward', 'response options: got "forward". Pass an object, or leave the second argument out.'],
    [{ errors: 'throw' }, `errors: got "throw". Pass 'respond' or 'forward'.`],
    [{ errors: null }, `errors: got null. Pass 'respond' or 'forward'.`],
    [{ body: 'json' }, `body: got "json". Pass 'problem', 'oauth' or a function of the error.`],
    [{ body: {} }, `body: got an object. Pass 'problem', 'oauth' or a function of the error.`],
    [{ realm: '' }, 'realm: got "". Pass printable ASCII without quotes and backslashes.'],
    [{ error: 'forward' }, 'error: there is no such option. Did you mean errors?'],
    [
      { audience: 'a' },
      'audience: there is no such option. The options are: errors, body, realm, scope, resourceMetadata.',
    ],
  ])('refuses %j', (options, expected) => {
    expect(message(options)).toBe(expected)
  })
})
