import { describe, expect, test, vi } from 'vitest'
import type { TokenSource } from './credentials/token-source.js'
import { ConfigError } from './errors.js'
import { resolveOptions, type Settings } from './options.js'
import { dpop } from './proof/dpop.js'
import type { ProofMethod, ProofParts } from './proof/proof-method.js'
import { AUDIENCE, ISSUER, messageOf, OPTIONS, SECRET, thrownBy, viewOf } from './tokens.test-support.js'

const MINIMUM = { issuer: ISSUER, audience: AUDIENCE }

function message(options: unknown): string {
  const error = thrownBy(() => resolveOptions(options))
  expect(error).toBeInstanceOf(ConfigError)
  return (error as ConfigError).message
}

function withIssuer(changes: object): unknown {
  return { ...MINIMUM, ...changes }
}

describe('resolveOptions', () => {
  test('needs issuer and audience alone and fills in the rest', () => {
    const settings = resolveOptions(MINIMUM)
    expect(settings).toMatchObject({
      issuers: [
        {
          issuer: ISSUER,
          names: [ISSUER],
          claims: { audience: new Set([AUDIENCE]), profile: 'jwt' },
          keys: { kind: 'discovery' },
        },
      ],
      time: { clockTolerance: 5 },
      schema: undefined,
      observer: undefined,
      preflight: undefined,
    })
    expect(settings.now).toBe(Date.now)
    expect(settings.tokenSources).toHaveLength(1)
    expect(settings.proofs).toEqual([])
    expect(settings.issuers[0]?.algorithms.has('RS256')).toBe(true)
    expect(settings.issuers[0]?.algorithms.has('HS256')).toBe(false)
  })

  test('takes what is given', () => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: 1 }) } }
    const given = {
      claims: schema,
      fetch: () => Promise.reject(new Error('offline')),
      now: () => 0,
      observer: () => undefined,
      tokenSources: [() => 'token'],
      preflight: 'pass',
    }
    const settings = resolveOptions({ ...OPTIONS, ...given })
    expect(settings.schema).toBe(schema)
    expect(settings.fetch).toBe(given.fetch)
    expect(settings.now).toBe(given.now)
    expect(settings.observer).toBe(given.observer)
    expect(settings.tokenSources).toEqual(given.tokenSources)
    expect(settings.tokenSources).not.toBe(given.tokenSources)
    expect(settings.preflight).toBe('pass')
  })

  test('takes undefined for absent', () => {
    const names = [
      'clientId',
      'jwksUri',
      'jwks',
      'keySet',
      'claims',
      'fetch',
      'now',
      'observer',
      'baseUrl',
      'proofs',
      'tokenSources',
    ]
    const absent = Object.fromEntries(names.map((name) => [name, undefined]))
    const { tokenSources: _, ...settings } = resolveOptions({ ...MINIMUM, ...absent, preflight: undefined })
    expect(resolveOptions(MINIMUM)).toMatchObject(settings)
  })

  test('takes a schema that is a function, as arktype has them', () => {
    const schema = Object.assign(() => undefined, { '~standard': { validate: () => ({ value: 1 }) } })
    expect(resolveOptions({ ...MINIMUM, claims: schema }).schema).toBe(schema)
  })

  test('fetches with one function for everybody, and with the global that there is then', async () => {
    const { fetch } = resolveOptions(MINIMUM)
    expect(resolveOptions(MINIMUM).fetch).toBe(fetch)
    const replaced = vi.fn<() => Promise<Response>>(() => Promise.resolve(new Response('late')))
    vi.stubGlobal('fetch', replaced)
    const init = { headers: {}, redirect: 'manual', signal: new AbortController().signal } as const
    await fetch('https://login.example/jwks', init)
    vi.unstubAllGlobals()
    expect(replaced).toHaveBeenCalledExactlyOnceWith('https://login.example/jwks', init)
  })

  test('takes several names of one issuer', () => {
    const { issuers } = resolveOptions(withIssuer({ issuer: [ISSUER, 'https://old.example'] }))
    expect(issuers).toMatchObject([{ issuer: ISSUER, names: [ISSUER, 'https://old.example'] }])
  })

  test('takes several issuers, each with its own rules', () => {
    const settings = resolveOptions({
      issuers: [
        MINIMUM,
        { issuer: 'https://b.example', audience: 'b', algorithms: ['ES256'], profile: 'at+jwt' },
      ],
      clockTolerance: 0,
    })
    expect(settings.issuers).toMatchObject([
      { issuer: ISSUER, claims: { profile: 'jwt' } },
      { issuer: 'https://b.example', claims: { profile: 'at+jwt', audience: new Set(['b']) } },
    ])
    expect(settings.issuers[1]?.algorithms).toEqual(new Set(['ES256']))
    expect(settings.time.clockTolerance).toBe(0)
  })
})

describe('isolates', () => {
  test.each([
    [undefined, false],
    ['auto', false],
    [false, false],
    [true, true],
  ])('%s is %s in a runtime that is none', (isolates, isolated) => {
    expect(resolveOptions({ ...MINIMUM, isolates }).isolated).toBe(isolated)
  })

  test.each([
    [undefined, true],
    ['auto', true],
    [false, false],
    [true, true],
  ])('%s is %s in one', (isolates, isolated) => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const settings = resolveOptions({ ...MINIMUM, isolates })
    vi.unstubAllGlobals()
    expect(settings.isolated).toBe(isolated)
  })

  test.each(['yes', null, 1])('%j is a ConfigError', (isolates) => {
    expect(message(withIssuer({ isolates }))).toMatch(/^isolates: got .+\. Pass true, false or 'auto'\.$/)
  })
})

describe('offload', () => {
  test.each([
    [undefined, 'auto'],
    ['auto', 'auto'],
    ['never', 'never'],
    ['always', 'always'],
  ])('%s is %s', (offload, expected) => {
    expect(resolveOptions({ ...MINIMUM, offload }).offload).toBe(expected)
  })

  test.each(['sometimes', null, true])('%j is a ConfigError', (offload) => {
    expect(message(withIssuer({ offload }))).toMatch(/^offload: got .+\. Pass 'auto', 'never' or 'always'\.$/)
  })
})

describe('signatureMemo', () => {
  test.each([
    [undefined, { maxEntries: 10_000, maxBytes: 16_777_216 }],
    [{}, { maxEntries: 10_000, maxBytes: 16_777_216 }],
    [
      { maxEntries: 1, maxBytes: undefined },
      { maxEntries: 1, maxBytes: 16_777_216 },
    ],
    [{ maxBytes: 1000 }, { maxEntries: 10_000, maxBytes: 1000 }],
    [false, undefined],
  ])('%j is %j', (signatureMemo, expected) => {
    expect(resolveOptions({ ...MINIMUM, signatureMemo }).memo).toEqual(expected)
  })

  test.each([
    [true, /^signatureMemo: got true\. Pass false to remember nothing, or \{ maxEntries, maxBytes \}\.$/],
    [null, /^signatureMemo: got null\. Pass false/],
    [1000, /^signatureMemo: got 1000\. Pass false/],
    [{ maxEntries: 0 }, /^signatureMemo\.maxEntries: got 0\. /],
    [{ maxEntries: 2_000_000 }, /^signatureMemo\.maxEntries: got 2000000\. /],
    [{ maxBytes: -1 }, /^signatureMemo\.maxBytes: got -1\. /],
    [{ maxBytes: '16 MiB' }, /^signatureMemo\.maxBytes: got "16 MiB"\. /],
    [{ entries: 5 }, /^signatureMemo\.entries: there is no such option\. /],
  ])('%j is a ConfigError', (signatureMemo, expected) => {
    expect(message(withIssuer({ signatureMemo }))).toMatch(expected)
  })
})

function methodOf(changes: Partial<ProofMethod> = {}): ProofMethod {
  return {
    kind: 'mtls',
    scheme: 'Bearer',
    member: 'x5t#S256',
    required: false,
    challenge: [],
    check: () => ({ fields: undefined }),
    ...changes,
  }
}

/** What the sources find in a request under each scheme. */
function foundBy({ tokenSources }: Settings): readonly unknown[] {
  return ['Bearer abc', 'DPoP abc'].map((authorization) =>
    tokenSources.map((source) => source(viewOf({ authorization }))).filter((found) => found !== undefined),
  )
}

describe('proofs', () => {
  const BASE = { ...MINIMUM, baseUrl: 'https://api.example' }

  const UNDER_DPOP = { scheme: 'DPoP', token: 'abc' }

  test('are made with the clock of the verifier and the URL of the API', () => {
    const method = methodOf()
    const factory = vi.fn<(parts: ProofParts) => ProofMethod>(() => method)
    const { now } = OPTIONS
    expect(resolveOptions({ ...BASE, now, proofs: [factory] }).proofs).toEqual([method])
    expect(factory).toHaveBeenCalledExactlyOnceWith({
      now,
      baseUrl: { origin: 'https://api.example', path: '' },
    })
    resolveOptions({ ...MINIMUM, proofs: [factory] })
    expect(factory).toHaveBeenLastCalledWith({ now: Date.now, baseUrl: undefined })
  })

  test('without DPoP leave its scheme another one', () => {
    for (const proofs of [undefined, [() => methodOf()]])
      expect(foundBy(resolveOptions({ ...BASE, proofs }))).toEqual([['abc'], []])
  })

  test.each(['allowed', 'required'] as const)('with DPoP add its scheme to Bearer: %s', (mode) => {
    const settings = resolveOptions({ ...BASE, proofs: [() => methodOf(), dpop(mode)] })
    expect(settings.proofs.map(({ kind }) => kind)).toEqual(['mtls', 'dpop'])
    expect(foundBy(settings)).toEqual([['abc'], [UNDER_DPOP]])
  })

  test('with DPoP add its scheme to the sources that are given', () => {
    const cookie = vi.fn<TokenSource>(() => 'from-a-cookie')
    const given = [cookie]
    const settings = resolveOptions({ ...BASE, proofs: [dpop('allowed')], tokenSources: given })
    expect(foundBy(settings)).toEqual([['from-a-cookie'], ['from-a-cookie', UNDER_DPOP]])
    expect(given).toEqual([cookie])
  })

  test.each([
    [null, `proofs: got null. Pass a list of proof methods: [dpop('required')].`],
    [dpop('required'), `proofs: got a function. Pass a list of proof methods: [dpop('required')].`],
    [['dpop'], `proofs[0]: got "dpop". Pass a list of proof methods: [dpop('required')].`],
    [[dpop('allowed'), dpop('required')], 'proofs: dpop is there twice. Pass each method once.'],
  ])('that are none are a ConfigError: %s', (proofs, expected) => {
    expect(message({ ...BASE, proofs })).toBe(expected)
  })

  test('with DPoP need the URL of the API', () => {
    expect(message({ ...MINIMUM, proofs: [dpop('required')] })).toMatch(
      /^baseUrl: got undefined\. dpop needs it: pass the origin of this API/,
    )
  })

  test.each([
    ['http://api.example', '"http://api.example"'],
    ['api.example', '"api.example"'],
    ['', '""'],
    ['https://user:password@api.example', '"…@api.example"'],
    [null, 'null'],
    [new URL('https://api.example'), 'an object'],
  ])('a baseUrl that is none is a ConfigError, also where nothing needs it: %s', (baseUrl, got) => {
    expect(message({ ...MINIMUM, baseUrl })).toMatch(
      `baseUrl: got ${got}. Pass the URL under which clients reach this API`,
    )
  })

  test.each([
    ['baseURL', 'baseURL: there is no such option. Did you mean baseUrl?'],
    ['proof', 'proof: there is no such option. Did you mean proofs?'],
    ['dpop', "dpop: there is no such option. proofs: [dpop('required')] has the method that dpop(…) makes"],
    ['mtls', 'mtls: there is no such option. proofs: [mtls({ from })] has the method that mtls(…) makes'],
  ])('the unknown name %s is a ConfigError', (name, expected) => {
    expect(message({ ...MINIMUM, [name]: dpop('required') })).toBe(expected)
  })

  test('belong to the verifier, not to one of its issuers', () => {
    const proofs = [dpop('required')]
    for (const [name, value] of Object.entries({ proofs, baseUrl: BASE.baseUrl })) {
      expect(message({ issuers: [{ ...MINIMUM, [name]: value }] })).toMatch(
        `issuers[0].${name}: there is no such option.`,
      )
    }
    expect(resolveOptions({ issuers: [MINIMUM], baseUrl: BASE.baseUrl, proofs }).proofs).toHaveLength(1)
    const tenants = { allow: () => true, audience: AUDIENCE }
    expect(resolveOptions({ tenants, baseUrl: BASE.baseUrl, proofs }).proofs).toHaveLength(1)
  })
})

describe('resolveOptions refuses', () => {
  test.each([
    [undefined, 'options: got undefined. Pass { issuer, audience }.'],
    [null, 'options: got null. Pass { issuer, audience }.'],
    ['https://login.example', 'options: got "https://login.example". Pass { issuer, audience }.'],
    [[], 'options: got an empty array. Pass { issuer, audience }.'],
  ])('no options: %j', (options, expected) => {
    expect(message(options)).toBe(expected)
  })

  test.each([
    [{}, 'undefined'],
    [{ issuer: undefined }, 'undefined'],
    [{ issuer: '' }, '""'],
    [{ issuer: [] }, 'an empty array'],
    [{ issuer: [ISSUER, ISSUER] }, `["${ISSUER}", "${ISSUER}"]`],
    [{ issuer: 5 }, '5'],
    [{ issuer: /login/u }, 'an object'],
    [{ issuer: new URL(ISSUER) }, 'an object'],
  ])('an issuer that is none: %j', (options, got) => {
    expect(message({ audience: AUDIENCE, ...options })).toBe(
      `issuer: got ${got}. Pass the exact iss of your authorization server's tokens, for example 'https://login.example'.`,
    )
  })

  test('an audience that is missing, naming the way out', () => {
    const fix = "Pass this API's identifier as it stands in the token's aud, or null to accept any audience."
    expect(message({ issuer: ISSUER })).toBe(`audience: got undefined. ${fix}`)
    expect(message({ issuer: ISSUER, audience: undefined })).toBe(`audience: got undefined. ${fix}`)
  })

  test.each([
    ['audiance', 'audiance: there is no such option. Did you mean audience?'],
    ['issuerUrl', 'issuerUrl: there is no such option. Did you mean issuer?'],
    ['jwks_uri', 'jwks_uri: there is no such option. Did you mean jwksUri?'],
    ['clockTolerence', 'clockTolerence: there is no such option. Did you mean clockTolerance?'],
    [
      'onError',
      /^onError: there is no such option\. The options are: issuer, audience, .+, preflight, .*issuers, tenants\.$/,
    ],
  ])('the unknown name %s', (name, expected) => {
    expect(message(withIssuer({ [name]: 1 }))).toMatch(expected)
  })

  test.each(['roles', 'scopes', 'scope', 'permissions', 'groups'])(
    '%s, which would protect nothing',
    (name) => {
      const one = message(withIssuer({ [name]: ['admin'] }))
      expect(one).toMatch(new RegExp(`^${name}: there is no such option\\. \\w+Claim names the claim`, 'u'))
      expect(one).toMatch(/is demanded by require\w+\(…\) on a route$/)
      expect(message({ issuers: [withIssuer({ [name]: ['admin'] })] })).toBe(`issuers[0].${one}`)
    },
  )

  test('issuers together with what belongs to one issuer', () => {
    expect(message({ issuers: [MINIMUM], issuer: ISSUER })).toBe(
      'issuer: there is no such option. Did you mean issuers?',
    )
    expect(message({ issuers: [MINIMUM], audience: AUDIENCE })).toMatch(
      /^audience: there is no such option\./,
    )
  })

  test('in one issuer what belongs to all', () => {
    expect(message({ issuers: [withIssuer({ clockTolerance: 5 })] })).toMatch(
      /^issuers\[0\]\.clockTolerance: there is no such option\./,
    )
  })

  test.each([
    [null, 'null'],
    [[], 'an empty array'],
    [{}, 'an object'],
    [ISSUER, `"${ISSUER}"`],
  ])('issuers that are no list: %j', (issuers, got) => {
    expect(message({ issuers })).toBe(
      `issuers: got ${got}. Pass a list of { issuer, audience }, at least one.`,
    )
  })

  test('one of several issuers, saying which', () => {
    expect(message({ issuers: [MINIMUM, null] })).toBe('issuers[1]: got null. Pass { issuer, audience }.')
    expect(message({ issuers: [MINIMUM, { issuer: 'https://b.example' }] })).toMatch(
      /^issuers\[1\]\.audience: got undefined\. Pass/,
    )
    expect(message({ issuers: [MINIMUM, { audience: 'b' }] })).toMatch(
      /^issuers\[1\]\.issuer: got undefined\. Pass/,
    )
    const second = { issuer: 'https://b.example', audience: 'b' }
    for (const [name, value] of Object.entries({ algorithms: [], rolesClaim: '', profile: 'x', secret: 's' }))
      expect(message({ issuers: [MINIMUM, { ...second, [name]: value }] })).toMatch(
        `issuers[1].${name}: got `,
      )
    expect(message({ issuers: [MINIMUM, { ...second, keySet: { ttlMs: 0 } }] })).toMatch(
      'issuers[1].keySet.ttlMs: got 0.',
    )
    expect(message({ issuers: [MINIMUM, { issuer: 'http://b.example', audience: 'b' }] })).toMatch(
      /^issuers\[1\]\.issuer: /,
    )
  })

  test('an issuer that is there twice, under whichever of its names', () => {
    const twice = `issuers: ${ISSUER} is there twice. Give each issuer one entry.`
    expect(message({ issuers: [MINIMUM, MINIMUM] })).toBe(twice)
    const other = { issuer: ['https://b.example', ISSUER], audience: 'b' }
    expect(message({ issuers: [MINIMUM, other] })).toBe(twice)
  })

  test.each([
    ['fetch', 'fetch: got "x". Pass a function.'],
    ['now', 'now: got "x". Pass a function that gives milliseconds.'],
    ['observer', 'observer: got "x". Pass a function that takes an event.'],
    ['tokenSources', 'tokenSources: got "x". Pass a list of token sources: [bearerHeader()].'],
    ['preflight', `preflight: got "x". Pass 'pass', or leave it out.`],
    ['claims', 'claims: got "x". Pass a Standard Schema, for example z.object({ sub: z.string() }).'],
    ['clockTolerance', 'clockTolerance: got "x". Pass seconds between 0 and 300; the default is 5.'],
  ])('a %s of another kind', (name, expected) => {
    expect(message(withIssuer({ [name]: 'x' }))).toBe(expected)
  })

  test.each([[[]], [['header']], [[() => undefined, null]], [null]])(
    'token sources that are none: %j',
    (value) => {
      expect(message(withIssuer({ tokenSources: value }))).toMatch(
        /^tokenSources: got .+ Pass a list of token sources/,
      )
    },
  )

  test.each([null, 5, {}, () => undefined, { standard: {} }, { '~standard': {} }, { '~standard': null }])(
    'a schema that is none: %s',
    (claims) => {
      expect(message(withIssuer({ claims }))).toMatch(/^claims: got .+ Pass a Standard Schema/)
    },
  )

  test('true for preflight: it would read as more than it does', () => {
    expect(message(withIssuer({ preflight: true }))).toBe(
      "preflight: got true. Pass 'pass', or leave it out.",
    )
  })

  test('a secret that is too short for one of the algorithms, without showing it', () => {
    const shown = messageOf(() => resolveOptions(withIssuer({ secret: 'too-short', algorithms: ['HS512'] })))
    expect(shown).toMatch(/^secret: got "9 bytes"\. HS512 needs at least 64 random bytes/)
    expect(shown).not.toContain('too-short')
  })

  test('a secret where the keys come from elsewhere', () => {
    expect(message(withIssuer({ secret: SECRET, jwksUri: `${ISSUER}/jwks` }))).not.toContain(SECRET)
  })
})
