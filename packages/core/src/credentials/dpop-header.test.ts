import { describe, expect, test } from 'vitest'
import { viewOf } from '../tokens.test-support.js'
import { dpopHeader } from './dpop-header.js'
import { NO_TOKEN68 } from './token-source.js'

function inHeader(...values: readonly string[]): unknown {
  return dpopHeader(viewOf({ authorization: values, 'proxy-authorization': 'DPoP other', dpop: 'proof' }))
}

describe('dpopHeader', () => {
  test.each(['DPoP', 'dpop', 'DPOP'])('gives the token with the one name of its scheme: %s', (scheme) => {
    expect(inHeader(`${scheme} abc.def.ghi`)).toEqual({ scheme: 'DPoP', token: 'abc.def.ghi' })
  })

  test('leaves it to the verifier to refuse what is no token68', () => {
    expect(inHeader('DPoP a b')).toEqual({ scheme: 'DPoP', token: 'a b' })
  })

  test('reads the field Authorization alone: a proof is no token', () => {
    expect(inHeader()).toBeUndefined()
  })

  test.each(['Bearer abc.def.ghi', 'Basic dXNlcjpwYXNz', 'DPoP-Token abc'])(
    'finds nothing under another scheme: %s',
    (value) => {
      expect(inHeader(value)).toBeUndefined()
    },
  )

  test('refuses what the reader of the field refuses', () => {
    expect(inHeader('DPoP')).toEqual(NO_TOKEN68)
    expect(inHeader('DPoP a', 'Bearer b')).toMatchObject({ code: 'request_malformed' })
    expect(inHeader('DPoP a, Bearer b')).toMatchObject({ code: 'request_malformed' })
  })
})
