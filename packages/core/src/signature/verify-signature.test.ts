import { signatureCheck } from '#crypto'
import { generateKeyPairSync, sign } from 'node:crypto'
import { importJWK } from 'jose'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { VerificationKey } from '../keys/verification-key.js'
import { isRefusal } from '../refusal.js'
import { EVERY_ALGORITHM, segment, unverified } from '../tokens.test-support.js'
import { decode, type UnverifiedToken } from '../token/decode.js'
import type { SignatureCheck } from './crypto.js'
import { verifySignature } from './verify-signature.js'

const INVALID = {
  code: 'signature_invalid',
  detail: 'no key of the issuer that fits kid and alg made this signature',
}

function keyOf(found: unknown): VerificationKey {
  const check = found as SignatureCheck | Promise<SignatureCheck>
  return { kid: undefined, thumbprint: undefined, alg: undefined, forAlgorithm: () => check }
}

function read(text: string): UnverifiedToken {
  const token = decode(text, EVERY_ALGORITHM)
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
    right = keyOf(signatureCheck(await importJWK(pair.publicKey.export({ format: 'jwk' }), 'ES256'), 'ES256'))
    wrong = keyOf(
      signatureCheck(await importJWK(other.publicKey.export({ format: 'jwk' }), 'ES256'), 'ES256'),
    )
  })

  test('gives the token and the key that fits', async () => {
    const token = read(es256())
    const signed = await verifySignature(token, [right], 'auto')
    expect(signed).toEqual({ token, key: right })
  })

  test('tries each candidate until one fits', async () => {
    const last = { ...wrong, forAlgorithm: vi.fn<VerificationKey['forAlgorithm']>() }
    expect(await verifySignature(read(es256()), [wrong, right, last], 'auto')).toMatchObject({ key: right })
    expect(last.forAlgorithm).not.toHaveBeenCalled()
  })

  test('asks a key for the algorithm of the token, and waits for it', async () => {
    const forAlgorithm = vi.fn<VerificationKey['forAlgorithm']>(async () => right.forAlgorithm('ES256'))
    await expect(verifySignature(read(es256()), [{ ...right, forAlgorithm }], 'auto')).resolves.toBeDefined()
    expect(forAlgorithm).toHaveBeenCalledExactlyOnceWith('ES256')
  })

  test('refuses where no candidate fits, and where there is none', async () => {
    expect(await verifySignature(read(es256()), [wrong, wrong], 'auto')).toEqual(INVALID)
    expect(await verifySignature(read(es256()), [], 'auto')).toEqual(INVALID)
  })

  test('refuses other claims under the same signature', async () => {
    const [header, , signature] = es256().split('.')
    const text = `${header}.${segment('{"sub":"admin"}')}.${signature}`
    expect(await verifySignature(read(text), [right], 'auto')).toEqual(INVALID)
  })

  test.each([
    ['no signature', ''],
    ['zeros (CVE-2022-21449)', segment(new Uint8Array(64))],
    ['too short a signature', segment(new Uint8Array(63).fill(1))],
    ['too long a signature', segment(new Uint8Array(66).fill(1))],
  ])('refuses %s', async (_, signature) => {
    const [header, claims] = es256().split('.')
    expect(await verifySignature(read(`${header}.${claims}.${signature}`), [right], 'auto')).toEqual(INVALID)
  })

  test('refuses a signature in DER, whose length is not fixed (RFC 7518 §3.4)', async () => {
    expect(await verifySignature(read(es256({ alg: 'ES256' }, 'der')), [right], 'auto')).toEqual(INVALID)
  })

  test('lets a failure that says nothing of the token pass: it is a bug and no bad token', async () => {
    const bug = new Error('no such key')
    await expect(verifySignature(unverified(), [keyOf(Promise.reject(bug))], 'auto')).rejects.toBe(bug)
    await expect(verifySignature(unverified(), [keyOf(Promise.reject(bug)), right], 'auto')).rejects.toBe(bug)
  })

  test('gives a promise only where there is something to wait for', () => {
    const token = unverified()
    const [yes, no] = [true, false].map((verdict) => keyOf(() => verdict)) as [
      VerificationKey,
      VerificationKey,
    ]
    expect(verifySignature(token, [yes], 'auto')).toEqual({ token, key: yes })
    expect(verifySignature(token, [no], 'auto')).toEqual(INVALID)
    expect(verifySignature(token, [keyOf(async () => true)], 'auto')).toBeInstanceOf(Promise)
  })

  test('tells the key where to check', async () => {
    const check = vi.fn<SignatureCheck>(() => true)
    const token = unverified()
    await verifySignature(token, [keyOf(check)], 'always')
    expect(check).toHaveBeenCalledExactlyOnceWith(token.text, token.text.lastIndexOf('.'), 'always')
  })
})
