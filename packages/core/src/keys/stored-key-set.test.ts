import { describe, expect, test } from 'vitest'
import { ecJwk } from './lab.test-support.js'
import { keySetOf } from './key-set.js'
import { publishedKey } from './published-key.js'
import { decodeKeySet, encodeKeySet, jwksOf, type StoredKeySet } from './stored-key-set.js'

const STORED: StoredKeySet = {
  url: 'https://idp.example/jwks',
  jwks: { keys: [ecJwk('a')] },
  fetchedAt: 1_700_000_000_000,
  etag: 'W/"1"',
  lastModified: 'Tue, 14 Nov 2023 22:13:20 GMT',
  ttlMs: 600_000,
  staleIfErrorMs: 0,
}

function withMember(name: string, json: string): string {
  const { [name]: _, ...rest } = JSON.parse(encodeKeySet(STORED)) as Record<string, unknown>
  return `${JSON.stringify(rest).slice(0, -1)},"${name}":${json}}`
}

describe('decodeKeySet', () => {
  test('reads what encodeKeySet wrote', () => {
    expect(decodeKeySet(encodeKeySet(STORED))).toEqual(STORED)
  })

  test('an ETag and a Last-Modified may be missing', () => {
    const stored = { ...STORED, etag: undefined, lastModified: undefined }
    expect(decodeKeySet(encodeKeySet(stored))).toStrictEqual(stored)
  })

  test('passes over members that it does not know', () => {
    expect(decodeKeySet(withMember('later', '[1]'))).toEqual(STORED)
  })

  test.each(['v', 'url', 'jwks', 'fetchedAt', 'ttlMs', 'staleIfErrorMs'])('needs %s', (name) => {
    const { [name]: _, ...rest } = JSON.parse(encodeKeySet(STORED)) as Record<string, unknown>
    expect(decodeKeySet(JSON.stringify(rest))).toBeUndefined()
  })

  test.each<[string, string]>([
    ['v', '2'],
    ['v', '"1"'],
    ['url', '1'],
    ['url', 'null'],
    ['jwks', '[]'],
    ['jwks', '{}'],
    ['jwks', '{"keys":{}}'],
    ['jwks', '{"keys":"a"}'],
    ['jwks', '{"keys":[null]}'],
    ['jwks', '{"keys":[{},1]}'],
    ['jwks', '{"__proto__":{"keys":[]}}'],
    ...['fetchedAt', 'ttlMs', 'staleIfErrorMs'].flatMap((name) =>
      ['-1', '1e999', '"1"', 'null', '[1]'].map((json): [string, string] => [name, json]),
    ),
    ...['etag', 'lastModified'].flatMap((name) =>
      [
        '1',
        'null',
        '["a"]',
        String.raw`"a\r\nb: c"`,
        String.raw`"a\u0000"`,
        '"☃"',
        JSON.stringify('a'.repeat(513)),
        '""',
        '" a"',
        '"a "',
        '"\u00e9"',
      ].map((json): [string, string] => [name, json]),
    ),
  ])('refuses %s that is %s', (name, json) => {
    const text = withMember(name, json)
    expect(() => JSON.parse(text) as unknown).not.toThrow()
    expect(decodeKeySet(text)).toBeUndefined()
  })

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '1',
    encodeKeySet(STORED).slice(0, -1),
    `x${encodeKeySet(STORED)}`,
  ])('refuses %j', (text) => {
    expect(decodeKeySet(text)).toBeUndefined()
  })

  test('reads own members only', () => {
    const text = `{"__proto__":${encodeKeySet(STORED)}}`
    expect(decodeKeySet(text)).toBeUndefined()
  })

  test('reads up to 4 MiB of text, and no more', () => {
    const text = encodeKeySet(STORED)
    const limit = 4 * 1024 * 1024
    expect(decodeKeySet(text.padEnd(limit))).toEqual(STORED)
    expect(decodeKeySet(text.padEnd(limit + 1))).toBeUndefined()
  })
})

describe('jwksOf', () => {
  test('writes what makes a key, its kid and its alg', () => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'AA' } as const
    const set = keySetOf([
      publishedKey({ kid: 'a', alg: 'Ed25519', thumbprint: '1', jwk }),
      publishedKey({ kid: undefined, alg: undefined, thumbprint: '2', jwk }),
    ])
    expect(JSON.parse(JSON.stringify(jwksOf(set)))).toEqual({
      keys: [{ ...jwk, kid: 'a', alg: 'Ed25519' }, jwk],
    })
  })
})
