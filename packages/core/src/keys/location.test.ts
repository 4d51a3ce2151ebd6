import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { checkSecretLength, resolveKeyLocation, type KeyLocation } from './location.js'

const ISSUER = 'https://login.example'
const SECRET = 'a secret of thirty-two bytes....'

function resolve(options: Readonly<Record<string, unknown>>, issuer = ISSUER): unknown {
  return resolveKeyLocation(options, issuer, 'issuers[0]')
}

describe('resolveKeyLocation', () => {
  test('means discovery where nothing else is said', () => {
    expect(resolve({})).toEqual({ kind: 'discovery' })
    expect(resolve({ jwksUri: undefined, jwks: undefined, secret: undefined })).toEqual({ kind: 'discovery' })
  })

  test('takes a JWKS URL, a JWK Set or a secret', () => {
    const keys = [{ kty: 'EC' }]
    expect(resolve({ jwksUri: 'https://login.example/keys' })).toEqual({
      kind: 'jwksUri',
      url: 'https://login.example/keys',
    })
    expect(resolve({ jwks: { keys } })).toEqual({ kind: 'jwks', jwks: { keys } })
    expect(resolve({ secret: SECRET })).toEqual({
      kind: 'secret',
      secrets: [new TextEncoder().encode(SECRET)],
    })
  })

  test('takes a list of secrets, as text or as bytes that it copies', () => {
    const bytes = new Uint8Array(32).fill(7)
    const found = resolve({ secret: [SECRET, bytes] })
    bytes.fill(0)
    expect(found).toEqual({
      kind: 'secret',
      secrets: [new TextEncoder().encode(SECRET), new Uint8Array(32).fill(7)],
    })
  })

  test('needs an issuer that can be fetched from only for discovery', () => {
    expect(() => resolve({}, 'project-live-1')).toThrow(ConfigError)
    expect(() => resolve({}, 'http://login.example')).toThrow(/issuers\[0\]\.issuer/)
    expect(resolve({}, 'http://127.0.0.1:4000')).toEqual({ kind: 'discovery' })
    expect(resolve({ jwksUri: 'https://keys.example/jwks' }, 'project-live-1')).toMatchObject({
      kind: 'jwksUri',
    })
  })

  test.each([
    [{ jwksUri: 'https://login.example/keys', secret: SECRET }, /leave out jwksUri or secret/],
    [{ jwksUri: 'https://login.example/keys', jwks: { keys: [{}] } }, /leave out jwksUri or jwks/],
    [{ jwksUri: 'http://login.example/keys' }, /issuers\[0\]\.jwksUri/],
    [{ jwksUri: 42 }, /issuers\[0\]\.jwksUri: got 42/],
    [{ jwks: { keys: [] } }, /issuers\[0\]\.jwks/],
    [{ jwks: [] }, /issuers\[0\]\.jwks/],
    [{ jwks: null }, /issuers\[0\]\.jwks/],
    [{ jwks: { keys: 'none' } }, /issuers\[0\]\.jwks/],
    [{ secret: [] }, /got "0 secrets"/],
    [{ secret: [SECRET, SECRET, SECRET, SECRET, SECRET] }, /got "5 secrets"/],
    [{ secret: 42 }, /got "number"/],
    [{ secret: '-----BEGIN PUBLIC KEY-----\nMIIB' }, /got "a PEM"/],
    [{ secret: [SECRET, '-----BEGIN RSA PUBLIC KEY-----'] }, /got "a PEM"/],
  ])('refuses %j', (options, message) => {
    expect(() => resolve(options)).toThrow(ConfigError)
    expect(() => resolve(options)).toThrow(message)
  })

  test('never shows a secret', () => {
    const secret = '-----BEGIN PUBLIC KEY-----hush'
    expect(() => resolve({ secret })).toThrow(expect.not.stringContaining('hush'))
  })
})

function location(length: number): KeyLocation {
  return resolveKeyLocation({ secret: new Uint8Array(length) }, ISSUER, '')
}

describe('checkSecretLength', () => {
  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('%s needs %i bytes', (alg, bytes) => {
    expect(() => checkSecretLength(location(bytes), new Set([alg]), '')).not.toThrow()
    expect(() => checkSecretLength(location(bytes - 1), new Set([alg]), '')).toThrow(
      `secret: got "${bytes - 1} bytes". ${alg} needs at least ${bytes}`,
    )
  })

  test('goes by the longest of the algorithms', () => {
    expect(() => checkSecretLength(location(32), new Set(['HS256', 'HS512']), 'issuers[1]')).toThrow(
      /^issuers\[1\]\.secret: .*HS512/,
    )
  })

  test('says nothing of other keys', () => {
    expect(() => checkSecretLength({ kind: 'discovery' }, new Set(['HS256']), '')).not.toThrow()
  })
})
