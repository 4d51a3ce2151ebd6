import { beforeEach, describe, expect, test } from 'vitest'
import { keySetOf } from './key-set.js'
import { publishedKey, type PublishedKey } from './published-key.js'
import { Revocations, type RevokedKeys } from './revocations.js'

const ISSUER = 'https://idp.example'

let all: RevokedKeys
let revocations: Revocations

beforeEach(() => {
  all = new Map()
  revocations = new Revocations(ISSUER, all)
})

function key(thumbprint: string, kid?: string): PublishedKey {
  return publishedKey({ jwk: { kty: 'RSA', n: 'AAAA', e: 'AQAB' }, kid, alg: undefined, thumbprint })
}

describe('revoke', () => {
  test('takes every key under the kid, and no other', () => {
    revocations.revoke('a', keySetOf([key('one', 'a'), key('two', 'a'), key('three', 'b'), key('four')]))
    const revoked = ['one', 'two', 'three', 'four'].map((thumbprint) => revocations.has(key(thumbprint, 'a')))
    expect(revoked).toEqual([true, true, false, false])
  })

  test('goes by the thumbprint: the same key under another kid is revoked, a new one under this kid is not', () => {
    revocations.revoke('a', keySetOf([key('one', 'a')]))
    expect(revocations.has(key('one', 'b'))).toBe(true)
    expect(revocations.has(key('one'))).toBe(true)
    expect(revocations.has(key('two', 'a'))).toBe(false)
  })

  test('names of several kids add up', () => {
    revocations.revoke('a', keySetOf([key('one', 'a')]))
    revocations.revoke('b', keySetOf([key('two', 'b')]))
    expect([revocations.has(key('one', 'a')), revocations.has(key('two', 'b'))]).toEqual([true, true])
  })

  test('where the key is at hand nothing is awaited', () => {
    revocations.revoke('a', keySetOf([key('one', 'a')]))
    expect(revocations.awaits('a')).toBe(false)
  })
})

describe('a kid that is revoked before its key was seen', () => {
  test.each([
    ['no keys', undefined],
    ['other keys', keySetOf([key('one', 'b')])],
  ])('is awaited: there were %s', (_, keys) => {
    revocations.revoke('a', keys)
    expect(revocations.awaits('a')).toBe(true)
    expect(revocations.awaits('b')).toBe(false)
    expect(revocations.awaits(undefined)).toBe(false)
  })

  test('is awaited until a set has it; then that key is revoked, and a later one is not', () => {
    revocations.revoke('a', undefined)
    revocations.see(keySetOf([key('one', 'b')]))
    expect(revocations.awaits('a')).toBe(true)
    revocations.see(keySetOf([key('two', 'a')]))
    expect(revocations.awaits('a')).toBe(false)
    revocations.see(keySetOf([key('three', 'a')]))
    expect(['one', 'two', 'three'].map((name) => revocations.has(key(name)))).toEqual([false, true, false])
  })
})

test('each issuer has its own, shared by all that ask for it', () => {
  revocations.revoke('a', keySetOf([key('one', 'a')]))
  revocations.revoke('b', undefined)
  const same = new Revocations(ISSUER, all)
  const other = new Revocations('https://other.example', all)
  expect([same.has(key('one')), same.awaits('b')]).toEqual([true, true])
  expect([other.has(key('one')), other.awaits('b')]).toEqual([false, false])
})

test('an issuer of which nothing was revoked takes no room', () => {
  revocations.see(keySetOf([key('one', 'a')]))
  expect([revocations.has(key('one')), revocations.awaits('a')]).toEqual([false, false])
  expect(all.size).toBe(0)
})
