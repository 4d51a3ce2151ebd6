import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { resolveClaims, resolveTimes } from './options.js'

const GOOD = { audience: 'api' }
const FIX_AUDIENCE =
  "Pass this API's identifier as it stands in the token's aud, or null to accept any audience."
const FIX_LIST = 'Pass one identifier or a list of distinct ones.'

describe('resolveClaims', () => {
  test('needs an audience alone and fills in the rest', () => {
    expect(resolveClaims(GOOD, '')).toEqual({
      audience: new Set(['api']),
      clientId: undefined,
      authorizedParty: undefined,
      profile: 'jwt',
    })
  })

  test('takes lists', () => {
    const options = { audience: ['a', 'b'], clientId: ['c', 'd'], authorizedParty: 'e', profile: 'at+jwt' }
    expect(resolveClaims(options, '')).toEqual({
      audience: new Set(['a', 'b']),
      clientId: new Set(['c', 'd']),
      authorizedParty: new Set(['e']),
      profile: 'at+jwt',
    })
  })

  test.each(['jwt', 'at+jwt', 'fapi2'])('takes the profile %s', (profile) => {
    expect(resolveClaims({ ...GOOD, profile }, '')).toMatchObject({ profile })
  })

  test('takes null, spelled out, for any audience', () => {
    expect(resolveClaims({ audience: null }, '').audience).toBeUndefined()
  })

  test.each([
    [undefined, 'undefined'],
    ['', '""'],
    [[], 'an empty array'],
    [['a', ''], '["a", ""]'],
    [['a', 'a'], '["a", "a"]'],
    [['a', 5], '["a", 5]'],
    [[null], '[null]'],
    [5, '5'],
    [/api/u, 'an object'],
    [new Set(['a']), 'an object'],
  ])('refuses the audience %j', (audience, got) => {
    expect(messageOf(() => resolveClaims({ audience }, ''))).toBe(`audience: got ${got}. ${FIX_AUDIENCE}`)
  })

  test.each(['clientId', 'authorizedParty'])('refuses a wrong %s', (name) => {
    expect(messageOf(() => resolveClaims({ ...GOOD, [name]: [] }, ''))).toBe(
      `${name}: got an empty array. ${FIX_LIST}`,
    )
    expect(messageOf(() => resolveClaims({ ...GOOD, [name]: null }, ''))).toBe(
      `${name}: got null. ${FIX_LIST}`,
    )
  })

  test.each([
    ['JWT', '"JWT"'],
    ['', '""'],
    [null, 'null'],
    ['fapi', '"fapi"'],
  ])('refuses the profile %j', (profile, got) => {
    expect(messageOf(() => resolveClaims({ ...GOOD, profile }, ''))).toBe(
      `profile: got ${got}. Pass 'jwt', 'at+jwt' or 'fapi2'.`,
    )
  })

  test.each(['audience', 'clientId', 'authorizedParty', 'profile'])(
    'says where a wrong %s stands',
    (name) => {
      const error = thrownBy(() => resolveClaims({ ...GOOD, [name]: 5 }, 'issuers[1]'))
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toHaveProperty(
        'message',
        expect.stringMatching(`^issuers\\[1\\]\\.${name}: got 5\\. Pass`),
      )
    },
  )
})

describe('resolveTimes', () => {
  test('allows five seconds, and any age, by default', () => {
    expect(resolveTimes({})).toEqual({ clockTolerance: 5, maxTokenAge: Number.POSITIVE_INFINITY })
  })

  test.each([0, 0.5, 300])('takes a clockTolerance of %d', (clockTolerance) => {
    expect(resolveTimes({ clockTolerance })).toMatchObject({ clockTolerance })
  })

  test.each([-1, 301, 300.1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a clockTolerance of %d',
    (clockTolerance) => {
      expect(messageOf(() => resolveTimes({ clockTolerance }))).toBe(
        `clockTolerance: got ${clockTolerance}. Pass seconds between 0 and 300; the default is 5.`,
      )
    },
  )

  test.each([1, 3600, Number.MAX_SAFE_INTEGER])('takes a maxTokenAge of %d', (maxTokenAge) => {
    expect(resolveTimes({ maxTokenAge })).toMatchObject({ maxTokenAge })
  })

  test.each([0, 0.9, -1, Number.POSITIVE_INFINITY])('refuses a maxTokenAge of %d', (maxTokenAge) => {
    expect(messageOf(() => resolveTimes({ maxTokenAge }))).toBe(
      `maxTokenAge: got ${maxTokenAge}. Pass seconds between 1 and 9007199254740991; the default is no limit.`,
    )
  })

  test.each(['5', null, 5n])('refuses what is no number: %s', (clockTolerance) => {
    expect(() => resolveTimes({ clockTolerance })).toThrow(ConfigError)
  })
})
