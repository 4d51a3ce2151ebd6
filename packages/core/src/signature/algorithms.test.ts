import { describe, expect, test } from 'vitest'
import { ALGORITHMS, ASYMMETRIC_ALGORITHMS, isAlgorithm, isSymmetric } from './algorithms.js'

const SIGNATURES = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512']
const ALL = [...SIGNATURES, 'Ed25519', 'EdDSA', 'HS256', 'HS384', 'HS512']

describe('algorithms', () => {
  test('are these and no other', () => {
    expect(Object.keys(ALGORITHMS)).toEqual(ALL)
  })

  test('need these keys', () => {
    const RSA = { kty: 'RSA' }
    expect(ALGORITHMS).toEqual({
      RS256: RSA,
      RS384: RSA,
      RS512: RSA,
      PS256: RSA,
      PS384: RSA,
      PS512: RSA,
      ES256: { kty: 'EC', crv: 'P-256' },
      ES384: { kty: 'EC', crv: 'P-384' },
      ES512: { kty: 'EC', crv: 'P-521' },
      Ed25519: { kty: 'OKP', crv: 'Ed25519' },
      EdDSA: { kty: 'OKP', crv: 'Ed25519' },
      HS256: { kty: 'oct', secretBytes: 32 },
      HS384: { kty: 'oct', secretBytes: 48 },
      HS512: { kty: 'oct', secretBytes: 64 },
    })
  })

  test('are recognised to the letter', () => {
    for (const name of ALL) expect(isAlgorithm(name)).toBe(true)
  })

  test.each([
    'none',
    'None',
    'NONE',
    'noNe',
    'rs256',
    'RS256 ',
    'ES256K',
    'HS1',
    '',
    'constructor',
    'toString',
    undefined,
    null,
    5,
    ['RS256'],
    { toString: () => 'RS256' },
  ])('do not include %j', (value) => {
    expect(isAlgorithm(value)).toBe(false)
  })

  test('never include a MAC by default', () => {
    expect(ASYMMETRIC_ALGORITHMS).toEqual([...SIGNATURES, 'Ed25519', 'EdDSA'])
    expect(Object.isFrozen(ASYMMETRIC_ALGORITHMS)).toBe(true)
    expect(isSymmetric('HS256')).toBe(true)
    expect(isSymmetric('RS256')).toBe(false)
  })
})
