import { describe, expect, test } from 'vitest'
import { refuse } from '../refusal.js'
import { isSchemeToken, onlyToken } from './token-source.js'

describe('onlyToken', () => {
  test('finds nothing where there is no value', () => {
    expect(onlyToken([], 'the field')).toBeUndefined()
  })

  test.each(['abc.def.ghi', 'AZaz09-._~+/==', '='.padStart(2, 'a')])('takes the one value %j', (token) => {
    expect(onlyToken([token], 'the field')).toBe(token)
  })

  test.each([
    ['a', 'b'],
    ['a', 'a'],
    ['a', undefined],
    ['a', 'b', 'c'],
  ])('refuses more than one value: %j', (...values) => {
    expect(onlyToken(values, 'the field')).toEqual({
      code: 'request_malformed',
      detail: 'the field is there more than once',
    })
  })

  test.each(['', '=', 'a b', ' a', 'a ', 'a\n', 'a=b', 'é', '"a"', 5, null, undefined, {}, ['a']])(
    'refuses a value that is no token68: %j',
    (value) => {
      expect(onlyToken([value], 'the field')).toEqual({
        code: 'request_malformed',
        detail: 'the field is no token68 (RFC 9110 §11.2)',
      })
    },
  )
})

describe('isSchemeToken', () => {
  test('recognises a token with its scheme', () => {
    expect(isSchemeToken({ scheme: 'DPoP', token: 'abc' })).toBe(true)
    expect(isSchemeToken({ scheme: 'Bearer', token: 'abc' })).toBe(true)
  })

  test.each([
    undefined,
    'abc',
    'scheme',
    refuse('request_malformed', 'bad'),
    Object.create({ scheme: 'DPoP', token: 'abc' }) as ReturnType<typeof refuse>,
  ])('takes nothing else for one: %j', (found) => {
    expect(isSchemeToken(found)).toBe(false)
  })
})
