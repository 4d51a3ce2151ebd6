import { describe, expect, test } from 'vitest'
import { summarize } from './request.js'
import { viewOf } from './tokens.test-support.js'

function pathOf(url: string): string {
  return summarize(viewOf({}, { url })).path
}

describe('summarize', () => {
  test('takes method and path and nothing else', () => {
    expect(summarize(viewOf({ authorization: 'Bearer abc' }, { method: 'POST', url: '/orders/5' }))).toEqual({
      method: 'POST',
      path: '/orders/5',
    })
  })

  test.each([
    ['/orders?access_token=abc', '/orders'],
    ['/orders?a?b#c', '/orders'],
    ['/orders#access_token=abc', '/orders'],
    ['https://api.example/orders?x=1', '/orders'],
    ['HTTP://api.example:8080/a/b', '/a/b'],
    ['https://api.example', '/'],
    ['https://api.example?access_token=abc', '/'],
    ['https://user:pass@api.example/a', '/a'],
    ['//other.example/a', '//other.example/a'],
    ['/redirect/https://other.example/a', '/redirect/https://other.example/a'],
    ['*', '*'],
    ['?access_token=abc', '/'],
    ['', '/'],
  ])('shows of %j the path %j: a token may stand in the query', (url, path) => {
    expect(pathOf(url)).toBe(path)
  })
})
