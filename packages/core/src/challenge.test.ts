import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CHALLENGE,
  DEFAULT_CHALLENGE,
  isScopeToken,
  resolveChallenge,
  writeChallenge,
  type ChallengeSettings,
} from './challenge.js'
import { AUTH_ERRORS, type AuthErrorCode } from './errors.js'
import { refuse } from './refusal.js'
import type { Offer, Schemes } from './schemes.js'
import { messageOf } from './tokens.test-support.js'
import { wireText } from './wire-text.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]
const METADATA = 'https://api.example/.well-known/oauth-protected-resource'
const FULL: ChallengeSettings = { realm: 'orders', scope: ['read', 'write'], resourceMetadata: METADATA }

// RFC 6750 §3: what error_description, and here every value, may consist of.
const VALUE = /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/

interface Parsed {
  readonly scheme: string
  readonly params: ReadonlyMap<string, string>
}

/**
 * Reads a list of challenges by the grammar of RFC 9110 §11.2 and §11.6.1, with quoted values only; throws on anything
 * else.
 */
function parseAll(challenges: string): readonly Parsed[] {
  const all: Parsed[] = []
  let params = new Map<string, string>()
  let rest = challenges
  while (true) {
    // An auth-param has no space behind its name: what has one begins a challenge.
    const scheme = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ /.exec(rest)?.[0]
    if (scheme !== undefined) {
      params = new Map()
      all.push({ scheme: scheme.trim(), params })
      rest = rest.slice(scheme.length)
    }
    if (all.length === 0) throw new Error('no scheme')
    const [whole, name, quoted] =
      /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)="((?:[\t \x21\x23-\x5B\x5D-\x7E\x80-\xFF]|\\[\t \x21-\x7E\x80-\xFF])*)"/.exec(
        rest,
      ) ?? []
    if (whole === undefined || name === undefined || quoted === undefined)
      throw new Error(`no auth-param: ${rest}`)
    if (params.has(name.toLowerCase())) throw new Error(`${name} twice`)
    params.set(name.toLowerCase(), quoted.replaceAll(/\\(.)/g, '$1'))
    rest = rest.slice(whole.length)
    if (rest === '') return all
    if (!rest.startsWith(', ')) throw new Error(`no list: ${rest}`)
    rest = rest.slice(2)
  }
}

/** Reads the one challenge that there is. */
function parse(challenge: string): Parsed {
  const [only, ...more] = parseAll(challenge)
  if (only === undefined || more.length > 0) throw new Error('there is not one challenge')
  return only
}

function paramsOf(...[refusal, settings]: Parameters<typeof writeChallenge>): object {
  const written = writeChallenge(refusal, settings)
  if (written === undefined) throw new Error('there is no challenge')
  return Object.fromEntries(parse(written).params)
}

describe('writeChallenge', () => {
  test('writes WWW-Authenticate', () => {
    expect(CHALLENGE).toBe('WWW-Authenticate')
  })

  test('names the realm alone, and no error, where there were no credentials', () => {
    expect(writeChallenge(refuse('token_missing'), DEFAULT_CHALLENGE)).toBe('Bearer realm="api"')
  })

  test('adds what the whole API needs and where its metadata is', () => {
    expect(writeChallenge(refuse('token_missing'), FULL)).toBe(
      `Bearer realm="orders", scope="read write", resource_metadata="${METADATA}"`,
    )
  })

  test('names the error and its one text', () => {
    expect(writeChallenge(refuse('signature_invalid', 'why'), DEFAULT_CHALLENGE)).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token is not valid here"',
    )
    expect(writeChallenge(refuse('token_expired', 'why'), DEFAULT_CHALLENGE)).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The access token expired"',
    )
    expect(writeChallenge(refuse('request_malformed', 'why'), DEFAULT_CHALLENGE)).toBe(
      'Bearer realm="api", error="invalid_request", error_description="The credentials of the request are malformed"',
    )
  })

  test('names in a 403 the scopes that this request needs, not those of the whole API', () => {
    expect(paramsOf(refuse('scope_insufficient', 'why', { scope: ['a', 'b'] }), FULL)).toEqual({
      realm: 'orders',
      scope: 'a b',
      error: 'insufficient_scope',
      error_description: 'The access token lacks a right that this request needs',
      resource_metadata: METADATA,
    })
  })

  test('names no scope in a 403 where none is lacking', () => {
    for (const code of ['role_insufficient', 'permission_insufficient', 'group_insufficient'] as const)
      expect(paramsOf(refuse(code), FULL)).not.toHaveProperty('scope')
  })

  test('names in a 401 the scopes of the whole API, whatever the refusal holds', () => {
    expect(paramsOf(refuse('key_unknown', undefined, { scope: ['x'] }), FULL)).toMatchObject({
      scope: 'read write',
    })
    expect(paramsOf(refuse('request_malformed'), FULL)).toMatchObject({ scope: 'read write' })
  })

  test('has none where the trouble is ours', () => {
    expect(writeChallenge(refuse('keys_unavailable', 'down', { retryAfter: 5 }), FULL)).toBeUndefined()
  })

  test.each(CODES.filter((code) => AUTH_ERRORS[code].status !== 503))(
    'parses back, by the grammar of RFC 9110, to what was put in: %s',
    (code) => {
      const { status, wire } = AUTH_ERRORS[code]
      expect(parse(writeChallenge(refuse(code, 'detail'), FULL) ?? '').scheme).toBe('Bearer')
      expect(paramsOf(refuse(code, 'detail'), FULL)).toEqual({
        realm: 'orders',
        ...(status !== 403 && { scope: 'read write' }),
        ...(wire !== undefined && { error: wire, error_description: wireText(code) }),
        resource_metadata: METADATA,
      })
    },
  )

  test('never repeats the detail', () => {
    for (const code of CODES)
      expect(writeChallenge(refuse(code, 'for the operator'), FULL) ?? '').not.toContain('operator')
  })

  test('has no character outside RFC 6750 §3 in a value and parses back, whatever it is given', () => {
    const wild = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', '\\', '\r', '\n', ',', '=', ' ', 'é', '\u0000'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    })
    const settings = fc.record({
      realm: wild,
      scope: fc.array(wild),
      resourceMetadata: fc.option(wild, { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...CODES), fc.array(wild), settings, (code, scope, given) => {
        const written = writeChallenge(refuse(code, 'detail', { scope }), given) ?? 'Bearer realm=""'
        const { params } = parse(written)
        expect(written).toMatch(/^[\x20-\x7E]+$/)
        for (const value of params.values()) expect(value).toMatch(VALUE)
        expect(params.has('realm')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('keeps every character that is allowed, and only those', () => {
    const ascii = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
    const kept = Array.from(ascii)
      .filter((char) => VALUE.test(char))
      .join('')
    expect(paramsOf(refuse('token_missing'), { ...FULL, realm: ascii })).toMatchObject({ realm: kept })
    expect(kept).toHaveLength(93)
  })
})

describe('writeChallenge for several schemes', () => {
  const BEARER: Offer = { scheme: 'Bearer', params: [] }
  const DPOP: Offer = { scheme: 'DPoP', params: [['algs', 'ES256 PS256']] }
  const both = (used: Schemes['used']): Schemes => ({ offered: [BEARER, DPOP], used })
  const onlyDpop = (used: Schemes['used']): Schemes => ({ offered: [DPOP], used })

  const SAID = 'error="invalid_token", error_description="The access token is not valid here"'
  const NO_PROOF =
    'error="invalid_dpop_proof", error_description="The DPoP proof is not valid for this request"'
  const NO_NONCE = 'error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"'

  test.each<[string, AuthErrorCode, Schemes, string]>([
    [
      'names no error where there were no credentials',
      'token_missing',
      both(undefined),
      'Bearer realm="api", DPoP algs="ES256 PS256"',
    ],
    ['offers only what gets in', 'token_missing', onlyDpop(undefined), 'DPoP algs="ES256 PS256"'],
    [
      'names the error to who used Bearer there alone',
      'signature_invalid',
      both('Bearer'),
      `Bearer realm="api", ${SAID}, DPoP algs="ES256 PS256"`,
    ],
    [
      'names the error to who used DPoP there alone',
      'signature_invalid',
      both('DPoP'),
      `Bearer realm="api", DPoP ${SAID}, algs="ES256 PS256"`,
    ],
    [
      'names it in both where nobody can tell',
      'signature_invalid',
      both(undefined),
      `Bearer realm="api", ${SAID}, DPoP ${SAID}, algs="ES256 PS256"`,
    ],
    [
      'names the errors of a proof',
      'dpop_proof_invalid',
      both('DPoP'),
      `Bearer realm="api", DPoP ${NO_PROOF}, algs="ES256 PS256"`,
    ],
    [
      'demands a nonce in the words of RFC 9449 §9',
      'dpop_nonce_required',
      onlyDpop('DPoP'),
      `DPoP ${NO_NONCE}`,
    ],
  ])('%s: %s', (_, code, schemes, expected) => {
    expect(writeChallenge(refuse(code, 'why'), DEFAULT_CHALLENGE, schemes)).toBe(expected)
  })

  test('names the algorithms where a nonce is missing only to who used another scheme', () => {
    expect(writeChallenge(refuse('dpop_nonce_required'), DEFAULT_CHALLENGE, both('Bearer'))).toBe(
      `Bearer realm="api", ${NO_NONCE}, DPoP algs="ES256 PS256"`,
    )
  })

  test('names the realm that was set in each; where none was, in that of Bearer, which needs a parameter', () => {
    for (const realm of ['orders', 'api']) {
      expect(writeChallenge(refuse('token_missing'), { ...DEFAULT_CHALLENGE, realm }, both(undefined))).toBe(
        `Bearer realm="${realm}", DPoP realm="${realm}", algs="ES256 PS256"`,
      )
    }
  })

  test('is for Bearer alone where nobody says which schemes there are', () => {
    const alone: Schemes = { offered: [BEARER], used: 'Bearer' }
    for (const code of CODES)
      expect(writeChallenge(refuse(code), FULL)).toBe(writeChallenge(refuse(code), FULL, alone))
  })

  test('adds the parameters of a scheme to its own challenge, and those of every challenge to each', () => {
    expect(writeChallenge(refuse('token_missing'), FULL, both(undefined))).toBe(
      `Bearer realm="orders", scope="read write", resource_metadata="${METADATA}", ` +
        `DPoP realm="orders", scope="read write", algs="ES256 PS256", resource_metadata="${METADATA}"`,
    )
  })

  test('names in a 403 the scopes that this request needs in each, the error in the one that was used', () => {
    const refusal = refuse('scope_insufficient', 'why', { scope: ['a', 'b'] })
    const challenges = parseAll(writeChallenge(refusal, DEFAULT_CHALLENGE, both('DPoP')) ?? '')
    expect(challenges.map(({ scheme, params }) => [scheme, Object.fromEntries(params)])).toEqual([
      ['Bearer', { realm: 'api', scope: 'a b' }],
      [
        'DPoP',
        {
          scope: 'a b',
          error: 'insufficient_scope',
          error_description: 'The access token lacks a right that this request needs',
          algs: 'ES256 PS256',
        },
      ],
    ])
  })

  test.each(['keys_unavailable', 'store_unavailable'] as const)(
    'has none where the trouble is ours: %s',
    (code) => {
      for (const used of ['Bearer', 'DPoP', undefined] as const)
        expect(writeChallenge(refuse(code, 'down'), FULL, both(used))).toBeUndefined()
    },
  )

  test('parses back, and has no character outside RFC 6750 §3 in a value, whatever it is given', () => {
    const wild = fc.string({
      unit: fc.oneof(
        fc.constantFrom('"', '\\', '\r', '\n', ',', '=', ' ', 'é', '\u0000'),
        fc.string({ minLength: 1, maxLength: 1 }),
      ),
    })
    const codes = CODES.filter((code) => AUTH_ERRORS[code].status !== 503)
    const used = fc.constantFrom('Bearer', 'DPoP', undefined)
    fc.assert(
      fc.property(fc.constantFrom(...codes), wild, wild, used, (code, realm, algs, scheme) => {
        const offered: readonly Offer[] = [BEARER, { scheme: 'DPoP', params: [['algs', algs]] }]
        const written = writeChallenge(refuse(code), { ...FULL, realm }, { offered, used: scheme }) ?? ''
        const challenges = parseAll(written)
        expect(challenges.map((each) => each.scheme)).toEqual(['Bearer', 'DPoP'])
        const hasAlgs = scheme === 'Bearer' || code !== 'dpop_nonce_required'
        expect(challenges.map(({ params }) => params.has('algs'))).toEqual([false, hasAlgs])
        for (const { params } of challenges) {
          for (const value of params.values()) expect(value).toMatch(VALUE)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('resolveChallenge', () => {
  test('fills in the defaults', () => {
    expect(resolveChallenge({})).toEqual({ realm: undefined, scope: [], resourceMetadata: undefined })
    expect(DEFAULT_CHALLENGE).toEqual({ realm: undefined, scope: [], resourceMetadata: undefined })
    expect(Object.isFrozen(DEFAULT_CHALLENGE)).toBe(true)
    expect(Object.isFrozen(DEFAULT_CHALLENGE.scope)).toBe(true)
  })

  test('takes what a challenge can carry', () => {
    expect(
      resolveChallenge({ realm: 'a b!#~', scope: ['read', '!#[]~'], resourceMetadata: METADATA }),
    ).toEqual({
      realm: 'a b!#~',
      scope: ['read', '!#[]~'],
      resourceMetadata: METADATA,
    })
  })

  test.each([
    ['', '""'],
    ['a"b', String.raw`"a\"b"`],
    ['a\\b', String.raw`"a\\b"`],
    ['"', String.raw`"\""`],
    ['\\', String.raw`"\\"`],
    ['a\r\nb', String.raw`"a\r\nb"`],
    ['a\n', String.raw`"a\n"`],
    ['\na', String.raw`"\na"`],
    ['é', '"é"'],
    ['a\u007F', '"a\u007F"'],
    [null, 'null'],
    [5, '5'],
  ])('refuses the realm %j', (realm, got) => {
    expect(messageOf(() => resolveChallenge({ realm }))).toBe(
      `realm: got ${got}. Pass printable ASCII without quotes and backslashes.`,
    )
  })

  test.each([
    ['read', '"read"'],
    [[], 'an empty array'],
    [['a b'], '["a b"]'],
    [['a', ''], '["a", ""]'],
    [['a', 'a'], '["a", "a"]'],
    [['a"'], String.raw`["a\""]`],
    [['a', '\\'], String.raw`["a", "\\"]`],
    [['é'], '["é"]'],
    [[5], '[5]'],
    [null, 'null'],
  ])('refuses the scope %j', (scope, got) => {
    expect(messageOf(() => resolveChallenge({ scope }))).toBe(
      `scope: got ${got}. Pass a list of distinct scopes, each without spaces: ['orders:read', 'orders:write'].`,
    )
  })

  test.each([
    ['', '""'],
    ['/relative', '"/relative"'],
    ['https://api.example/"', String.raw`"https://api.example/\""`],
    ['https://api.example/é', '"https://api.example/é"'],
    [' ', '" "'],
    [null, 'null'],
    [new URL(METADATA), 'an object'],
  ])('refuses the resourceMetadata %j', (resourceMetadata, got) => {
    expect(messageOf(() => resolveChallenge({ resourceMetadata }))).toBe(
      `resourceMetadata: got ${got}. Pass the URL of the protected resource metadata (RFC 9728).`,
    )
  })
})

describe('isScopeToken', () => {
  test('takes visible ASCII without quotes and backslashes (RFC 6749 §3.3)', () => {
    for (let code = 0; code < 256; code += 1) {
      const char = String.fromCharCode(code)
      const expected = code > 0x20 && code < 0x7f && char !== '"' && char !== '\\'
      expect([char, isScopeToken(char), isScopeToken(`a${char}`), isScopeToken(`${char}a`)]).toEqual([
        char,
        expected,
        expected,
        expected,
      ])
    }
  })

  test('takes no empty name', () => {
    expect(isScopeToken('')).toBe(false)
  })
})
