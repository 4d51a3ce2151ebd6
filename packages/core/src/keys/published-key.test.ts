import { expect, test, vi } from 'vitest'
import { publishedKey, type PublicJwk } from './published-key.js'

const importJwk = vi.hoisted(() => vi.fn<(jwk: object, alg: string) => Promise<Uint8Array>>())
vi.mock('jose/key/import', () => ({ importJWK: importJwk }))

const JWK: PublicJwk = { kty: 'RSA', n: 'AAAA', e: 'AQAB' }

test('imports once for each algorithm, then answers without a promise', async () => {
  importJwk.mockImplementation(async (_, alg) => new TextEncoder().encode(alg))
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  expect(importJwk).not.toHaveBeenCalled()
  const first = key.forAlgorithm('RS256')
  expect(key.forAlgorithm('RS256')).toBe(first)
  const imported = await first
  expect(key.forAlgorithm('RS256')).toBe(imported)
  expect(await key.forAlgorithm('PS256')).not.toBe(imported)
  expect(importJwk.mock.calls).toEqual([
    [JWK, 'RS256'],
    [JWK, 'PS256'],
  ])
})

test('cannot be changed', () => {
  const key = publishedKey({ jwk: JWK, kid: 'a', alg: undefined, thumbprint: 't' })
  expect(Object.isFrozen(key)).toBe(true)
})
