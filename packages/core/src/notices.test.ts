import { describe, expect, test } from 'vitest'
import { noticesOf } from './notices.js'
import { resolveOptions } from './options.js'
import { AUDIENCE, ISSUER, SECRET } from './tokens.test-support.js'

const ANY_AUDIENCE =
  'audience: null without clientId or authorizedParty: tokens made for any other API are accepted'
const OVER_HTTP = 'keys are fetched over http from a loopback host: for development only'

function noticed(options: object): unknown {
  return noticesOf(resolveOptions({ issuer: ISSUER, audience: AUDIENCE, ...options }))
}

function notice(detail: string, issuer = ISSUER): object {
  return { type: 'config.notice', issuer, detail }
}

function general(detail: string): object {
  return { type: 'config.notice', issuer: undefined, detail }
}

describe('noticesOf', () => {
  test('has nothing to say of careful options', () => {
    expect(noticed({})).toEqual([])
    expect(noticed({ jwksUri: 'https://login.example/jwks' })).toEqual([])
  })

  test('mentions that tokens for any API are accepted', () => {
    expect(noticed({ audience: null })).toEqual([notice(ANY_AUDIENCE)])
    expect(noticed({ audience: null, clientId: 'app' })).toEqual([])
    expect(noticed({ audience: null, authorizedParty: 'app' })).toEqual([])
  })

  test('mentions keys that come over http', () => {
    const local = 'http://127.0.0.1:8080'
    expect(noticed({ issuer: local })).toEqual([notice(OVER_HTTP, local)])
    expect(noticed({ jwksUri: 'http://localhost/jwks' })).toEqual([notice(OVER_HTTP)])
    expect(noticed({ issuer: local, jwksUri: 'https://login.example/jwks' })).toEqual([])
    expect(noticed({ issuer: local, secret: SECRET })).toEqual([])
    expect(noticed({ issuer: local, jwks: { keys: [{}] } })).toEqual([])
  })

  test('says of each issuer what is to be said of it', () => {
    const issuers = [
      { issuer: ISSUER, audience: null },
      { issuer: 'http://localhost', audience: null },
    ]
    expect(noticesOf(resolveOptions({ issuers }))).toEqual([
      notice(ANY_AUDIENCE),
      notice(ANY_AUDIENCE, 'http://localhost'),
      notice(OVER_HTTP, 'http://localhost'),
    ])
  })

  describe('of tenants', () => {
    const allow = ['https://login.acme.example']

    function noticedOf(tenants: object): unknown {
      return noticesOf(resolveOptions({ tenants: { allow, audience: AUDIENCE, ...tenants } }))
    }

    test('has nothing to say of careful options', () => {
      expect(noticedOf({})).toEqual([])
      expect(noticedOf({ allow: () => true, resolveHost: () => Promise.resolve([]) })).toEqual([])
    })

    test('mentions that names are not looked up where a function chooses them', () => {
      const inside =
        'tenants.allow is a function and there is no tenants.resolveHost: names may resolve to addresses ' +
        'inside your network'
      expect(noticedOf({ allow: () => true })).toEqual([general(inside)])
    })

    test('mentions any audience and http as it does of issuers', () => {
      expect(noticedOf({ audience: null })).toEqual([general(`tenants: ${ANY_AUDIENCE}`)])
      expect(noticedOf({ audience: null, clientId: 'app' })).toEqual([])
      expect(noticedOf({ allow: ['http://localhost:8080'] })).toEqual([general(`tenants: ${OVER_HTTP}`)])
    })
  })
})
