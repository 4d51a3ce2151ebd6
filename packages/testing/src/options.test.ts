import { isConfigError } from '@require-jwt/core'
import { expect, test } from 'vitest'
import { createTestIssuer, type TestIssuer, type TokenOptions } from './index.js'

function createWith(options: object): Promise<TestIssuer> {
  return Reflect.apply(createTestIssuer, undefined, [options])
}

test.each<[string, object, RegExp]>([
  ['no audience', {}, /audience/],
  ['an empty audience', { audience: [] }, /audience/],
  ['an issuer that is no URL', { audience: 'a', issuer: 'issuer.test' }, /issuer.*URL/],
  ['an issuer with a query', { audience: 'a', issuer: 'https://issuer.test?x=1' }, /issuer.*URL/],
  ['an issuer beside listen', { audience: 'a', issuer: 'https://issuer.test', listen: true }, /listen/],
  ['a secret algorithm', { audience: 'a', algorithm: 'HS256' }, /HS256.*RS256/],
  ['no algorithm', { audience: 'a', algorithm: [] }, /algorithm/],
  ['a clock that is no number', { audience: 'a', now: Number.NaN }, /milliseconds/],
])('%s is a ConfigError that names the option', async (_, options, message) => {
  const error: unknown = await createWith(options).catch((e: unknown) => e)
  expect(isConfigError(error)).toBe(true)
  expect(String(error)).toMatch(message)
})

test('a token that asks for an algorithm which no key has is a ConfigError', async () => {
  const issuer = await createTestIssuer({ audience: 'a' })
  const options: TokenOptions = JSON.parse('{ "algorithm": "none" }')
  await expect(issuer.token({}, options)).rejects.toThrow(/none.*RS256/)
})
