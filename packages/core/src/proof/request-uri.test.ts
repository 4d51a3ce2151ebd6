import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeUri, requestUri } from './request-uri.js'

describe('normalizeUri', () => {
  test.each([
    ['a scheme and a host in any case', 'HTTPS://API.Example/a', 'https://api.example/a'],
    ['the default port of https', 'https://api.example:443/a', 'https://api.example/a'],
    ['the default port of http', 'http://api.example:80/a', 'http://api.example/a'],
    ['an empty port', 'https://api.example:/a', 'https://api.example/a'],
    ['an empty path', 'https://api.example', 'https://api.example/'],
    ['an empty path behind a port', 'https://api.example:8443', 'https://api.example:8443/'],
    ['an escaped tilde', 'https://api.example/%7Ea', 'https://api.example/~a'],
    ['an escaped tilde in lower case', 'https://api.example/%7ea', 'https://api.example/~a'],
    ['escaped letters and digits', 'https://api.example/%61%5A%30%2D%5f', 'https://api.example/aZ0-_'],
    ['an escape in lower case', 'https://api.example/%c3%a9%2f', 'https://api.example/%C3%A9%2F'],
    ['a dot segment', 'https://api.example/a/./b', 'https://api.example/a/b'],
    ['a segment of two dots', 'https://api.example/a/../b', 'https://api.example/b'],
    ['dots that are escaped', 'https://api.example/a/%2E%2e/b', 'https://api.example/b'],
    ['dots at the end', 'https://api.example/a/b/..', 'https://api.example/a/'],
    ['a dot at the end', 'https://api.example/a/.', 'https://api.example/a/'],
    ['dots above the root', 'https://api.example/../../a', 'https://api.example/a'],
    ['dots behind an empty segment', 'https://api.example/a//../b', 'https://api.example/a/b'],
    ['an IPv6 address', 'https://[2001:DB8::1]:8443/a', 'https://[2001:db8::1]:8443/a'],
  ])('%s becomes one', (_, text, normal) => {
    expect(normalizeUri(text)).toBe(normal)
  })

  test.each([
    'https://api.example/',
    'https://api.example:80/a',
    'http://api.example:443/a',
    'http://localhost:3000/a',
    'https://a_b.example/a',
    'https://xn--bcher-kva.example/',
    "https://api.example/-._~!$&'()*+,;=:@[]|/A9",
    'https://api.example/...',
    'https://api.example/.a/b..',
    'https://api.example/%257E',
    'https://api.example/%00%5C%3F',
  ])('%s is normal', (text) => {
    expect(normalizeUri(text)).toBe(text)
  })

  test.each([
    ['a slash at the end', 'https://api.example/a', 'https://api.example/a/'],
    ['a slash more', 'https://api.example/a/b', 'https://api.example/a//b'],
    ['a slash more in front', 'https://api.example/a', 'https://api.example//a'],
    ['an escaped slash', 'https://api.example/a/b', 'https://api.example/a%2Fb'],
    ['the case of the path', 'https://api.example/a', 'https://api.example/A'],
    ['an escape of a reserved character', 'https://api.example/a:b', 'https://api.example/a%3Ab'],
    ['an escape of a bracket', 'https://api.example/[a]', 'https://api.example/%5Ba%5D'],
    ['an escape that is escaped', 'https://api.example/~', 'https://api.example/%257E'],
    ['the scheme', 'https://api.example/a', 'http://api.example/a'],
    ['the port', 'https://api.example/a', 'https://api.example:80/a'],
    ['a dot behind the host', 'https://api.example/a', 'https://api.example./a'],
  ])('%s makes another URI', (_, one, other) => {
    expect(normalizeUri(one)).toBeDefined()
    expect(normalizeUri(other)).toBeDefined()
    expect(normalizeUri(one)).not.toBe(normalizeUri(other))
  })

  test.each([
    ['a query', 'https://api.example/a?b=c'],
    ['an empty query', 'https://api.example/a?'],
    ['a query without a path', 'https://api.example?b'],
    ['a fragment', 'https://api.example/a#b'],
    ['an empty fragment', 'https://api.example/a#'],
    ['a user name', 'https://user@api.example/a'],
    ['an empty user name', 'https://@api.example/a'],
    ['a password', 'https://user:password@api.example/a'],
    ['another scheme', 'ftp://api.example/a'],
    ['a scheme of sockets', 'wss://api.example/a'],
    ['no scheme', '//api.example/a'],
    ['no origin', '/a'],
    ['nothing', ''],
    ['no host', 'https:///a'],
    ['only a port', 'https://:443/a'],
    ['one slash', 'https:/api.example/a'],
    ['no slash', 'https:api.example/a'],
    ['three slashes', 'https:///api.example/a'],
    ['a backslash in the path', String.raw`https://api.example/a\b`],
    ['a backslash behind the host', String.raw`https://api.example\a`],
    ['backslashes before the host', String.raw`https:\\api.example/a`],
    ['a blank in front', ' https://api.example/a'],
    ['a blank at the end', 'https://api.example/a '],
    ['a blank in the path', 'https://api.example/a b'],
    ['a tab in the path', 'https://api.example/a\tb'],
    ['a tab in the host', 'https://api.\texample/a'],
    ['a line end', 'https://api.example/a\n'],
    ['a line end in the scheme', 'ht\ntps://api.example/a'],
    ['a NUL', 'https://api.example/a\0'],
    ['a DEL', 'https://api.example/a\u007F'],
    ['a letter that is not ASCII in the path', 'https://api.example/é'],
    ['a letter that is not ASCII in the host', 'https://bücher.example/a'],
    ['a host that only looks like ASCII', 'https://ａpi.example/a'],
    ['a letter that folds to ASCII', 'https://api.example/\u212A\u017F'],
    ['an escape in the host', 'https://%61pi.example/a'],
    ['an address in short', 'https://127.1/a'],
    ['an address in hexadecimal', 'https://0x7f000001/a'],
    ['a number that is no address', 'https://1.2.3.4.5/a'],
    ['an IPv6 address with zeros', 'https://[0:0:0:0:0:0:0:1]/a'],
    ['no IPv6 address', 'https://[1::2::3]/a'],
    ['a name that is no punycode', 'https://xn--a/a'],
    ['a port with a zero', 'https://api.example:0443/a'],
    ['a port that is none', 'https://api.example:65536/a'],
    ['a port with a letter', 'https://api.example:4a/a'],
    ['an escape without digits', 'https://api.example/%'],
    ['an escape with one digit', 'https://api.example/%4'],
    ['an escape with a letter that is no digit', 'https://api.example/%4g'],
    ['a quote', 'https://api.example/"a"'],
    ['braces', 'https://api.example/{a}'],
    ['angle brackets', 'https://api.example/<a>'],
    ['a caret', 'https://api.example/^a'],
    ['a grave accent', 'https://api.example/`a'],
  ])('refuses %s, which is not repaired', (_, text) => {
    expect(normalizeUri(text)).toBeUndefined()
  })

  const uri = fc
    .array(fc.constantFrom('a', 'B', '/', '/', '.', '..', '%2e', '%2F', '%c3', '%7e', '~'), { maxLength: 10 })
    .map((parts) => `https://api.example/${parts.join('')}`)

  test('what it gives is normal, and dots lead where URL says that they lead', () => {
    fc.assert(
      fc.property(uri, (given) => {
        const normal = normalizeUri(given) ?? ''
        expect(normalizeUri(normal)).toBe(normal)
        const escaped = new URL(given).href.replaceAll(/%../g, (escape) => escape.toUpperCase())
        expect(normal).toBe(escaped.replaceAll('%7E', '~').replaceAll('%2E', '.'))
      }),
      { numRuns: 1000, seed: 1 },
    )
  })

  test('a long path takes no longer than its length', () => {
    const long = `https://api.example${'/a/..'.repeat(20_000)}/%7E`
    expect(normalizeUri(long)).toBe('https://api.example/~')
  })
})

describe('requestUri', () => {
  const ROOT = { origin: 'https://api.example', path: '' }
  const MOUNTED = { origin: 'https://api.example', path: '/v1' }

  test.each([
    ['/', 'https://api.example/'],
    ['/orders', 'https://api.example/orders'],
    ['/orders/', 'https://api.example/orders/'],
    ['/orders?page=2', 'https://api.example/orders'],
    ['/orders?next=https://evil.example/x#y', 'https://api.example/orders'],
    ['/orders#a?b', 'https://api.example/orders'],
    ['/?a', 'https://api.example/'],
    ['/a/../%7eb', 'https://api.example/~b'],
    ['//evil.example/a', 'https://api.example//evil.example/a'],
    ['/http://evil.example/a', 'https://api.example/http://evil.example/a'],
    ['*', 'https://api.example/'],
  ])('of %s, as Node gives it, is %s', (url, uri) => {
    expect(requestUri(url, ROOT)).toBe(uri)
  })

  test.each([
    ['http://evil.example/orders?page=2', 'https://api.example/orders'],
    ['https://api.example:8443/orders', 'https://api.example/orders'],
    ['HTTP://10.0.0.1:3000/a//b/', 'https://api.example/a//b/'],
    ['http://user:password@evil.example/orders', 'https://api.example/orders'],
    ['http://[::1]:3000/orders', 'https://api.example/orders'],
    ['http://ho!st/orders', 'https://api.example/orders'],
    ['http://evil.example', 'https://api.example/'],
    ['http://evil.example?a', 'https://api.example/'],
    ['http://evil.example/#a', 'https://api.example/'],
  ])('of the whole URL %s never has its origin: %s', (url, uri) => {
    expect(requestUri(url, ROOT)).toBe(uri)
  })

  test.each([
    ['/orders', 'https://api.example/v1/orders'],
    ['http://evil.example/orders', 'https://api.example/v1/orders'],
    ['/', 'https://api.example/v1/'],
    ['*', 'https://api.example/v1'],
    ['/../../orders', 'https://api.example/v1/orders'],
    ['/%2e%2E/orders', 'https://api.example/v1/orders'],
    ['/..', 'https://api.example/v1/'],
  ])('of %s is below the path of the base URL, and nothing climbs out: %s', (url, uri) => {
    expect(requestUri(url, MOUNTED)).toBe(uri)
  })

  test.each([
    '',
    '?a',
    'orders',
    'evil.example:443',
    '**',
    'ftp://evil.example/a',
    'http:/orders',
    'http:///orders',
    'http:orders',
    String.raw`http://evil.example\orders`,
    String.raw`/\evil.example/a`,
    String.raw`/a\b`,
    'http://evil.example\t/orders',
    ' /orders',
    '/orders ',
    '/a\tb',
    '/é',
    '/%',
    '/%zz',
  ])('of %j is none', (url) => {
    expect(requestUri(url, ROOT)).toBeUndefined()
  })
})
