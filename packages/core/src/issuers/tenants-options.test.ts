import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../options.js'
import { AUDIENCE, ISSUER, messageOf, OPTIONS } from '../tokens.test-support.js'

const ACME = 'https://login.acme.example'

function settingsOf(tenants: object, more: object = {}): ReturnType<typeof resolveOptions> {
  return resolveOptions({ tenants: { allow: [ACME], audience: AUDIENCE, ...tenants }, ...more })
}

function errorOf(tenants: object, more: object = {}): string {
  return messageOf(() => settingsOf(tenants, more))
}

describe('the option tenants', () => {
  test('stands alone, or beside issuers', () => {
    expect(settingsOf({}).issuers).toEqual([])
    expect(settingsOf({}).tenants).toMatchObject({ looksUp: false, claims: { profile: 'jwt' } })
    const { now, ...issuer } = OPTIONS
    expect(settingsOf({}, { now, issuers: [issuer] })).toMatchObject({ issuers: [{ issuer: ISSUER }] })
    expect(resolveOptions(OPTIONS).tenants).toBeUndefined()
  })

  test('does not stand beside issuer or audience', () => {
    expect(errorOf({}, { issuer: ISSUER })).toBe('issuer: there is no such option. Did you mean issuers?')
    expect(errorOf({}, { audience: AUDIENCE })).toMatch(/^audience: there is no such option/)
  })

  test.each([undefined, null, true, {}, ACME, [], [''], [5], [ACME, ACME]])(
    'demands allow, and says why: got %j',
    (allow) => {
      expect(errorOf({ allow })).toMatch(
        /^tenants\.allow: got .+\. It is mandatory: without it any token could make this server fetch from any host/,
      )
    },
  )

  test.each(['login.acme.example', 'http://login.acme.example', 'https://a:b@login.acme.example', 'urn:a'])(
    'refuses %s in the list: keys cannot be fetched from it',
    (name) => {
      expect(errorOf({ allow: [ACME, name] })).toMatch(/^tenants\.allow\[1\]: got /)
    },
  )

  test('takes the list at its word: a host inside, and http on loopback', () => {
    const allow = ['https://idp.internal', 'https://10.0.0.1', 'https://idp', 'http://localhost:8080']
    expect(settingsOf({ allow }).tenants?.allow).toEqual(new Map(allow.map((name) => [name, name])))
  })

  test.each([undefined, '', []])('demands an audience: got %j', (audience) => {
    expect(errorOf({ audience })).toMatch(/^tenants\.audience: got /)
  })

  test.each([
    ['https://keys.example', 'got "https://keys.example"'],
    [[], 'got an empty array'],
    [['https://keys.example/'], 'got "https://keys.example/"'],
    [['https://keys.example/jwks'], 'got "https://keys.example/jwks"'],
    [['https://KEYS.example'], 'got "https://KEYS.example"'],
    [['https://keys.example:443'], 'got "https://keys.example:443"'],
    [['http://keys.example'], 'got http://keys.example'],
    [['keys.example'], 'got "keys.example"'],
  ])('takes origins only for jwksOrigins: %j', (jwksOrigins, got) => {
    expect(errorOf({ jwksOrigins })).toMatch(/^tenants\.jwksOrigins(?:\[0\])?: got /)
    expect(errorOf({ jwksOrigins })).toContain(got)
  })

  test('takes a function only for resolveHost', () => {
    expect(errorOf({ resolveHost: true })).toMatch(/^tenants\.resolveHost: got true\. Pass a function/)
    expect(settingsOf({ resolveHost: () => Promise.resolve([]) }).tenants?.looksUp).toBe(true)
  })

  test.each(['issuer', 'jwksUri', 'jwks', 'secret', 'claims', 'allowed'])('knows no %s', (name) => {
    expect(errorOf({ [name]: 1 })).toMatch(new RegExp(`^tenants\\.${name}: there is no such option`))
  })

  test.each([
    ['algorithms', ['HS256']],
    ['profile', 'strict'],
    ['clientId', 5],
    ['scopesClaim', 5],
    ['keySet', { ttlMs: 5 }],
  ])('checks %s, and names where it stands', (name, value) => {
    expect(errorOf({ [name]: value })).toMatch(new RegExp(`^tenants\\.${name}`))
  })
})
