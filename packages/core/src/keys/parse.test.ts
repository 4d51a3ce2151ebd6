import { beforeAll, describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm } from '../signature/algorithms.js'
import { segment } from '../tokens.test-support.js'
import { parseKeySet } from './parse.js'

type Jwk = Readonly<Record<string, unknown>>

const GENERATE = {
  RSA: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: exponent(65_537) },
  EC: { name: 'ECDSA', namedCurve: 'P-256' },
  OKP: { name: 'Ed25519' },
} as const

let rsa: Jwk
let ec: Jwk
let okp: Jwk

beforeAll(async () => {
  ;[rsa, ec, okp] = await Promise.all([make(GENERATE.RSA), make(GENERATE.EC), make(GENERATE.OKP)])
})

function exponent(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([value >>> 16, (value >>> 8) & 255, value & 255])
}

/** The bare public members of a new key. */
async function make(algorithm: object): Promise<Jwk> {
  const { publicKey } = await crypto.subtle.generateKey(
    algorithm as { name: 'ECDSA'; namedCurve: string },
    true,
    ['sign', 'verify'],
  )
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }))
}

/** Why a set of one member fails, or the algorithm that its only key is good for. */
async function read(member: unknown): Promise<string | undefined> {
  const parsed = await parseKeySet({ keys: [member] })
  return parsed.ok ? 'usable' : parsed.reason
}

function without(jwk: Jwk, name: string): Jwk {
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => member !== name))
}

/** A number of so many bits, all of them 1. */
function bits(count: number): string {
  const bytes = new Uint8Array(Math.ceil(count / 8)).fill(255)
  bytes[0] = 255 >>> (bytes.length * 8 - count)
  return base64url(bytes)
}

function base64url(bytes: Uint8Array | readonly number[]): string {
  return Buffer.from(bytes).toString('base64url')
}

describe('what is used', () => {
  test.each(['RSA', 'EC', 'OKP'] as const)('a bare %s key', async (kty) => {
    expect(await read(await make(GENERATE[kty]))).toBe('usable')
  })

  test.each(['P-384', 'P-521'])('a key of %s', async (namedCurve) => {
    expect(await read(await make({ name: 'ECDSA', namedCurve }))).toBe('usable')
  })

  test('a key with every member that issuers add', async () => {
    const more = {
      kid: 'k',
      use: 'sig',
      key_ops: ['verify'],
      ext: true,
      x5c: ['AA=='],
      x5t: 'AA',
      nonsense: {},
    }
    expect(await read({ ...rsa, ...more, alg: 'PS512' })).toBe('usable')
  })

  test('a key whose operations are more than to verify', async () => {
    expect(await read({ ...ec, key_ops: ['sign', 'verify'] })).toBe('usable')
  })

  test.each(Object.keys(ALGORITHMS) as Algorithm[])(
    '%s on the key type that it needs, and on no other',
    async (alg) => {
      const { kty, ...rest } = ALGORITHMS[alg]
      const own = { RSA: rsa, EC: ec, OKP: okp, oct: rsa }[kty]
      const curve = 'crv' in rest ? rest.crv : undefined
      const fitting =
        kty === 'EC' && curve !== 'P-256' ? await make({ name: 'ECDSA', namedCurve: curve }) : own
      expect(await read({ ...fitting, alg })).toBe(kty === 'oct' ? 'no usable key (alg)' : 'usable')
      expect(await read({ ...(kty === 'RSA' ? ec : rsa), alg })).toBe('no usable key (alg)')
    },
  )
})

describe('what is skipped', () => {
  test.each<[string, unknown, string]>([
    ['null', null, 'kty'],
    ['a text', 'key', 'kty'],
    ['a list', [], 'kty'],
    ['an empty object', {}, 'kty'],
    ['an unknown key type', { kty: 'AKP', pub: 'AAAA' }, 'kty'],
    ['an inherited key type', Object.create({ kty: 'EC' }), 'kty'],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }, 'private or symmetric'],
    ['a symmetric key without its value', { kty: 'oct' }, 'kty'],
    ['RSA without members', { kty: 'RSA' }, 'missing members'],
    ['EC without members', { kty: 'EC', crv: 'P-256' }, 'missing members'],
    ['OKP without members', { kty: 'OKP', crv: 'Ed25519' }, 'missing members'],
    ['an unknown curve', { kty: 'EC', crv: 'secp256k1', x: 'AAAA', y: 'AAAA' }, 'crv'],
    ['a key to agree on secrets', { kty: 'OKP', crv: 'X25519', x: 'AAAA' }, 'crv'],
    [
      'a point off its curve',
      {
        kty: 'EC',
        crv: 'P-256',
        x: base64url(new Uint8Array(32).fill(1)),
        y: base64url(new Uint8Array(32).fill(2)),
      },
      'not importable',
    ],
    ['a key of the wrong length', { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' }, 'not importable'],
  ])('%s', async (_, member, reason) => {
    expect(await read(member)).toBe(`no usable key (${reason})`)
  })

  test.each<[string, Jwk, string]>([
    ['for encryption', { use: 'enc' }, 'use'],
    ['for another use', { use: 'jwt-svid' }, 'use'],
    ['of a use that is no text', { use: null }, 'use'],
    ['for other operations', { key_ops: ['encrypt'] }, 'key_ops'],
    ['for no operations', { key_ops: [] }, 'key_ops'],
    ['of operations that are no list', { key_ops: 'verify' }, 'key_ops'],
    ['with a kid that is no text', { kid: 7 }, 'kid'],
    ['with a kid of 257 characters', { kid: 'k'.repeat(257) }, 'kid'],
    ['with a MAC as its algorithm', { alg: 'HS256' }, 'alg'],
    ['with `none` as its algorithm', { alg: 'none' }, 'alg'],
    ['with an algorithm of another curve', { alg: 'ES384' }, 'alg'],
    ['with an algorithm of another key type', { alg: 'RS256' }, 'alg'],
    ['with an algorithm to encrypt', { alg: 'ECDH-ES' }, 'alg'],
    ['with an algorithm that is an inherited name', { alg: 'toString' }, 'alg'],
    ['with a private part', { d: 'AAAA' }, 'private or symmetric'],
    ['with a padded member', { x: 'AAAA====' }, 'missing members'],
    ['with a member that is no text', { x: 7 }, 'missing members'],
    ['with an empty member', { y: '' }, 'missing members'],
  ])('a good key %s', async (_, more, reason) => {
    expect(await read(ec)).toBe('usable')
    expect(await read({ ...ec, ...more })).toBe(`no usable key (${reason})`)
  })

  test('a kid of 256 characters is the longest', async () => {
    expect(await read({ ...ec, kid: 'k'.repeat(256) })).toBe('usable')
  })

  test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])(
    'an RSA key with the member %s',
    async (name) => {
      expect(await read({ ...rsa, [name]: 'AAAA' })).toBe('no usable key (private or symmetric)')
    },
  )

  test.each(['n', 'e'])('an RSA key without %s', async (name) => {
    expect(await read(without(rsa, name))).toBe('no usable key (missing members)')
  })
})

describe('the strength of RSA keys', () => {
  test.each([
    [2048, 'usable'],
    [2047, 'no usable key (RSA key size)'],
    [1024, 'no usable key (RSA key size)'],
    [4096, 'usable'],
    [16_384, 'usable'],
    [16_385, 'no usable key (RSA key size)'],
  ])('%i bits', async (count, result) => {
    expect(await read({ kty: 'RSA', n: bits(count), e: 'AQAB' })).toBe(result)
  })

  test('zeros in front do not make a modulus longer', async () => {
    const short = [...Array<number>(129).fill(0), ...Array<number>(128).fill(255)]
    expect(await read({ kty: 'RSA', n: base64url(short), e: 'AQAB' })).toBe('no usable key (RSA key size)')
    expect(await read({ kty: 'RSA', n: base64url(new Uint8Array(256)), e: 'AQAB' })).toBe(
      'no usable key (RSA key size)',
    )
  })

  test.each([
    [[1], false],
    [[3], false],
    [[255, 255], false],
    [[1, 0, 0], false],
    [[1, 0, 1], true],
    [[0, 1, 0, 1], true],
    [[0, 0, 0, 3], false],
    [[1, 0, 2], false],
    [[1, 0, 3], true],
    [[128, 0, 0, 1], true],
    [[0], false],
  ])('an exponent of bytes %j is usable: %s', async (bytes, usable) => {
    const result = await read({ ...rsa, e: base64url(bytes) })
    expect(result).toBe(usable ? 'usable' : 'no usable key (RSA exponent)')
  })
})

describe('the set', () => {
  test.each<[string, unknown, string]>([
    ['no object', 'keys', 'not a key set'],
    ['null', null, 'not a key set'],
    ['no keys member', {}, 'not a key set'],
    ['keys that are no list', { keys: {} }, 'not a key set'],
    ['inherited keys', Object.create({ keys: [] }), 'not a key set'],
    ['no key', { keys: [] }, 'no keys'],
  ])('%s is a failure', async (_, json, reason) => {
    expect(await parseKeySet(json)).toMatchObject({ ok: false, reason })
  })

  test('500 members are the most', async () => {
    const members = Array.from({ length: 501 }, (_, i) => ({ ...ec, kid: `${i}` }))
    expect(await parseKeySet({ keys: members.slice(1) })).toMatchObject({ ok: true })
    expect(await parseKeySet({ keys: members })).toMatchObject({ ok: false, reason: 'too many keys' })
  })

  test('members that cannot be used are skipped alone, and the reasons are named without the keys', async () => {
    const parsed = await parseKeySet({
      keys: [null, { ...rsa, use: 'enc' }, { ...ec, kid: 'good' }, { kty: 'EC' }],
    })
    expect(parsed.ok && parsed.value.keys.map(({ kid }) => kid)).toEqual(['good'])
    const failed = await parseKeySet({
      keys: [
        { ...rsa, use: 'enc' },
        { kty: 'oct', k: 'c2VjcmV0' },
        { ...ec, use: 'enc' },
      ],
    })
    expect(failed).toMatchObject({ ok: false, reason: 'no usable key (use, private or symmetric)' })
  })

  test('two keys under one kid are both kept, one that is listed twice counts once', async () => {
    const keys = [
      { ...ec, kid: 'k' },
      { ...rsa, kid: 'k' },
      { ...ec, kid: 'k' },
    ]
    const parsed = await parseKeySet({ keys })
    expect(parsed.ok && parsed.value.byKid.get('k')?.map(({ jwk }) => jwk.kty)).toEqual(['EC', 'RSA'])
  })

  test('a key that stays keeps its object; another kid, alg or value makes another', async () => {
    const first = await parseKeySet({ keys: [{ ...ec, kid: 'k' }] })
    const previous = first.ok ? first.value : undefined
    const [key] = previous?.keys ?? []
    const again = await parseKeySet({ keys: [{ ...ec, kid: 'k', use: 'sig' }] }, previous)
    expect(again.ok && again.value.keys[0] === key).toBe(true)
    for (const changed of [
      { ...ec, kid: 'l' },
      { ...ec, kid: 'k', alg: 'ES256' },
      { ...okp, kid: 'k' },
      ec,
    ]) {
      const other = await parseKeySet({ keys: [changed] }, previous)
      expect(other.ok && other.value.keys[0] !== key).toBe(true)
    }
  })

  test('the thumbprint is that of RFC 7638', async () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
    const parsed = await parseKeySet({
      keys: [{ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }],
    })
    expect(parsed.ok && parsed.value.keys[0]?.thumbprint).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs')
  })

  test('a key from the set verifies what its other half signed', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ])
    const input = `${segment('{"alg":"ES256"}')}.${segment('{}')}`
    const hash = { name: 'ECDSA', hash: 'SHA-256' }
    const signature = await crypto.subtle.sign(hash, pair.privateKey, new TextEncoder().encode(input))
    const parsed = await parseKeySet({ keys: [await crypto.subtle.exportKey('jwk', pair.publicKey)] })
    const check = parsed.ok ? await parsed.value.keys[0]?.forAlgorithm('ES256') : undefined
    const token = `${input}.${segment(new Uint8Array(signature))}`
    expect(await check?.(token, input.length, 'auto')).toBe(true)
  })
})
