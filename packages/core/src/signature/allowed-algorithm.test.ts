import { describe, expect, test } from 'vitest'
import { allowedAlgorithm } from './allowed-algorithm.js'

const ALLOWED = new Set(['RS256', 'ES256'] as const)
const REJECTED = {
  code: 'algorithm_rejected',
  detail: 'alg is not in the list of algorithms of this issuer',
}

describe('allowedAlgorithm', () => {
  test('gives an algorithm of the list', () => {
    expect(allowedAlgorithm({ alg: 'RS256' }, ALLOWED)).toBe('RS256')
    expect(allowedAlgorithm({ alg: 'ES256' }, ALLOWED)).toBe('ES256')
  })

  test.each([
    'none',
    'None',
    'nOnE',
    'rs256',
    ' RS256',
    'RS256\u0000',
    'HS256',
    'ES384',
    'constructor',
    '',
    undefined,
    null,
    5,
    ['RS256'],
    { alg: 'RS256' },
  ])('refuses %j', (alg) => {
    expect(allowedAlgorithm({ alg }, ALLOWED)).toEqual(REJECTED)
  })

  test('refuses none also where somebody smuggled it into the list', () => {
    const smuggled = new Set(['none']) as ReadonlySet<string> as typeof ALLOWED
    expect(allowedAlgorithm({ alg: 'none' }, smuggled)).toEqual(REJECTED)
  })
})
