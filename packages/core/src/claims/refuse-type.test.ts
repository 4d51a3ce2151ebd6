import { describe, expect, test } from 'vitest'
import { unverified, type Changes } from '../tokens.test-support.js'
import type { Profile } from './options.js'
import { refuseType } from './refuse-type.js'

function refusal(profile: Profile, header: Changes, claims: Changes = {}): unknown {
  return refuseType(unverified(claims, header), profile)
}

const NOT_AT_JWT = {
  code: 'type_rejected',
  detail: 'typ is not at+jwt, which the profile at+jwt demands',
}
const OTHER_KIND = { code: 'type_rejected', detail: 'typ is neither absent, JWT nor at+jwt' }

const AT_JWT = ['at+jwt', 'AT+JWT', 'at+JWT', 'application/at+jwt', 'Application/At+Jwt']
const PLAIN = ['JWT', 'jwt', 'Jwt', 'application/jwt', 'APPLICATION/JWT']
const OTHERS = [
  'logout+jwt',
  'secevent+jwt',
  'dpop+jwt',
  'txntoken+jwt',
  'wit+jwt',
  'oauth-id-jag+jwt',
  'statuslist+jwt',
  'token-introspection+jwt',
  'kb+jwt',
  'JOSE',
  'at+jwt;v=1',
  'at+jwt ',
  ' at+jwt',
  'at',
  '+jwt',
  'x/at+jwt',
  'application/application/at+jwt',
  'application/application/jwt',
  'application/',
  'text/jwt',
  '',
  5,
  null,
  true,
  ['JWT'],
  ['at+jwt'],
  {},
]

describe('refuseType', () => {
  test.each(AT_JWT)('takes %j in both profiles', (typ) => {
    expect(refusal('jwt', { typ })).toBeUndefined()
    expect(refusal('at+jwt', { typ })).toBeUndefined()
  })

  test.each(PLAIN)('takes %j only in the profile jwt', (typ) => {
    expect(refusal('jwt', { typ })).toBeUndefined()
    expect(refusal('at+jwt', { typ })).toEqual(NOT_AT_JWT)
  })

  test('takes an absent typ only in the profile jwt', () => {
    expect(refusal('jwt', {})).toBeUndefined()
    expect(refusal('at+jwt', {})).toEqual(NOT_AT_JWT)
  })

  test.each(OTHERS)('takes %j in no profile: it is another kind of token', (typ) => {
    expect(refusal('jwt', { typ })).toEqual(OTHER_KIND)
    expect(refusal('at+jwt', { typ })).toEqual(NOT_AT_JWT)
  })

  test.each(['at_hash', 'c_hash'])('refuses an ID token by its %s', (name) => {
    const refused = {
      code: 'type_rejected',
      detail: 'the claims are those of an ID token: at_hash or c_hash',
    }
    expect(refusal('jwt', {}, { [name]: 'x' })).toEqual(refused)
    expect(refusal('jwt', { typ: 'JWT' }, { [name]: null })).toEqual(refused)
  })

  test('tells the operator of a nonce beside it', () => {
    expect(refusal('jwt', {}, { at_hash: 'x', nonce: 'n' })).toEqual({
      code: 'type_rejected',
      detail: 'the claims are those of an ID token: at_hash or c_hash and nonce',
    })
  })

  test('takes a nonce alone for no evidence', () => {
    expect(refusal('jwt', {}, { nonce: 'n' })).toBeUndefined()
  })

  test('believes a typ of at+jwt over the claims', () => {
    expect(refusal('jwt', { typ: 'at+jwt' }, { at_hash: 'x' })).toBeUndefined()
  })
})
