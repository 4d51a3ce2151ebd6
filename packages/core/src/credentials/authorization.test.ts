import { describe, expect, test } from 'vitest'
import { authorization } from './authorization.js'
import { NO_TOKEN68 } from './token-source.js'

const TWO_VALUES = { code: 'request_malformed', detail: 'there is more than one Authorization value' }

describe.each([
  ['Bearer', 'DPoP', ['bearer', 'BEARER', 'bEaReR']],
  ['DPoP', 'Bearer', ['dpop', 'DPOP', 'dPoP', 'Dpop']],
] as const)('authorization(%j)', (scheme, other, spellings) => {
  const reader = authorization(scheme)
  const read = (...values: readonly string[]): unknown => reader(values)

  test.each([scheme, ...spellings])('takes the scheme in any case: %s', (spelling) => {
    expect(read(`${spelling} abc.def.ghi`)).toBe('abc.def.ghi')
  })

  test.each([`${scheme}  abc`, `${scheme}        abc`])('takes more than one space: %j', (value) => {
    expect(read(value)).toBe('abc')
  })

  test.each(['a', 'AZaz09-._~+/', 'abc=', 'abc==', '+', scheme, other])('takes the token68 %j', (token) => {
    expect(read(`${scheme} ${token}`)).toBe(token)
  })

  test('finds nothing in a request without the field', () => {
    expect(read()).toBeUndefined()
  })

  test.each([
    'Basic dXNlcjpwYXNz',
    `${other} abc.def.ghi`,
    `${other} ${scheme}`,
    `${other} ${scheme} abc`,
    other,
    'Token abc',
    'Digest username="a", realm="b", uri="/"',
    'Digest username="a", dpop="b"',
    'Digest username="a", bearer="b"',
    'Negotiate',
    'abc.def.ghi',
    `${scheme}X abc`,
    `${scheme}-Token abc`,
    `${scheme}.abc`,
    `${scheme}1 abc`,
    `${scheme}_ abc`,
    `${scheme}~ abc`,
    `${scheme}! abc`,
    `${scheme}# abc`,
    `${scheme}$ abc`,
    `${scheme}% abc`,
    `${scheme}& abc`,
    `${scheme}' abc`,
    `${scheme}* abc`,
    `${scheme}+ abc`,
    `${scheme}^ abc`,
    `${scheme}\` abc`,
    `${scheme}| abc`,
    `${scheme}Z abc`,
    `${scheme}z abc`,
    `Not${scheme} abc`,
    `X ${scheme} abc`,
    ` ${scheme} abc`,
    '',
  ])('finds nothing under another scheme: %j', (value) => {
    expect(read(value)).toBeUndefined()
  })

  test.each([
    scheme,
    ...spellings,
    `${scheme} `,
    `${scheme}    `,
    `${scheme}\tabc`,
    `${scheme}: abc`,
    `${scheme},abc`,
    `${scheme};abc`,
    `${scheme}=abc`,
    `${scheme}"abc"`,
    `${scheme}/abc`,
  ])('refuses credentials without a token: %j', (value) => {
    expect(read(value)).toEqual(NO_TOKEN68)
  })

  test.each([' abc', 'a b', 'abc ', '"abc"', '=', 'abc\u0000'])(
    'leaves it to the verifier to refuse what is no token68: %j',
    (token) => {
      for (const spelling of [scheme, ...spellings])
        expect(read(`${spelling} ${token}`)).toBe(token.trimStart())
    },
  )

  test.each([
    [`${scheme} a`, `${scheme} a`],
    [`${scheme} a`, `${scheme} b`],
    [`${scheme} a`, `${other} a`],
    [`${other} a`, `${scheme} b`],
    [`${other} a`, `${other} b`],
    ['Basic a', `${scheme} b`],
    [`${scheme} a`, 'Basic b'],
    ['Basic a', 'Basic b'],
    ['', `${scheme} b`],
  ])('refuses a field that is there twice: %j and %j', (...values) => {
    expect(read(...values)).toEqual(TWO_VALUES)
  })

  test.each([
    `${scheme} a, ${scheme} b`,
    `${scheme} a,${scheme} b`,
    `${scheme} a ,${scheme} b`,
    `${scheme} a==  , ${scheme} b`,
    `${scheme} a,b`,
    `${scheme}  a,`,
    `${scheme} a, ${other} b`,
    `${other} a, ${scheme} b`,
    `${other}  a, ${scheme} b`,
    `${other} a,b`,
    `Basic a, ${scheme} b`,
    `Basic a==, ${scheme} b`,
    `Basic dXNlcjpwYXNz, ${scheme} b`,
    'Basic a,b',
    `Digest username="u", uri="/", ${scheme} b`,
    `Digest username="u",${scheme.toLowerCase()} b`,
    `Digest username="u", ${scheme}`,
    `Digest username="u",${scheme.toLowerCase()}`,
    `Basic dXNlcjpwYXNz, ${scheme} abc.def`,
    `${scheme} abc.def,ghi`,
    `Basic a==, ${other} b`,
    `Digest username="u", ${other}`,
    `Negotiate, ${other} b`,
    `Negotiate, ${scheme} b`,
    `Negotiate, ${scheme}`,
    `Negotiate,  ${scheme.toUpperCase()} b`,
  ])('refuses two values that were joined with a comma: %j', (value) => {
    expect(read(value)).toEqual(TWO_VALUES)
  })

  test('takes its time linearly, however long the value is', () => {
    const start = performance.now()
    for (const part of [' ', ',', ', ', '=', 'a', 'a ', ', bearer', ', dpop', `${scheme} `, ' ,', '= ']) {
      for (const value of [
        part.repeat(60_000),
        `${scheme} ${part.repeat(60_000)}`,
        `${scheme} a${part.repeat(60_000)}!`,
      ])
        read(value)
    }
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
