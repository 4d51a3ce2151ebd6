import { describe, expect, test } from 'vitest'
import type { Changes } from '../tokens.test-support.js'
import { methodsFor, refuseBinding } from './binding.js'
import type { ProofMethod, Scheme } from './proof-method.js'

function methodOf(own: Pick<ProofMethod, 'kind' | 'scheme' | 'member'>): ProofMethod {
  return { ...own, required: false, challenge: [], check: () => ({ fields: undefined }) }
}

const DPOP = methodOf({ kind: 'dpop', scheme: 'DPoP', member: 'jkt' })
const MTLS = methodOf({ kind: 'mtls', scheme: 'Bearer', member: 'x5t#S256' })
const DPOP_DEMANDED: ProofMethod = { ...DPOP, required: true }
const MTLS_DEMANDED: ProofMethod = { ...MTLS, required: true }

/** The methods of a verifier, by the name that a title gives them. */
const METHODS = {
  'no method': [],
  dpop: [DPOP],
  'dpop demanded': [DPOP_DEMANDED],
  mtls: [MTLS],
  'mtls demanded': [MTLS_DEMANDED],
  'dpop and mtls': [DPOP, MTLS],
  'mtls and dpop': [MTLS, DPOP],
  'dpop demanded and mtls': [DPOP_DEMANDED, MTLS],
  'dpop and mtls demanded': [DPOP, MTLS_DEMANDED],
  'both demanded': [DPOP_DEMANDED, MTLS_DEMANDED],
} satisfies Readonly<Record<string, readonly ProofMethod[]>>

const JKT = { jkt: 'thumbprint' }
const X5T = { 'x5t#S256': 'hash' }
const CONFIRMATIONS = { jkt: JKT, 'x5t#S256': X5T, both: { ...JKT, ...X5T } }

const VERDICTS = {
  fine: undefined,
  unenforced: {
    code: 'proof_required',
    detail: 'the token is bound to a key (cnf) and no proof of possession is checked',
  },
  unbound: { code: 'proof_required', detail: 'the token is bound to no key, which this API demands' },
  downgraded: { code: 'proof_required', detail: 'a token that is bound to a key came as a bearer token' },
  'not for DPoP': {
    code: 'proof_mismatch',
    detail: 'the token came under the scheme DPoP and is not bound to a DPoP key',
  },
} as const

type Methods = keyof typeof METHODS
type Verdict = keyof typeof VERDICTS

const SCHEMES: readonly (Scheme | undefined)[] = ['Bearer', 'DPoP', undefined]

function refusal(claims: Changes, scheme: Scheme | undefined, methods: Methods, isDemanded = false): unknown {
  return refuseBinding(claims, scheme, METHODS[methods], isDemanded)
}

describe('refuseBinding', () => {
  test.each<[Scheme | undefined, Methods, Verdict]>([
    ['Bearer', 'no method', 'fine'],
    [undefined, 'no method', 'fine'],
    ['Bearer', 'dpop and mtls', 'fine'],
    [undefined, 'dpop and mtls', 'fine'],
    ['Bearer', 'dpop demanded', 'unbound'],
    ['Bearer', 'mtls demanded', 'unbound'],
    ['Bearer', 'dpop and mtls demanded', 'unbound'],
    ['Bearer', 'dpop demanded and mtls', 'unbound'],
    [undefined, 'dpop demanded', 'unbound'],
    [undefined, 'mtls demanded', 'unbound'],
    ['DPoP', 'no method', 'not for DPoP'],
    ['DPoP', 'dpop', 'not for DPoP'],
    ['DPoP', 'dpop demanded', 'not for DPoP'],
    ['DPoP', 'mtls', 'not for DPoP'],
    ['DPoP', 'mtls demanded', 'not for DPoP'],
  ])('a token that is bound to no key, under %s, with %s, is %s', (scheme, methods, verdict) => {
    expect(refusal({}, scheme, methods)).toEqual(VERDICTS[verdict])
  })

  test.each<[keyof typeof CONFIRMATIONS, Scheme | undefined, Methods, Verdict]>([
    ['jkt', 'DPoP', 'dpop', 'fine'],
    ['jkt', 'DPoP', 'dpop demanded', 'fine'],
    ['jkt', 'DPoP', 'dpop and mtls', 'fine'],
    ['jkt', 'DPoP', 'dpop demanded and mtls', 'fine'],
    ['jkt', 'Bearer', 'dpop', 'downgraded'],
    ['jkt', 'Bearer', 'dpop demanded', 'downgraded'],
    ['jkt', 'Bearer', 'dpop and mtls', 'downgraded'],
    ['jkt', undefined, 'dpop', 'unenforced'],
    ['jkt', undefined, 'dpop demanded', 'unenforced'],
    ['jkt', 'DPoP', 'no method', 'unenforced'],
    ['jkt', 'Bearer', 'no method', 'unenforced'],
    ['jkt', undefined, 'no method', 'unenforced'],
    ['jkt', 'DPoP', 'mtls', 'unenforced'],
    ['jkt', 'Bearer', 'mtls', 'unenforced'],
    ['jkt', 'Bearer', 'mtls demanded', 'unenforced'],
    ['jkt', 'DPoP', 'dpop and mtls demanded', 'unbound'],
    ['jkt', 'Bearer', 'dpop and mtls demanded', 'unbound'],
    ['jkt', 'DPoP', 'both demanded', 'unbound'],

    ['x5t#S256', 'Bearer', 'mtls', 'fine'],
    ['x5t#S256', 'Bearer', 'mtls demanded', 'fine'],
    ['x5t#S256', 'Bearer', 'dpop and mtls', 'fine'],
    ['x5t#S256', 'Bearer', 'dpop and mtls demanded', 'fine'],
    ['x5t#S256', 'DPoP', 'mtls', 'not for DPoP'],
    ['x5t#S256', 'DPoP', 'dpop and mtls', 'not for DPoP'],
    ['x5t#S256', undefined, 'mtls', 'unenforced'],
    ['x5t#S256', undefined, 'mtls demanded', 'unenforced'],
    ['x5t#S256', 'Bearer', 'no method', 'unenforced'],
    ['x5t#S256', 'DPoP', 'no method', 'unenforced'],
    ['x5t#S256', 'Bearer', 'dpop', 'unenforced'],
    ['x5t#S256', 'DPoP', 'dpop', 'unenforced'],
    ['x5t#S256', 'DPoP', 'dpop demanded', 'unenforced'],
    ['x5t#S256', 'Bearer', 'dpop demanded and mtls', 'unbound'],
    ['x5t#S256', 'DPoP', 'dpop demanded and mtls', 'unbound'],
    ['x5t#S256', 'Bearer', 'both demanded', 'unbound'],

    ['both', 'DPoP', 'dpop and mtls', 'fine'],
    ['both', 'DPoP', 'mtls and dpop', 'fine'],
    ['both', 'DPoP', 'both demanded', 'fine'],
    ['both', 'Bearer', 'dpop and mtls', 'downgraded'],
    ['both', 'Bearer', 'mtls and dpop', 'downgraded'],
    ['both', 'Bearer', 'both demanded', 'downgraded'],
    ['both', 'DPoP', 'dpop', 'unenforced'],
    ['both', 'DPoP', 'dpop demanded', 'unenforced'],
    ['both', 'DPoP', 'mtls', 'unenforced'],
    ['both', 'Bearer', 'mtls', 'unenforced'],
    ['both', 'Bearer', 'mtls demanded', 'unenforced'],
    ['both', 'DPoP', 'no method', 'unenforced'],
    ['both', undefined, 'dpop and mtls', 'unenforced'],
    ['both', undefined, 'both demanded', 'unenforced'],
  ])('a token that is bound by %s, under %s, with %s, is %s', (name, scheme, methods, verdict) => {
    expect(refusal({ cnf: CONFIRMATIONS[name] }, scheme, methods)).toEqual(VERDICTS[verdict])
  })

  test.each([
    null,
    'thumbprint',
    '',
    5,
    0,
    true,
    false,
    [],
    ['jkt'],
    [JKT],
    {},
    { jwk: { kty: 'EC' } },
    { jwe: 'a.b.c.d.e' },
    { kid: 'key-1' },
    { jku: 'https://login.example/jwks' },
    { JKT: 'thumbprint' },
    { 'x5t#s256': 'hash' },
    { x5t: 'hash' },
    { cnf: JKT },
    Object.create(JKT) as object,
  ])('a token whose cnf has no member that is known is refused whatever is checked: %j', (cnf) => {
    for (const scheme of SCHEMES) {
      for (const methods of Object.keys(METHODS) as Methods[])
        expect(refusal({ cnf }, scheme, methods)).toEqual(VERDICTS.unenforced)
    }
  })

  test('members that nobody knows are tolerated beside one that is asked', () => {
    const more = { jwk: { kty: 'EC' }, kid: 'key-1', constructor: 'x' }
    expect(refusal({ cnf: { ...more, ...JKT } }, 'DPoP', 'dpop')).toBeUndefined()
    expect(refusal({ cnf: { ...more, ...X5T } }, 'Bearer', 'mtls')).toBeUndefined()
    expect(refusal({ cnf: { ...more, ...JKT } }, 'Bearer', 'mtls')).toEqual(VERDICTS.unenforced)
  })

  test.each([null, '', 5, false, [], {}])('a member counts whatever stands in it: %j', (value) => {
    expect(refusal({ cnf: { jkt: value } }, 'Bearer', 'no method')).toEqual(VERDICTS.unenforced)
    expect(refusal({ cnf: { jkt: value } }, 'Bearer', 'dpop')).toEqual(VERDICTS.downgraded)
    expect(refusal({ cnf: { jkt: value, ...X5T } }, 'Bearer', 'mtls')).toEqual(VERDICTS.unenforced)
    expect(refusal({ cnf: { 'x5t#S256': value, ...JKT } }, 'DPoP', 'dpop')).toEqual(VERDICTS.unenforced)
  })

  describe('where any binding will do and none will not', () => {
    test.each(Object.keys(METHODS) as Methods[])(
      'a token that is bound to no key is refused: %s',
      (methods) => {
        expect(refusal({}, 'Bearer', methods, true)).toEqual(VERDICTS.unbound)
        expect(refusal({}, undefined, methods, true)).toEqual(VERDICTS.unbound)
        expect(refusal({}, 'DPoP', methods, true)).toEqual(VERDICTS['not for DPoP'])
      },
    )

    test.each<[keyof typeof CONFIRMATIONS, Scheme, Methods]>([
      ['jkt', 'DPoP', 'dpop'],
      ['jkt', 'DPoP', 'dpop and mtls'],
      ['x5t#S256', 'Bearer', 'mtls'],
      ['x5t#S256', 'Bearer', 'dpop and mtls'],
      ['both', 'DPoP', 'dpop and mtls'],
    ])('a token that is bound by %s passes, under %s, with %s', (name, scheme, methods) => {
      expect(refusal({ cnf: CONFIRMATIONS[name] }, scheme, methods, true)).toBeUndefined()
    })

    test('a token is refused for what else is wrong with its binding', () => {
      expect(refusal({ cnf: {} }, 'Bearer', 'dpop and mtls', true)).toEqual(VERDICTS.unenforced)
      expect(refusal({ cnf: JKT }, 'Bearer', 'dpop and mtls', true)).toEqual(VERDICTS.downgraded)
      expect(refusal({ cnf: X5T }, 'DPoP', 'dpop and mtls', true)).toEqual(VERDICTS['not for DPoP'])
      expect(refusal({ cnf: JKT }, undefined, 'dpop', true)).toEqual(VERDICTS.unenforced)
    })
  })

  test('takes only the own cnf of a claims set', () => {
    const inherited = Object.create({ cnf: JKT }) as Changes
    expect(refusal(inherited, 'Bearer', 'no method')).toBeUndefined()
    expect(refusal(inherited, 'Bearer', 'dpop demanded')).toEqual(VERDICTS.unbound)
  })

  test('never repeats what stands in cnf', () => {
    const secret = 'do-not-log-me'
    for (const cnf of [secret, { jkt: secret }, { 'x5t#S256': secret }, { [secret]: secret }]) {
      for (const scheme of SCHEMES) {
        for (const methods of Object.keys(METHODS) as Methods[])
          expect(JSON.stringify(refusal({ cnf }, scheme, methods)) ?? '').not.toContain(secret)
      }
    }
  })
})

describe('methodsFor', () => {
  test.each([
    ['no cnf', {}, []],
    ['jkt', { cnf: JKT }, ['dpop']],
    ['x5t#S256', { cnf: X5T }, ['mtls']],
    ['both', { cnf: { ...X5T, ...JKT } }, ['dpop', 'mtls']],
    ['jkt and others', { cnf: { kid: 'key-1', ...JKT } }, ['dpop']],
    ['a jkt that is null', { cnf: { jkt: null } }, ['dpop']],
    ['others alone', { cnf: { kid: 'key-1' } }, []],
    ['a text', { cnf: 'jkt' }, []],
    ['an inherited member', { cnf: Object.create(JKT) as object }, []],
    ['an inherited cnf', Object.create({ cnf: JKT }) as Changes, []],
  ])('gives those whose member stands in cnf: %s', (_, claims, kinds) => {
    expect(methodsFor(claims, [DPOP, MTLS]).map(({ kind }) => kind)).toEqual(kinds)
  })

  test('keeps the order of the methods, in which they are asked', () => {
    expect(methodsFor({ cnf: CONFIRMATIONS.both }, [MTLS, DPOP])).toEqual([MTLS, DPOP])
  })

  test('has none to give where there are none', () => {
    expect(methodsFor({ cnf: CONFIRMATIONS.both }, [])).toEqual([])
  })
})
