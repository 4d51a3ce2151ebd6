import { beforeEach, describe, expect, test } from 'vitest'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS, type Algorithm } from '../signature/algorithms.js'
import type { KeyQuery } from './key-source.js'
import { isAmong, keySetOf, selectKeys } from './key-set.js'
import { publishedKey, type PublicJwk, type PublishedKey } from './published-key.js'
import { Revocations } from './revocations.js'

const EC: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }
const OKP: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }
const RSA: PublicJwk = { kty: 'RSA', n: 'AAAA', e: 'AQAB' }

let made = 0
let revocations: Revocations

beforeEach(() => {
  revocations = new Revocations('https://idp.example', new Map())
})

function key(jwk: PublicJwk, kid?: string, alg?: Algorithm): PublishedKey {
  return publishedKey({ jwk, kid, alg, thumbprint: `thumbprint ${(made += 1)}` })
}

function select(
  keys: readonly PublishedKey[],
  kid: string | undefined,
  alg: Algorithm,
  algorithms: readonly Algorithm[] = ASYMMETRIC_ALGORITHMS,
): readonly PublishedKey[] | string | undefined {
  const found = selectKeys(keySetOf(keys), { kid, alg, algorithms: new Set(algorithms) }, revocations)
  return isRefusal(found) ? found.code : found
}

function accepts(
  jwk: PublicJwk,
  own: Algorithm | undefined,
  algorithms?: readonly Algorithm[],
): readonly string[] {
  const held = [key(jwk, 'k', own)]
  return ASYMMETRIC_ALGORITHMS.filter((alg) => Array.isArray(select(held, 'k', alg, algorithms)))
}

describe('by kid', () => {
  const a = key(EC, 'a')
  const b = key(EC, 'b')

  test('gives the key of that kid', () => {
    expect(select([a, b], 'b', 'ES256')).toEqual([b])
  })

  test.each(['c', '', 'A', '__proto__', 'toString'])('%j is not held: the issuer may be asked', (kid) => {
    expect(select([a, b], kid, 'ES256')).toBeUndefined()
  })

  test('a key without kid is never meant by a kid', () => {
    expect(select([key(EC)], 'a', 'ES256')).toBeUndefined()
  })

  test('held, but of another type: refused', () => {
    expect(select([a], 'a', 'RS256')).toBe('key_unknown')
    expect(select([a], 'a', 'ES384')).toBe('key_unknown')
    expect(select([a], 'a', 'HS256')).toBe('key_unknown')
  })

  test('several under one kid: those that fit, at most 4', () => {
    const keys = Array.from({ length: 6 }, () => key(EC, 'k'))
    expect(select([key(RSA, 'k'), ...keys], 'k', 'ES256')).toEqual(keys.slice(0, 4))
  })
})

describe('without kid', () => {
  test('gives the one key that fits, with or without a kid of its own', () => {
    const ec = key(EC, 'a')
    const rsa = key(RSA)
    expect(select([ec, rsa], undefined, 'ES256')).toEqual([ec])
    expect(select([ec, rsa], undefined, 'RS256')).toEqual([rsa])
  })

  test('none or two that fit: refused', () => {
    expect(select([key(EC)], undefined, 'RS256')).toBe('key_unknown')
    expect(select([key(EC), key(EC)], undefined, 'ES256')).toBe('key_unknown')
  })
})

function query(kid: string | undefined): KeyQuery {
  return { kid, alg: 'ES256', algorithms: new Set(['ES256']) }
}

describe('a revoked key', () => {
  const REVOKED = { code: 'key_unknown', detail: 'the key was revoked by revokeKey' }

  test('is refused, without asking the issuer, and told apart from an unknown one', () => {
    const set = keySetOf([key(EC, 'a'), key(EC, 'b')])
    revocations.revoke('a', set)
    expect(selectKeys(set, query('a'), revocations)).toMatchObject(REVOKED)
    expect(selectKeys(set, query('b'), revocations)).toEqual(set.byKid.get('b'))
    expect(selectKeys(set, query('c'), revocations)).toBeUndefined()
  })

  test('leaves the others under its kid, up to 4 of them', () => {
    const revoked = Array.from({ length: 4 }, () => key(EC, 'k'))
    const others = Array.from({ length: 5 }, () => key(EC, 'k'))
    revocations.revoke('k', keySetOf(revoked))
    expect(select([...revoked, ...others], 'k', 'ES256')).toEqual(others.slice(0, 4))
  })

  test('without a kid is none that fits', () => {
    const [old, current] = [key(EC, 'old'), key(EC, 'current')]
    revocations.revoke('old', keySetOf([old]))
    expect(select([old, current], undefined, 'ES256')).toEqual([current])
    expect(selectKeys(keySetOf([old]), query(undefined), revocations)).toMatchObject(REVOKED)
  })

  test('of another type is what any key of another type is', () => {
    const set = keySetOf([key(RSA, 'a')])
    revocations.revoke('a', set)
    expect(selectKeys(set, query('a'), revocations)).toMatchObject({
      detail: 'the key that the token names is not one for its alg',
    })
  })

  test('that nobody has seen yet is refused by its kid', () => {
    revocations.revoke('c', undefined)
    expect(selectKeys(keySetOf([key(EC, 'a')]), query('c'), revocations)).toMatchObject(REVOKED)
    expect(select([key(EC, 'a')], 'd', 'ES256')).toBeUndefined()
  })
})

test('only the very object is among the candidates', () => {
  const mine = key(EC, 'a')
  expect(isAmong([key(EC, 'a'), mine], mine)).toBe(true)
  expect(isAmong([{ ...mine }], mine)).toBe(false)
  expect(isAmong(undefined, mine)).toBe(false)
  expect(isAmong({ code: 'key_unknown', detail: undefined }, mine)).toBe(false)
})

describe('one key, one algorithm', () => {
  test.each(ASYMMETRIC_ALGORITHMS.filter((alg) => /^[RP]S/.test(alg)))('an RSA key for %s', (alg) => {
    expect(accepts(RSA, alg)).toEqual([alg])
  })

  test.each([
    ['P-256', 'ES256'],
    ['P-384', 'ES384'],
    ['P-521', 'ES512'],
  ] as const)('a key of %s is for %s, named or not', (crv, alg) => {
    expect(accepts({ ...EC, crv }, undefined)).toEqual([alg])
    expect(accepts({ ...EC, crv }, alg)).toEqual([alg])
  })

  test('an RSA key that names none is for RS256, or for the one RSA algorithm of the list', () => {
    expect(accepts(RSA, undefined)).toEqual(['RS256'])
    expect(accepts(RSA, undefined, ['PS256', 'ES256'])).toEqual(['PS256'])
    expect(accepts(RSA, undefined, ['PS256', 'PS512'])).toEqual(['RS256'])
    expect(accepts(RSA, undefined, ['ES256'])).toEqual(['RS256'])
  })

  test('Ed25519 and EdDSA are taken for each other only where the list has both', () => {
    expect(accepts(OKP, 'EdDSA')).toEqual(['Ed25519', 'EdDSA'])
    expect(accepts(OKP, 'Ed25519')).toEqual(['Ed25519', 'EdDSA'])
    expect(accepts(OKP, 'EdDSA', ['Ed25519'])).toEqual(['EdDSA'])
    expect(accepts(OKP, 'Ed25519', ['EdDSA', 'ES256'])).toEqual(['Ed25519'])
    expect(accepts(OKP, undefined, ['EdDSA'])).toEqual(['Ed25519', 'EdDSA'])
  })
})
