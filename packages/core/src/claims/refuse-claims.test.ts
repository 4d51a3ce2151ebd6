import { describe, expect, test } from 'vitest'
import type { Refusal } from '../refusal.js'
import { AUDIENCE, claimsOf, NOW, type Changes } from '../tokens.test-support.js'
import type { ClaimsRules, TimeRules } from './options.js'
import { readClientId, refuseClaims, refuseTimes } from './refuse-claims.js'

const RULES: ClaimsRules = {
  audience: new Set([AUDIENCE]),
  clientId: undefined,
  authorizedParty: undefined,
  profile: 'jwt',
}
const EXACT: TimeRules = { clockTolerance: 0, maxTokenAge: Number.POSITIVE_INFINITY }
const AT_JWT: ClaimsRules = { ...RULES, profile: 'at+jwt' }
const LAST_DATE = 253_402_300_799

/** What is refused of a good claims set with changes. JSON, so that `undefined` takes a claim away. */
function refusal(changes: Changes, rules: Partial<ClaimsRules> = {}, time: Partial<TimeRules> = {}): unknown {
  const claims = JSON.parse(JSON.stringify(claimsOf(changes))) as Changes
  return refuseClaims(claims, { ...RULES, ...rules }, { ...EXACT, ...time }, NOW)
}

function refused(code: Refusal['code'], detail: string): Refusal {
  return { code, detail }
}

const EXPIRED = refused('token_expired', 'exp has passed')
const NOT_YET = refused('token_not_yet_valid', 'nbf is in the future')
const IAT_AHEAD = refused('token_not_yet_valid', 'iat is more than 300 s in the future')
const TOO_OLD = refused('token_too_old', 'iat is longer ago than maxTokenAge')

describe('refuseClaims', () => {
  test('has nothing against a good claims set', () => {
    expect(refusal({})).toBeUndefined()
  })

  describe('exp', () => {
    test('is demanded', () => {
      expect(refusal({ exp: undefined })).toEqual(
        refused('claim_missing', 'exp is missing: a token that never expires is refused'),
      )
    })

    test('refuses from the very second on, and not before', () => {
      expect(refusal({ exp: NOW })).toEqual(EXPIRED)
      expect(refusal({ exp: NOW - 1 })).toEqual(EXPIRED)
      expect(refusal({ exp: 0 })).toEqual(EXPIRED)
      expect(refusal({ exp: NOW + 0.001 })).toBeUndefined()
      expect(refusal({ exp: NOW + 1 })).toBeUndefined()
    })

    test('refuses where the clock gives no number', () => {
      expect(refuseTimes({ exp: NOW + 600 }, EXACT, Number.NaN)).toEqual(EXPIRED)
    })

    test('refuses later by the tolerance', () => {
      expect(refusal({ exp: NOW - 5 }, {}, { clockTolerance: 5 })).toEqual(EXPIRED)
      expect(refusal({ exp: NOW - 4.999 }, {}, { clockTolerance: 5 })).toBeUndefined()
      expect(refusal({ exp: NOW - 300 }, {}, { clockTolerance: 300 })).toEqual(EXPIRED)
      expect(refusal({ exp: NOW - 299 }, {}, { clockTolerance: 300 })).toBeUndefined()
    })
  })

  describe('nbf', () => {
    test('refuses before the very second, and not from it on', () => {
      expect(refusal({ nbf: NOW + 0.001 })).toEqual(NOT_YET)
      expect(refusal({ nbf: NOW + 1 })).toEqual(NOT_YET)
      expect(refusal({ nbf: NOW })).toBeUndefined()
      expect(refusal({ nbf: 0 })).toBeUndefined()
    })

    test('refuses less by the tolerance', () => {
      expect(refusal({ nbf: NOW + 5 }, {}, { clockTolerance: 5 })).toBeUndefined()
      expect(refusal({ nbf: NOW + 5.001 }, {}, { clockTolerance: 5 })).toEqual(NOT_YET)
    })
  })

  describe('iat', () => {
    test('may be 300 s ahead and no more, whatever the tolerance', () => {
      expect(refusal({ iat: NOW + 300 })).toBeUndefined()
      expect(refusal({ iat: NOW + 300.001 })).toEqual(IAT_AHEAD)
      expect(refusal({ iat: NOW + 301 }, {}, { clockTolerance: 300 })).toEqual(IAT_AHEAD)
      expect(refusal({ iat: NOW + 301, exp: NOW + 600 })).toEqual(IAT_AHEAD)
    })

    test('may be as long ago as it likes without maxTokenAge', () => {
      expect(refusal({ iat: 0 })).toBeUndefined()
    })

    test('may be as long ago as maxTokenAge and no longer', () => {
      expect(refusal({ iat: NOW - 60 }, {}, { maxTokenAge: 60 })).toBeUndefined()
      expect(refusal({ iat: NOW - 60.001 }, {}, { maxTokenAge: 60 })).toEqual(TOO_OLD)
      expect(refusal({ iat: NOW + 300 }, {}, { maxTokenAge: 60 })).toBeUndefined()
    })

    test('may be longer ago by the tolerance', () => {
      expect(refusal({ iat: NOW - 65 }, {}, { maxTokenAge: 60, clockTolerance: 5 })).toBeUndefined()
      expect(refusal({ iat: NOW - 65.001 }, {}, { maxTokenAge: 60, clockTolerance: 5 })).toEqual(TOO_OLD)
    })

    test('is demanded by maxTokenAge', () => {
      expect(refusal({}, {}, { maxTokenAge: 60 })).toEqual(
        refused('claim_missing', 'iat is missing, which maxTokenAge needs'),
      )
    })
  })

  describe.each(['exp', 'nbf', 'iat'])('%s', (name) => {
    test.each([null, '1700000000', '', true, [], [NOW], {}, -1, -0.001, LAST_DATE + 1, 1e300])(
      'is no NumericDate: %j',
      (value) => {
        expect(refusal({ [name]: value })).toEqual(
          refused('claim_invalid', `${name} is no NumericDate (RFC 7519 §2)`),
        )
      },
    )

    test.each(['1e999', '-1e999'])('is no NumericDate beyond all numbers: %s', (text) => {
      const claims = JSON.parse(`{"exp":${NOW + 600},"${name}":${text}}`) as Changes
      expect(refuseTimes(claims, EXACT, NOW)).toEqual(
        refused('claim_invalid', `${name} is no NumericDate (RFC 7519 §2)`),
      )
    })
  })

  test.each([LAST_DATE, NOW + 0.5])('takes the NumericDate %d', (exp) => {
    expect(refusal({ exp })).toBeUndefined()
  })

  test('takes a nbf and an iat at the very beginning of time', () => {
    expect(refusal({ nbf: 0, iat: 0 })).toBeUndefined()
  })

  describe('aud', () => {
    const UNNAMED = refused('audience_mismatch', 'aud does not name this API')
    const NO_STRINGS = refused('claim_invalid', 'aud is neither a string nor a list of strings')

    test('is demanded', () => {
      expect(refusal({ aud: undefined })).toEqual(refused('audience_mismatch', 'aud is missing'))
    })

    test.each([[[AUDIENCE]], [['other', AUDIENCE]], [[AUDIENCE, 'other']], [AUDIENCE]])(
      'names this API: %j',
      (aud) => {
        expect(refusal({ aud })).toBeUndefined()
      },
    )

    test('may name any of several identifiers', () => {
      const rules = { audience: new Set(['a', 'b']) }
      expect(refusal({ aud: 'a' }, rules)).toBeUndefined()
      expect(refusal({ aud: ['x', 'b'] }, rules)).toBeUndefined()
      expect(refusal({ aud: 'c' }, rules)).toEqual(UNNAMED)
    })

    test.each([
      'other',
      '',
      `${AUDIENCE}/`,
      ` ${AUDIENCE}`,
      AUDIENCE.toUpperCase(),
      AUDIENCE.slice(0, -1),
      `${AUDIENCE} other`,
      [],
      ['other'],
      ['other', `${AUDIENCE}/`],
    ])('does not name this API: %j', (aud) => {
      expect(refusal({ aud })).toEqual(UNNAMED)
    })

    test.each([5, null, true, {}, { 0: AUDIENCE }, [AUDIENCE, 1], [[AUDIENCE]], [null]])(
      'is neither a string nor a list of strings: %j',
      (aud) => {
        expect(refusal({ aud })).toEqual(NO_STRINGS)
        expect(refusal({ aud }, { audience: undefined })).toEqual(NO_STRINGS)
      },
    )

    test('may be anybody, nobody or missing where it does not count', () => {
      const rules = { audience: undefined }
      expect(refusal({ aud: 'other' }, rules)).toBeUndefined()
      expect(refusal({ aud: ['other'] }, rules)).toBeUndefined()
      expect(refusal({ aud: undefined }, rules)).toBeUndefined()
      expect(refusal({ aud: [] }, rules)).toBeUndefined()
    })
  })

  describe.each([
    ['clientId', 'client_id', 'client_id, cid, appid'],
    ['authorizedParty', 'azp', 'azp'],
  ])('%s', (option, claim, names) => {
    const rules = { [option]: new Set(['app-1', 'app-2']) }
    const WRONG = refused('claim_invalid', `${names}: the value is not one of those allowed`)

    test('is compared as an exact string', () => {
      expect(refusal({ [claim]: 'app-1' }, rules)).toBeUndefined()
      expect(refusal({ [claim]: 'app-2' }, rules)).toBeUndefined()
      expect(refusal({ [claim]: 'App-1' }, rules)).toEqual(WRONG)
      expect(refusal({ [claim]: 'app-3' }, rules)).toEqual(WRONG)
    })

    test.each([5, null, ['app-1'], { app: 1 }])('refuses what is no string: %j', (value) => {
      expect(refusal({ [claim]: value }, rules)).toEqual(WRONG)
    })

    test('is demanded where it is configured, and only there', () => {
      expect(refusal({}, rules)).toEqual(
        refused('claim_missing', `${names}: none is there, and one is demanded`),
      )
      expect(refusal({ [claim]: 'anybody' })).toBeUndefined()
    })
  })

  test('finds the client in client_id, else cid, else appid, and looks no further', () => {
    const rules = { clientId: new Set(['app']) }
    expect(refusal({ cid: 'app' }, rules)).toBeUndefined()
    expect(refusal({ appid: 'app' }, rules)).toBeUndefined()
    expect(refusal({ cid: 'app', appid: 'x' }, rules)).toBeUndefined()
    expect(refusal({ client_id: 'x', cid: 'app' }, rules)).toMatchObject({ code: 'claim_invalid' })
    expect(refusal({ cid: 'x', appid: 'app' }, rules)).toMatchObject({ code: 'claim_invalid' })
    expect(refusal({ azp: 'app' }, rules)).toMatchObject({ code: 'claim_missing' })
  })

  test('demands both the client and the authorized party where both are configured', () => {
    const rules = { clientId: new Set(['app']), authorizedParty: new Set(['party']) }
    expect(refusal({ client_id: 'app', azp: 'party' }, rules)).toBeUndefined()
    expect(refusal({ client_id: 'app', azp: 'x' }, rules)).toMatchObject({ code: 'claim_invalid' })
    expect(refusal({ client_id: 'x', azp: 'party' }, rules)).toMatchObject({ code: 'claim_invalid' })
  })

  test.each([{ jkt: 'thumbprint' }, { 'x5t#S256': 'hash' }, {}, null, 'text'])(
    'leaves it to others whether a token that is bound to a key is proven: cnf %j',
    (cnf) => {
      expect(refusal({ cnf })).toBeUndefined()
      expect(refusal({ cnf, exp: NOW })).toEqual(EXPIRED)
    },
  )

  test.each(['sub', 'jti'])('refuses a %s that is no string', (name) => {
    for (const value of [5, null, ['a'], {}]) {
      expect(refusal({ [name]: value })).toEqual(refused('claim_invalid', `${name} is no string`))
    }
  })

  test('needs neither sub nor jti in the profile jwt, and takes empty ones', () => {
    expect(refusal({ sub: undefined, jti: undefined })).toBeUndefined()
    expect(refusal({ sub: '', jti: '' })).toBeUndefined()
  })

  describe('profile at+jwt', () => {
    const FULL = { client_id: 'app', iat: NOW - 1, jti: 'id-1' }

    test('takes a token with every claim that RFC 9068 requires', () => {
      expect(refusal(FULL, AT_JWT)).toBeUndefined()
    })

    test.each(['sub', 'client_id', 'iat', 'jti'])('demands %s, which the profile jwt does not', (name) => {
      expect(refusal({ ...FULL, [name]: undefined }, AT_JWT)).toEqual(
        refused('claim_missing', `${name} is missing, which the profile at+jwt demands`),
      )
      expect(refusal({ ...FULL, [name]: undefined })).toBeUndefined()
    })

    test('demands aud also where any will do', () => {
      expect(refusal({ ...FULL, aud: undefined }, { ...AT_JWT, audience: undefined })).toEqual(
        refused('claim_missing', 'aud is missing, which the profile at+jwt demands'),
      )
    })

    test.each(['sub', 'client_id', 'jti'])('demands a %s that is a string and not empty', (name) => {
      for (const value of ['', 5, null, ['a']]) {
        expect(refusal({ ...FULL, [name]: value }, AT_JWT)).toEqual(
          refused('claim_invalid', `${name} is no string, or empty`),
        )
      }
    })

    test('checks everything else as well', () => {
      expect(refusal({ ...FULL, exp: NOW }, AT_JWT)).toEqual(EXPIRED)
      expect(refusal({ ...FULL, aud: 'other' }, AT_JWT)).toMatchObject({ code: 'audience_mismatch' })
      expect(refusal({ ...FULL, nbf: NOW + 1 }, AT_JWT)).toEqual(NOT_YET)
    })
  })

  test.each([
    ['audience_mismatch', { aud: 'x', sub: 5, exp: NOW }],
    ['claim_invalid', { sub: 5, exp: NOW }],
    ['token_expired', { exp: NOW, nbf: NOW + 9 }],
    ['token_not_yet_valid', { nbf: NOW + 9 }],
    ['claim_missing', {}],
  ])('names the first thing that is wrong: %s', (code, changes) => {
    expect(refusal(changes, { clientId: new Set(['app']) })).toMatchObject({ code })
  })

  test('takes only the own members of a claims set', () => {
    const inherited = Object.create({ aud: AUDIENCE, exp: NOW + 600 }) as Changes
    expect(refuseClaims(inherited, RULES, EXACT, NOW)).toMatchObject({ code: 'audience_mismatch' })
    expect(refuseTimes(Object.create({ exp: NOW - 1, nbf: 'x' }) as Changes, EXACT, NOW)).toMatchObject({
      code: 'claim_missing',
    })
  })

  test('never repeats the value of a claim in the detail', () => {
    const secret = 'do-not-log-me'
    for (const name of ['exp', 'nbf', 'iat', 'aud']) {
      expect(JSON.stringify(refusal({ [name]: secret }))).not.toContain(secret)
    }
    const rules = { clientId: new Set(['app']), authorizedParty: new Set(['app']) }
    expect(JSON.stringify(refusal({ client_id: secret }, rules))).not.toContain(secret)
    expect(JSON.stringify(refusal({ client_id: 'app', azp: secret }, rules))).not.toContain(secret)
  })
})

describe('refuseTimes', () => {
  test('looks at the times alone', () => {
    expect(refuseTimes({ exp: NOW + 1 }, EXACT, NOW)).toBeUndefined()
    expect(refuseTimes({ exp: NOW, aud: 5 }, EXACT, NOW)).toEqual(EXPIRED)
  })
})

describe('readClientId', () => {
  test('reads client_id, else cid, else appid', () => {
    expect(readClientId({ client_id: 'a', cid: 'b', appid: 'c' })).toBe('a')
    expect(readClientId({ cid: 'b', appid: 'c' })).toBe('b')
    expect(readClientId({ appid: 'c' })).toBe('c')
    expect(readClientId({ azp: 'd' })).toBeUndefined()
  })
})
