import { describe, expect, test } from 'vitest'
import { parseChallenges } from './challenges.js'

describe('parseChallenges', () => {
  test('reads parameters, and challenges that follow one another', () => {
    const value =
      'Basic realm="a, b=c", Bearer realm="api", error="invalid_token",scope="a b", DPoP algs="ES256"'
    expect(parseChallenges(value).map(({ scheme, params }) => [scheme, Object.fromEntries(params)])).toEqual([
      ['Basic', { realm: 'a, b=c' }],
      ['Bearer', { realm: 'api', error: 'invalid_token', scope: 'a b' }],
      ['DPoP', { algs: 'ES256' }],
    ])
  })

  test.each([
    '',
    'Bearer',
    'Bearer ',
    'Bearer realm=api',
    'Bearer realm="api" error="x"',
    'Bearer realm="api", realm="api"',
    'Bearer realm="api", Realm="api"',
    'Bearer realm="a\\"b"',
    'Bearer realm="api',
    'Bearer realm="api",',
    'Bearer realm="api", error="invalid\ttoken"',
    'Bearer realm="ä"',
  ])('refuses %j', (value) => {
    expect(() => parseChallenges(value)).toThrow(Error)
  })
})
