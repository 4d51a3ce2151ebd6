import { describe, expect, test } from 'vitest'
import { messageOf, viewOf } from '../tokens.test-support.js'
import { queryParameter } from './query-parameter.js'

function inUrl(url: string, name?: string): unknown {
  return queryParameter(name)(viewOf({}, { url }))
}

describe('queryParameter', () => {
  test.each([
    '/orders?access_token=abc',
    '/?access_token=abc',
    '?access_token=abc',
    '/orders?page=2&access_token=abc&size=5',
    '/orders?%61ccess_token=%61bc',
    'https://api.example/orders?access_token=abc',
  ])('reads access_token from %s', (url) => {
    expect(inUrl(url)).toBe('abc')
  })

  test('reads the parameter that is named', () => {
    expect(inUrl('/?token=abc&access_token=def', 'token')).toBe('abc')
  })

  test.each([
    '/',
    '',
    '/?',
    '/?page=2',
    '/?Access_Token=abc',
    '/??access_token=abc',
    '/access_token=abc',
    'access_token=abc',
  ])('finds nothing in %j', (url) => {
    expect(inUrl(url)).toBeUndefined()
  })

  test.each(['/?access_token=a&access_token=b', '/?access_token=a&access_token=a'])(
    'refuses a parameter that is there twice: %s',
    (url) => {
      expect(inUrl(url)).toEqual({
        code: 'request_malformed',
        detail: 'the query parameter access_token is there more than once',
      })
    },
  )

  test.each(['/?access_token=', '/?access_token', '/?access_token=a%20b', '/?access_token=a+b', '/?token=x'])(
    'reads a token68 or refuses: %s',
    (url) => {
      const expected = url.includes('access_token')
        ? {
            code: 'request_malformed',
            detail: 'the query parameter access_token is no token68 (RFC 9110 §11.2)',
          }
        : undefined
      expect(inUrl(url)).toEqual(expected)
    },
  )

  test('names the parameter that was given in the refusal', () => {
    expect(inUrl('/?t=', 't')).toMatchObject({
      detail: 'the query parameter t is no token68 (RFC 9110 §11.2)',
    })
  })

  test.each([
    ['', '""'],
    [5, '5'],
    [null, 'null'],
  ])('takes no %j for a name', (name, got) => {
    expect(messageOf(() => queryParameter(name as string))).toBe(
      `queryParameter(name): got ${got}. Pass the name of the query parameter.`,
    )
  })
})
