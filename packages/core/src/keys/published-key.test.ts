import { expect, test, vi } from 'vitest'
import { publishedKey, type PublicJwk } from './published-key.js'

const importJwk = vi.hoisted(() => vi.fn<(jwk: object, alg: string) => Promise<Uint8Array>>())
vi.mock('jose/key/import', () => ({ importJWK: importJwk }))

const JWK: PublicJwk = { kty: 'RSA', n: 'AAAA', e: 'AQAB' }

test('imports when an algorithm is first asked for, then answers without a promise', async () => {
  importJwk.mockImplementation(async (_, alg) => new TextEncoder().encode(alg))
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
  importJwk.mockResolvedValueOnce(new Uint8Array())
  expect(await key.forAlgorithm('RS256')).toBeInstanceOf(Uint8Array)
})

test('cannot be changed', () => {
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  expect(Object.isFrozen(key)).toBe(true)
})
