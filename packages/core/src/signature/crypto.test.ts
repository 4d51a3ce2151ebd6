import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { importJWK, type CryptoKey } from 'jose'
import { describe, expect, test } from 'vitest'
import { segment } from '../tokens.test-support.js'
import type { Algorithm } from './algorithms.js'
import * as node from './crypto.node.js'
import * as web from './crypto.web.js'
import type { Offload } from './options.js'

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const LARGE_RSA = generateKeyPairSync('rsa', { modulusLength: 3328 })
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const P521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const ED25519 = generateKeyPairSync('ed25519')
const SECRET = new Uint8Array(64).fill(7)

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** Signs as the algorithm says; none of this is code under test. */
const SIGNERS: Readonly<Record<Algorithm, { pair?: Pair; sign: (input: Buffer) => Buffer }>> = {
  RS256: rsa(RSA, 'sha256'),
  RS384: rsa(LARGE_RSA, 'sha384'),
  RS512: rsa(RSA, 'sha512'),
  PS256: pss(RSA, 'sha256', 32),
  PS384: pss(LARGE_RSA, 'sha384', 48),
  PS512: pss(RSA, 'sha512', 64),
  ES256: ecdsa(P256, 'sha256'),
  ES384: ecdsa(P384, 'sha384'),
  ES512: ecdsa(P521, 'sha512'),
  Ed25519: { pair: ED25519, sign: (input) => sign(null, input, ED25519.privateKey) },
  EdDSA: { pair: ED25519, sign: (input) => sign(null, input, ED25519.privateKey) },
  HS256: hmac('sha256'),
  HS384: hmac('sha384'),
  HS512: hmac('sha512'),
}

function rsa(pair: Pair, hash: string): { pair: Pair; sign: (input: Buffer) => Buffer } {
  return { pair, sign: (input) => sign(hash, input, pair.privateKey) }
}

function pss(pair: Pair, hash: string, saltLength: number): { pair: Pair; sign: (input: Buffer) => Buffer } {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return { pair, sign: (input) => sign(hash, input, { key: pair.privateKey, padding, saltLength }) }
}

function ecdsa(pair: Pair, hash: string): { pair: Pair; sign: (input: Buffer) => Buffer } {
  return { pair, sign: (input) => sign(hash, input, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }) }
}

function hmac(hash: string): { sign: (input: Buffer) => Buffer } {
  return { sign: (input) => createHmac(hash, SECRET).update(input).digest() }
}

function tokenOf(
  alg: Algorithm,
  change: (signature: Buffer) => Uint8Array = (bytes) => bytes,
  sub = 'a',
): string {
  const input = `${segment(JSON.stringify({ alg }))}.${segment(JSON.stringify({ sub }))}`
  return `${input}.${segment(change(SIGNERS[alg].sign(Buffer.from(input))))}`
}

function withOneBitChanged(bytes: Buffer): Uint8Array {
  return bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte))
}

function withZeros(bytes: Buffer): Uint8Array {
  const half = bytes.length / 2
  return Buffer.concat([Buffer.alloc(1), bytes.subarray(0, half), Buffer.alloc(1), bytes.subarray(half)])
}

async function keyOf(alg: Algorithm): Promise<CryptoKey | Uint8Array> {
  const { pair } = SIGNERS[alg]
  return pair ? importJWK(pair.publicKey.export({ format: 'jwk' }), alg) : SECRET
}

const CORES = availableParallelism()
const ALGORITHMS = Object.keys(SIGNERS) as Algorithm[]
const OFFLOADS: readonly Offload[] = ['auto', 'never', 'always']
const PLATFORMS = [
  { platform: 'Node', ...node },
  { platform: 'WebCrypto', ...web },
]

describe.each(PLATFORMS)('on $platform', ({ signatureCheck }) => {
  async function holds(token: string, alg: Algorithm, offload: Offload = 'auto'): Promise<boolean> {
    const check = signatureCheck(await keyOf(alg), alg)
    return check(token, token.lastIndexOf('.'), offload)
  }

  describe.each(ALGORITHMS)('%s', (alg) => {
    test.each(OFFLOADS)('takes what its key signed, offload: %s', async (offload) => {
      expect(await holds(tokenOf(alg), alg, offload)).toBe(true)
    })

    test.each(OFFLOADS)('refuses one bit of another, offload: %s', async (offload) => {
      expect(await holds(tokenOf(alg, withOneBitChanged), alg, offload)).toBe(false)
    })

    test('refuses other claims under the same signature', async () => {
      const [header, , signature] = tokenOf(alg).split('.')
      expect(await holds(`${header}.${segment('{"sub":"admin"}')}.${signature}`, alg)).toBe(false)
    })

    test.each([
      ['nothing', () => new Uint8Array()],
      ['zeros', (bytes: Buffer) => bytes.fill(0)],
      ['all bits set', (bytes: Buffer) => bytes.fill(255)],
      ['one byte less', (bytes: Buffer) => bytes.subarray(0, -1)],
      ['one byte more', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
      ['a zero before it', (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), bytes])],
      ['the first half', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ])('refuses %s', async (_, change) => {
      expect(await holds(tokenOf(alg, change), alg)).toBe(false)
    })
  })

  test.each<[Algorithm, Pair, string]>([
    ['ES256', P256, 'sha256'],
    ['ES384', P384, 'sha384'],
    ['ES512', P521, 'sha512'],
  ])('refuses a signature in DER, whose length is not fixed (RFC 7518 §3.4): %s', async (alg, pair, hash) => {
    const der = tokenOf(alg, () => {
      const input = tokenOf(alg).split('.', 2).join('.')
      return sign(hash, Buffer.from(input), pair.privateKey)
    })
    expect(await holds(der, alg)).toBe(false)
  })

  test.each<Algorithm>(['ES256', 'ES384', 'ES512'])(
    'refuses the same numbers with a zero before each, which is another length (RFC 7518 §3.4): %s',
    async (alg) => {
      expect(await holds(tokenOf(alg, withZeros), alg)).toBe(false)
    },
  )

  test.each<Algorithm>(['ES256', 'ES384', 'ES512'])(
    'takes numbers that begin with zeros or with a bit set, as every number does now and then: %s',
    async (alg) => {
      const tokens = Array.from({ length: 600 }, (_, at) => tokenOf(alg, undefined, `user-${at}`))
      const check = signatureCheck(await keyOf(alg), alg)
      const verdicts = await Promise.all(
        tokens.map(async (token) => check(token, token.lastIndexOf('.'), 'auto')),
      )
      expect(verdicts).toEqual(tokens.map(() => true))
    },
  )

  test('a key of the other kind is never taken for one of its own', async () => {
    const bytes = new TextEncoder().encode(String(RSA.publicKey.export({ format: 'pem', type: 'spki' })))
    const mac = (): Buffer =>
      createHmac('sha256', bytes).update(tokenOf('RS256').split('.', 2).join('.')).digest()
    const token = tokenOf('RS256', mac)
    const verdict = (async () => signatureCheck(bytes, 'RS256')(token, token.lastIndexOf('.'), 'auto'))()
    await expect(verdict.catch(() => 'thrown')).resolves.not.toBe(true)
  })

  test('many at once get each its own answer', async () => {
    const check = signatureCheck(await keyOf('ES256'), 'ES256')
    const tokens = Array.from({ length: 60 }, (_, at) =>
      tokenOf('ES256', (bytes) => (at % 3 === 0 ? bytes.fill(1) : bytes), `user-${at}`),
    )
    const verdicts = await Promise.all(
      tokens.map(async (token) => check(token, token.lastIndexOf('.'), 'always')),
    )
    expect(verdicts).toEqual(tokens.map((_, at) => at % 3 !== 0))
  })
})

async function places(alg: Algorithm, offload: Offload, count = 3): Promise<readonly string[]> {
  const check = node.signatureCheck(await keyOf(alg), alg)
  // A turn of its own, in which nothing was checked before.
  await new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve))
  })
  const token = tokenOf(alg)
  const verdicts = Array.from({ length: count }, () => check(token, token.lastIndexOf('.'), offload))
  expect(await Promise.all(verdicts.map(async (verdict) => verdict))).toEqual(verdicts.map(() => true))
  return verdicts.map((verdict) => (verdict instanceof Promise ? 'pool' : 'place'))
}

describe('on Node', () => {
  test.each(ALGORITHMS)('never is in place: %s', async (alg) => {
    expect(await places(alg, 'never')).toEqual(['place', 'place', 'place'])
  })

  test.each(ALGORITHMS)('always is the thread pool, for all but HMAC: %s', async (alg) => {
    const place = alg.startsWith('HS') ? 'place' : 'pool'
    expect(await places(alg, 'always')).toEqual([place, place, place])
  })

  test.each<Algorithm>(['RS256', 'PS256', 'RS512', 'HS256'])('auto is in place for %s', async (alg) => {
    expect(await places(alg, 'auto')).toEqual(['place', 'place', 'place'])
  })

  test.each<Algorithm>(['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'RS384', 'PS384'])(
    'auto takes the first of a turn in place, where there is a second core, and the others beside: %s',
    async (alg) => {
      const rest = CORES === 1 ? 'place' : 'pool'
      expect(await places(alg, 'auto')).toEqual(['place', rest, rest])
      expect(await places(alg, 'auto')).toEqual(['place', rest, rest])
    },
  )
})
