import { describe, expect, test } from 'vitest'
import { viewOf } from '../tokens.test-support.js'
import { bearerHeader } from './bearer-header.js'
import { NO_TOKEN68 } from './token-source.js'

const read = bearerHeader()

function inHeader(...values: readonly string[]): unknown {
  return read(viewOf({ authorization: values, 'proxy-authorization': 'Bearer other', dpop: 'proof' }))
}

describe('bearerHeader', () => {
  test('gives the token of the field Authorization alone, without a scheme: it is a bearer token', () => {
    expect(inHeader('Bearer abc.def.ghi')).toBe('abc.def.ghi')
    expect(inHeader()).toBeUndefined()
  })

  test.each(['DPoP abc.def.ghi', 'Basic dXNlcjpwYXNz'])('finds nothing under another scheme: %s', (value) => {
    expect(inHeader(value)).toBeUndefined()
  })

  test('refuses what the reader of the field refuses', () => {
    expect(inHeader('Bearer')).toEqual(NO_TOKEN68)
    expect(inHeader('Bearer a', 'DPoP b')).toMatchObject({ code: 'request_malformed' })
    expect(inHeader('Bearer a, DPoP b')).toMatchObject({ code: 'request_malformed' })
  })
})
