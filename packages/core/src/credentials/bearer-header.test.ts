import { describe, expect, test } from 'vitest'
import { viewOf } from '../tokens.test-support.js'
import { bearerHeader } from './bearer-header.js'
import { NO_TOKEN68 } from './token-source.js'

const read = bearerHeader()

function inHeader(...values: readonly string[]): unknown {
  return read(viewOf({ authorization: values, 'proxy-authorization': 'Bearer other' }))
}

const TWO_VALUES = { code: 'request_malformed', detail: 'there is more than one Authorization value' }

describe('bearerHeader', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes the scheme in any case: %s', (scheme) => {
    expect(inHeader(`${scheme} abc.def.ghi`)).toBe('abc.def.ghi')
  })

  test.each(['Bearer  abc', 'Bearer        abc'])('takes more than one space: %j', (value) => {
    expect(inHeader(value)).toBe('abc')
  })

  test.each(['a', 'AZaz09-._~+/', 'abc=', 'abc==', '+', 'Bearer'])('takes the token68 %j', (token) => {
    expect(inHeader(`Bearer ${token}`)).toBe(token)
  })

  test('finds nothing in a request without the field', () => {
    expect(inHeader()).toBeUndefined()
  })

  test.each([
    'Basic dXNlcjpwYXNz',
    'DPoP abc.def.ghi',
    'Token abc',
    'Digest username="a", realm="b", uri="/"',
    'Negotiate',
    'abc.def.ghi',
    'BearerX abc',
    'Bearer-Token abc',
    'Bearer.abc',
    'Bearer1 abc',
    'Bearer_ abc',
    'Bearer~ abc',
    'Bearer! abc',
    'Bearer# abc',
    'Bearer$ abc',
    'Bearer% abc',
    'Bearer& abc',
    "Bearer' abc",
    'Bearer* abc',
    'Bearer+ abc',
    'Bearer^ abc',
    'Bearer` abc',
    'Bearer| abc',
    'BearerZ abc',
    'NotBearer abc',
    'X Bearer abc',
    ' Bearer abc',
    '',
  ])('finds nothing under another scheme: %j', (value) => {
    expect(inHeader(value)).toBeUndefined()
  })

  test.each(['Bearer', 'bearer', 'Bearer ', 'Bearer\tabc', 'Bearer: abc', 'Bearer,abc', 'Bearer;abc'])(
    'refuses bearer credentials without a token: %j',
    (value) => {
      expect(inHeader(value)).toEqual(NO_TOKEN68)
    },
  )

  test.each([' abc', 'a b', 'abc ', '"abc"', '=', 'abc\u0000'])(
    'leaves it to the verifier to refuse what is no token68: %j',
    (token) => {
      expect(inHeader(`bearer ${token}`)).toBe(token.trimStart())
    },
  )

  test.each([
    ['Bearer a', 'Bearer a'],
    ['Bearer a', 'Bearer b'],
    ['Basic a', 'Bearer b'],
    ['Bearer a', 'Basic b'],
    ['Basic a', 'Basic b'],
    ['', 'Bearer b'],
  ])('refuses a field that is there twice: %j and %j', (...values) => {
    expect(inHeader(...values)).toEqual(TWO_VALUES)
  })

  test.each([
    'Bearer a, Bearer b',
    'Bearer a,Bearer b',
    'Bearer a ,Bearer b',
    'Bearer a==  , Bearer b',
    'Bearer a,b',
    'Bearer  a,',
    'Basic a, Bearer b',
    'Basic a==, DPoP b',
    'Basic dXNlcjpwYXNz, DPoP b',
    'Basic a,b',
    'DPoP  a, Bearer b',
    'Digest username="u", uri="/", Bearer b',
    'Digest username="u",bearer b',
    'Digest username="u", Bearer',
    'Basic dXNlcjpwYXNz, DPoP abc.def',
    'Bearer abc.def,ghi',
    'Negotiate, Bearer b',
    'Negotiate, Bearer',
    'Digest username="u",bearer',
    'Negotiate,  BEARER b',
  ])('refuses two values that were joined with a comma: %j', (value) => {
    expect(inHeader(value)).toEqual(TWO_VALUES)
  })

  test('takes its time linearly, however long the value is', () => {
    const start = performance.now()
    for (const part of [' ', ',', ', ', '=', 'a', 'a ', ', bearer', 'Bearer ', ' ,', '= ']) {
      for (const value of [
        part.repeat(60_000),
        `Bearer ${part.repeat(60_000)}`,
        `Bearer a${part.repeat(60_000)}!`,
      ])
        inHeader(value)
    }
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
