import { describe, expect, test } from 'vitest'
import { messageOf } from '../tokens.test-support.js'
import { ASYMMETRIC_ALGORITHMS } from './algorithms.js'
import { resolveAlgorithms } from './options.js'

const NAMES =
  'RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, Ed25519, EdDSA, HS256, HS384, HS512'

function message(value: unknown, symmetric = false): string {
  return messageOf(() => resolveAlgorithms(value, 'algorithms', symmetric))
}

describe('resolveAlgorithms', () => {
  test('takes every signature algorithm by default, or HS256 for a secret', () => {
    expect(resolveAlgorithms(undefined, 'algorithms', false)).toEqual(new Set(ASYMMETRIC_ALGORITHMS))
    expect(resolveAlgorithms(undefined, 'algorithms', true)).toEqual(new Set(['HS256']))
  })

  test('takes a list', () => {
    expect(resolveAlgorithms(['ES256', 'EdDSA'], 'algorithms', false)).toEqual(new Set(['ES256', 'EdDSA']))
    expect(resolveAlgorithms(['HS512'], 'algorithms', true)).toEqual(new Set(['HS512']))
  })

  test.each([
    [[], 'an empty array'],
    ['RS256', '"RS256"'],
    [null, 'null'],
    [new Set(['RS256']), 'an object'],
  ])('refuses %j, which is no list', (value, got) => {
    expect(message(value)).toBe(`algorithms: got ${got}. Pass a list of: ${NAMES}.`)
  })

  test.each([
    [['none'], '["none"]'],
    [['RS256', 'none'], '["RS256", "none"]'],
    [['rs256'], '["rs256"]'],
    [[5], '[5]'],
  ])('refuses %j, in which a name is none', (value, got) => {
    expect(message(value)).toBe(`algorithms: got ${got}. Pass only names of: ${NAMES}.`)
  })

  test('never mixes signatures and MACs', () => {
    expect(message(['RS256', 'HS256'])).toBe(
      'algorithms: got ["RS256", "HS256"]. Keys from a JWKS never go with HS256, HS384 or HS512: those take a secret.',
    )
    expect(message(['HS256', 'RS256'], true)).toBe(
      'algorithms: got ["HS256", "RS256"]. A secret goes with HS256, HS384 and HS512 only.',
    )
  })
})
