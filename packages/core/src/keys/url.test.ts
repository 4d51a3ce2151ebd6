import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { checkKeysUrl, readDiscoveredUrl } from './url.js'

function errorOf(url: string): string | undefined {
  try {
    checkKeysUrl(url, 'jwksUri')
    return undefined
  } catch (error) {
    return isConfigError(error) ? error.message : undefined
  }
}

describe('a configured URL', () => {
  test.each([
    'https://idp.example/keys',
    'https://idp.example/keys?v=2',
    'https://127.0.0.1/keys',
    'http://localhost:8080/keys',
    'http://LOCALHOST/keys',
    'http://127.0.0.1:8080/keys',
    'http://127.255.0.3/keys',
    'http://[::1]:8080/keys',
  ])('%s is fetched from', (url) => {
    expect(checkKeysUrl(url, 'jwksUri').href).toBe(new URL(url).href)
  })

  test.each([
    ['http on another host', 'http://idp.example/keys'],
    ['http on an address of a private network', 'http://10.0.0.1/keys'],
    ['http on a name that begins like loopback', 'http://127.0.0.1.evil.example/keys'],
    ['http on a name that ends like loopback', 'http://evil.localhost/keys'],
    ['http on all interfaces', 'http://0.0.0.0/keys'],
    ['a fragment', 'https://idp.example/keys#a'],
    ['an empty fragment', 'https://idp.example/keys#'],
    ['a user name', 'https://user@idp.example/keys'],
    ['a password', 'https://:password@idp.example/keys'],
    ['another scheme', 'ftp://idp.example/keys'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{}'],
    ['no URL', 'idp.example/keys'],
  ])('%s is a ConfigError that names the option', (_, url) => {
    expect(errorOf(url)).toContain('jwksUri: got')
  })

  test.each([
    'https://user:secret@idp.example/keys',
    'https://user:secret@idp example/keys',
    'user:s@secret@x',
  ])('the error does not show a password: %s', (url) => {
    const error = errorOf(url)
    expect(error).toContain('jwksUri: got')
    expect(error).not.toContain('secret')
  })
})

describe('a discovered URL', () => {
  const remote = new URL('https://idp.example')
  const loopback = new URL('http://127.0.0.1:3000')
  const read = (text: unknown, issuer = remote, origins?: readonly string[]): string | undefined =>
    readDiscoveredUrl(text, issuer, origins)?.href

  test('may be on another host, by https', () => {
    expect(read('https://keys.example/jwks')).toBe('https://keys.example/jwks')
  })

  test('is http only where the issuer itself is on loopback http', () => {
    expect(read('http://127.0.0.1:3000/jwks')).toBeUndefined()
    expect(read('http://localhost/jwks', new URL('https://localhost'))).toBeUndefined()
    expect(read('http://127.0.0.1:3000/jwks', loopback)).toBe('http://127.0.0.1:3000/jwks')
    expect(read('http://169.254.169.254/jwks', loopback)).toBeUndefined()
  })

  test.each([undefined, null, 5, '', '/jwks', 'https://user@idp.example/jwks', 'https://idp.example/jwks#a'])(
    '%j is none',
    (url) => {
      expect(read(url)).toBeUndefined()
    },
  )

  describe('with a list of origins', () => {
    const origins = ['https://keys.example']

    test.each([
      'https://idp.example/jwks',
      'https://IDP.example:443/tenant/../jwks',
      'https://keys.example/jwks',
    ])("may be on the issuer's own or on one of them: %s", (url) => {
      expect(read(url, remote, origins)).toBe(new URL(url).href)
    })

    test.each([
      ['another host', 'https://attacker.example/jwks'],
      ['a host below', 'https://a.idp.example/jwks'],
      ['a host above', 'https://example/jwks'],
      ['a host that begins alike', 'https://idp.example.attacker.example/jwks'],
      ['the host with a dot at the end', 'https://idp.example./jwks'],
      ['another port', 'https://idp.example:8443/jwks'],
      ['an address inside', 'https://169.254.169.254/jwks'],
      ['the host as a user name', 'https://idp.example@attacker.example/jwks'],
      ['a backslash before the host', 'https://attacker.example\\@idp.example/jwks'],
      ['http', 'http://keys.example/jwks'],
    ])('is none on %s', (_, url) => {
      expect(read(url, remote, origins)).toBeUndefined()
    })

    test('an empty list leaves the own origin, also on loopback http', () => {
      expect(read('http://127.0.0.1:3000/jwks', loopback, [])).toBe('http://127.0.0.1:3000/jwks')
      expect(read('http://127.0.0.1:3001/jwks', loopback, [])).toBeUndefined()
      expect(read('https://keys.example/jwks', remote, [])).toBeUndefined()
    })
  })
})
