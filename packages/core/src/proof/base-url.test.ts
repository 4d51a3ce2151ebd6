import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { resolveBaseUrl } from './base-url.js'

describe('resolveBaseUrl', () => {
  test('absent is absent', () => {
    expect(resolveBaseUrl(undefined, 'baseUrl')).toBeUndefined()
  })

  test.each([
    ['https://api.example', 'https://api.example', ''],
    ['https://api.example/', 'https://api.example', ''],
    ['https://api.example//', 'https://api.example', ''],
    ['HTTPS://API.example:443/', 'https://api.example', ''],
    ['https://api.example:8443', 'https://api.example:8443', ''],
    ['https://api.example/v1', 'https://api.example', '/v1'],
    ['https://api.example/v1/', 'https://api.example', '/v1'],
    ['https://api.example/a/../%7Ev1/b/./', 'https://api.example', '/~v1/b'],
    ['https://127.0.0.1/', 'https://127.0.0.1', ''],
    ['https://10.0.0.1', 'https://10.0.0.1', ''],
    ['http://localhost:3000', 'http://localhost:3000', ''],
    ['http://LOCALHOST:80/v1', 'http://localhost', '/v1'],
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000', ''],
    ['http://127.255.0.3', 'http://127.255.0.3', ''],
    ['http://[::1]:3000/v1', 'http://[::1]:3000', '/v1'],
  ])('%s is the origin %s and the path %j', (value, origin, path) => {
    const baseUrl = resolveBaseUrl(value, 'baseUrl')
    expect(baseUrl).toEqual({ origin, path })
    expect(Object.isFrozen(baseUrl)).toBe(true)
  })

  test.each([
    ['http on another host', 'http://api.example'],
    ['http on an address of a private network', 'http://10.0.0.1'],
    ['http on a name that begins like loopback', 'http://127.0.0.1.evil.example'],
    ['http on a name that ends like loopback', 'http://evil.localhost'],
    ['http on another name of loopback', 'http://127.1'],
    ['a user name', 'https://user@api.example'],
    ['a password', 'https://:password@api.example'],
    ['a query', 'https://api.example/?a'],
    ['an empty query', 'https://api.example?'],
    ['a fragment', 'https://api.example/#a'],
    ['an empty fragment', 'https://api.example#'],
    ['another scheme', 'ftp://api.example'],
    ['no scheme', 'api.example'],
    ['no host', 'https:///v1'],
    ['a path', '/v1'],
    ['an empty text', ''],
    ['a blank at its end', 'https://api.example '],
    ['a backslash', String.raw`https://api.example\v1`],
    ['a name that is not ASCII', 'https://bücher.example'],
    ['no text', 5],
    ['nothing', null],
    ['a URL object', new URL('https://api.example')],
    ['a list', ['https://api.example']],
  ])('%s is a ConfigError that names the option', (_, value) => {
    const error = thrownBy(() => resolveBaseUrl(value, 'dpop.baseUrl'))
    expect(isConfigError(error)).toBe(true)
    expect((error as Error).message).toMatch(/^dpop\.baseUrl: got .*Pass the URL/s)
  })

  test.each(['https://user:secret@api.example', 'http://user:s@secret@x', 'https://secret\n:a@api.example'])(
    'the error does not show a password: %j',
    (value) => {
      const message = messageOf(() => resolveBaseUrl(value, 'baseUrl'))
      expect(message).toContain('…@')
      expect(message).not.toContain('secret')
    },
  )
})
