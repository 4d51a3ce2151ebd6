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

  test('the error does not show a password', () => {
    expect(errorOf('https://user:secret@idp.example/keys')).not.toContain('secret')
  })
})

describe('a discovered URL', () => {
  const remote = new URL('https://idp.example')
  const loopback = new URL('http://127.0.0.1:3000')

  test('may be on another host, by https', () => {
    expect(readDiscoveredUrl('https://keys.example/jwks', remote)?.href).toBe('https://keys.example/jwks')
  })

  test('is http only where the issuer itself is on loopback http', () => {
    expect(readDiscoveredUrl('http://127.0.0.1:3000/jwks', remote)).toBeUndefined()
    expect(readDiscoveredUrl('http://localhost/jwks', new URL('https://localhost'))).toBeUndefined()
    expect(readDiscoveredUrl('http://127.0.0.1:3000/jwks', loopback)?.href).toBe('http://127.0.0.1:3000/jwks')
    expect(readDiscoveredUrl('http://169.254.169.254/jwks', loopback)).toBeUndefined()
  })

  test.each([undefined, null, 5, '', '/jwks', 'https://user@idp.example/jwks', 'https://idp.example/jwks#a'])(
    '%j is none',
    (url) => {
      expect(readDiscoveredUrl(url, remote)).toBeUndefined()
    },
  )
})
