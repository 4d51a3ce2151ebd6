import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { importJWK } from 'jose'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { ImportedKey, VerificationKey } from '../keys/verification-key.js'
import { isRefusal } from '../refusal.js'
import { segment, unverified } from '../tokens.test-support.js'
import { decode, type UnverifiedToken } from '../token/decode.js'
import type { Algorithm } from './algorithms.js'
import { verifySignature } from './verify-signature.js'

const INVALID = {
  code: 'signature_invalid',
  detail: 'no key of the issuer that fits kid and alg made this signature',
}

function keyOf(imported: unknown): VerificationKey {
  const key = imported as ImportedKey | Promise<ImportedKey>
  return { kid: undefined, thumbprint: undefined, alg: undefined, forAlgorithm: () => key }
}

function read(text: string): UnverifiedToken {
  const token = decode(text)
  if (isRefusal(token)) throw new Error(token.detail)
  return token
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })

function es256(header: object = { alg: 'ES256' }, encoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): string {
  const input = `${segment(JSON.stringify(header))}.${segment('{"sub":"a"}')}`
  const signature = sign('sha256', Buffer.from(input), { key: pair.privateKey, dsaEncoding: encoding })
  return `${input}.${signature.toString('base64url')}`
}

describe('verifySignature', () => {
  let right: VerificationKey
  let wrong: VerificationKey

  beforeAll(async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    right = keyOf(await importJWK(pair.publicKey.export({ format: 'jwk' }), 'ES256'))
    wrong = keyOf(await importJWK(other.publicKey.export({ format: 'jwk' }), 'ES256'))
  })

  test('gives the token and the key that fits', async () => {
    const token = read(es256())
    const signed = await verifySignature(token, 'ES256', [right])
    expect(signed).toEqual({ token, key: right })
  })

  test('tries each candidate until one fits', async () => {
    const last = { ...wrong, forAlgorithm: vi.fn<VerificationKey['forAlgorithm']>() }
    expect(await verifySignature(read(es256()), 'ES256', [wrong, right, last])).toMatchObject({ key: right })
    expect(last.forAlgorithm).not.toHaveBeenCalled()
  })

  test('asks a key for the algorithm of the token, and waits for it', async () => {
    const forAlgorithm = vi.fn<VerificationKey['forAlgorithm']>(async () => right.forAlgorithm('ES256'))
    await expect(verifySignature(read(es256()), 'ES256', [{ ...right, forAlgorithm }])).resolves.toBeDefined()
    expect(forAlgorithm).toHaveBeenCalledExactlyOnceWith('ES256')
  })

  test('refuses where no candidate fits, and where there is none', async () => {
    expect(await verifySignature(read(es256()), 'ES256', [wrong, wrong])).toEqual(INVALID)
    expect(await verifySignature(read(es256()), 'ES256', [])).toEqual(INVALID)
  })

  test('refuses other claims under the same signature', async () => {
    const [header, , signature] = es256().split('.')
    const text = `${header}.${segment('{"sub":"admin"}')}.${signature}`
    expect(await verifySignature(read(text), 'ES256', [right])).toEqual(INVALID)
  })

  test.each([
    ['no signature', ''],
    ['zeros (CVE-2022-21449)', segment(new Uint8Array(64))],
    ['too short a signature', segment(new Uint8Array(63).fill(1))],
    ['too long a signature', segment(new Uint8Array(66).fill(1))],
  ])('refuses %s', async (_, signature) => {
    const [header, claims] = es256().split('.')
    expect(await verifySignature(read(`${header}.${claims}.${signature}`), 'ES256', [right])).toEqual(INVALID)
  })

  test('refuses a signature in DER, whose length is not fixed (RFC 7518 §3.4)', async () => {
    expect(await verifySignature(read(es256({ alg: 'ES256' }, 'der')), 'ES256', [right])).toEqual(INVALID)
  })

  test('refuses a token whose alg is not the one that was allowed', async () => {
    expect(await verifySignature(read(es256({ alg: 'ES384' })), 'ES256', [right])).toEqual(INVALID)
  })

  test.each<[Algorithm, string]>([
    ['HS256', 'sha256'],
    ['HS384', 'sha384'],
    ['HS512', 'sha512'],
  ])('checks a MAC with a secret: %s', async (alg, hash) => {
    const secret = new Uint8Array(64).fill(7)
    const input = `${segment(JSON.stringify({ alg }))}.${segment('{}')}`
    const token = read(`${input}.${createHmac(hash, secret).update(input).digest('base64url')}`)
    expect(await verifySignature(token, alg, [keyOf(secret)])).toHaveProperty('token', token)
    expect(await verifySignature(token, alg, [keyOf(new Uint8Array(64).fill(8))])).toEqual(INVALID)
  })

  test('lets a failure that says nothing of the token pass: it is a bug and no bad token', async () => {
    const bug = new Error('no such key')
    await expect(verifySignature(unverified(), 'HS256', [keyOf(Promise.reject(bug))])).rejects.toBe(bug)
    const unusable = keyOf('a string')
    await expect(verifySignature(unverified(), 'HS256', [unusable])).rejects.toThrow(TypeError)
  })
})
