import type { CryptoKey } from 'jose'
import { expect, test, vi } from 'vitest'
import { publishedKey, type PublicJwk } from './published-key.js'

const importJwk = vi.hoisted(() => vi.fn<(jwk: object, alg: string) => Promise<CryptoKey>>())
vi.mock('jose/key/import', () => ({ importJWK: importJwk }))

const JWK: PublicJwk = { kty: 'RSA', n: 'AAAA', e: 'AQAB' }

const { publicKey: KEY } = await crypto.subtle.generateKey(
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
  true,
  ['sign', 'verify'],
)

test('imports when an algorithm is first asked for, then answers without a promise', async () => {
  importJwk.mockResolvedValue(KEY)
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  expect(importJwk).not.toHaveBeenCalled()
  const imported = await key.forAlgorithm('RS256')
  expect(key.forAlgorithm('RS256')).toBe(imported)
  expect(await key.forAlgorithm('PS256')).not.toBe(imported)
  expect(importJwk.mock.calls).toEqual([
    [JWK, 'RS256'],
    [JWK, 'PS256'],
  ])
})

test('an import that dies with its request holds up nobody', async () => {
  importJwk.mockReturnValueOnce(new Promise(() => undefined))
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  void key.forAlgorithm('RS256')
  importJwk.mockResolvedValueOnce(KEY)
  expect(await key.forAlgorithm('RS256')).toBeTypeOf('function')
})

test('cannot be changed', () => {
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  expect(Object.isFrozen(key)).toBe(true)
})
