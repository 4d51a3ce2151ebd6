import { describe, expect, test } from 'vitest'
import { createAuth, readFacts, type Auth, type Possession } from '../auth.js'
import { isAuthError } from '../auth-error.js'
import { resolveRights } from '../rights/options.js'
import type { VerifiedToken } from '../signature/verify-signature.js'
import { messageOf, thrownBy, unverified, type Changes } from '../tokens.test-support.js'
import {
  allOf,
  anyOf,
  assertGranted,
  hasClaim,
  hasGroup,
  hasPermission,
  hasProof,
  hasRole,
  hasScope,
  isGranted,
  isRequirement,
  refusalOf,
  type Requirement,
} from './requirement.js'

function authOf(changes: Changes = {}, output?: unknown): Auth<unknown> {
  const token = unverified(changes) as VerifiedToken
  return createAuth(token, readFacts(token, resolveRights({}, '')), output ?? token.claims, () => 0)
}

const AUTH = authOf({
  scope: 'read write',
  roles: ['user', 'support'],
  permissions: ['refund'],
  groups: ['staff'],
  email_verified: true,
  blocked: false,
  level: 0,
  plan: 'pro',
  plans: ['basic', 'pro'],
  nothing: null,
  none: [],
  mixed: [null, false],
  empty: '',
  address: { country: 'AT' },
})

const KINDS = [
  ['hasScope', hasScope, 'scope_insufficient', ['read', 'write'], 'admin'],
  ['hasRole', hasRole, 'role_insufficient', ['user', 'support'], 'admin'],
  ['hasPermission', hasPermission, 'permission_insufficient', ['refund'], 'admin'],
  ['hasGroup', hasGroup, 'group_insufficient', ['staff'], 'admin'],
] as const

const FIX_NAMES = 'Pass distinct names, one an argument, at least one.'

describe.each(KINDS)('%s', (name, has, code, held, missing) => {
  const demand = (...names: readonly string[]): Requirement => has(...(names as [string, ...string[]]))

  test('grants where every name is held', () => {
    expect(refusalOf(AUTH, demand(...held))).toBeUndefined()
    for (const one of held) expect(refusalOf(AUTH, demand(one))).toBeUndefined()
  })

  test('refuses where one name is not held, and tells the operator what was demanded', () => {
    const detail = `the route demands: ${[...held, missing].join(', ')}`
    expect(refusalOf(AUTH, demand(...held, missing))).toMatchObject({ code, detail })
    expect(refusalOf(AUTH, demand(missing, ...held))).toMatchObject({ code })
    expect(refusalOf(AUTH, demand(missing))).toMatchObject({ code })
  })

  test('compares to the letter', () => {
    for (const one of held) {
      expect(refusalOf(AUTH, demand(one.toUpperCase()))).toMatchObject({ code })
      expect(refusalOf(AUTH, demand(one.slice(0, -1)))).toMatchObject({ code })
    }
  })

  test.each([
    [[], 'undefined'],
    [[''], '""'],
    [['a', ''], '""'],
    [['a', 'a'], '"a"'],
    [['a', 5], '5'],
    [[['a']], '["a"]'],
  ])('takes no %j for names', (given, got) => {
    expect(messageOf(() => demand(...(given as string[])))).toBe(`${name}: got ${got}. ${FIX_NAMES}`)
  })
})

describe('hasScope', () => {
  test('names the demanded scopes in its refusal', () => {
    expect(refusalOf(AUTH, hasScope('read', 'admin'))).toMatchObject({ scope: ['read', 'admin'] })
  })

  test.each([
    ['read write', '"read write"'],
    ['a"', String.raw`"a\""`],
    ['a\\', String.raw`"a\\"`],
    ['é', '"é"'],
  ])('takes no %j for a scope', (scope, got) => {
    expect(messageOf(() => hasScope('fine', scope))).toBe(
      `hasScope: got ${got}. Pass one scope an argument, without spaces: hasScope('a', 'b').`,
    )
  })
})

describe('hasRole, hasPermission and hasGroup', () => {
  test('disclose no name', () => {
    for (const has of [hasRole, hasPermission, hasGroup])
      expect(refusalOf(AUTH, has('admin'))).not.toHaveProperty('scope')
  })

  test('may have spaces in their names', () => {
    const auth = authOf({ roles: ['Domain Admins'] })
    expect(isGranted(auth, hasRole('Domain Admins'))).toBe(true)
  })

  test('refuse a group that did not fit into the token', () => {
    expect(isGranted(authOf({ hasgroups: true }), hasGroup('staff'))).toBe(false)
  })
})

describe('hasClaim', () => {
  test.each(['email_verified', 'level', 'plan', 'plans', 'empty', 'address'])(
    'grants where %s is there',
    (claim) => {
      expect(isGranted(AUTH, hasClaim(claim))).toBe(true)
    },
  )

  test.each(['missing', 'blocked', 'nothing', 'none', 'mixed', 'constructor', 'toString'])(
    'refuses where %s is not there, null, false, or a list of nothing else',
    (claim) => {
      expect(refusalOf(AUTH, hasClaim(claim))).toEqual({
        code: 'claims_insufficient',
        detail: `the claim ${claim} does not fit`,
      })
    },
  )

  test('grants where the claim is one of the values, of the same type', () => {
    expect(isGranted(AUTH, hasClaim('plan', 'basic', 'pro'))).toBe(true)
    expect(isGranted(AUTH, hasClaim('email_verified', true))).toBe(true)
    expect(isGranted(AUTH, hasClaim('blocked', false))).toBe(true)
    expect(isGranted(AUTH, hasClaim('level', 0))).toBe(true)
    expect(isGranted(AUTH, hasClaim('plan', 'basic'))).toBe(false)
    expect(isGranted(AUTH, hasClaim('email_verified', 'true'))).toBe(false)
    expect(isGranted(AUTH, hasClaim('level', '0', false))).toBe(false)
    expect(isGranted(AUTH, hasClaim('plan', 'pr'))).toBe(false)
    expect(isGranted(AUTH, hasClaim('missing', 'pro'))).toBe(false)
  })

  test('grants where one entry of a list fits, whole', () => {
    expect(isGranted(AUTH, hasClaim('plans', 'pro'))).toBe(true)
    expect(isGranted(AUTH, hasClaim('plans', 'enterprise'))).toBe(false)
    expect(isGranted(authOf({ role: 'not admin' }), hasClaim('role', 'admin'))).toBe(false)
  })

  test('reads a nested claim, and names its path to the operator', () => {
    expect(isGranted(AUTH, hasClaim(['address', 'country'], 'AT', 'CH'))).toBe(true)
    expect(refusalOf(AUTH, hasClaim(['address', 'country'], 'DE'))).toEqual({
      code: 'claims_insufficient',
      detail: 'the claim address > country does not fit',
    })
  })

  test('reads the claims of the token, not what a schema made of them', () => {
    const auth = authOf({ plan: 'free' }, { plan: 'pro' })
    expect(isGranted(auth, hasClaim('plan', 'pro'))).toBe(false)
    expect(isGranted(auth, hasClaim('plan', 'free'))).toBe(true)
  })

  test.each([
    ['', '""'],
    [[], 'an empty array'],
    [undefined, 'undefined'],
  ])('takes no %j for a path', (path, got) => {
    expect(messageOf(() => hasClaim(path as string))).toMatch(`hasClaim: got ${got}. Pass a claim name`)
  })
})

function proven(...kinds: Possession['kinds']): Auth<unknown> {
  const token = unverified() as VerifiedToken
  const facts = readFacts(token, resolveRights({}, ''))
  return createAuth(token, facts, token.claims, () => 0, { kinds, fields: undefined })
}

describe('hasProof', () => {
  test('grants where that proof was checked, also beside another', () => {
    expect(refusalOf(proven('dpop'), hasProof('dpop'))).toBeUndefined()
    expect(refusalOf(proven('mtls'), hasProof('mtls'))).toBeUndefined()
    for (const kind of ['dpop', 'mtls'] as const) {
      expect(isGranted(proven('dpop', 'mtls'), hasProof(kind))).toBe(true)
      expect(isGranted(proven('mtls', 'dpop'), hasProof(kind))).toBe(true)
    }
  })

  test.each([
    ['another one was', proven('mtls')],
    ['none was', AUTH],
    ['the token says so itself', authOf({ proof: 'dpop', cnf: { jkt: 'thumbprint-1' } })],
    ['the schema says so', authOf({}, { proof: 'dpop' })],
    ['somebody made the result up', { ...proven('dpop') }],
  ])('refuses where %s', (_, auth) => {
    expect(refusalOf(auth, hasProof('dpop'))).toEqual({
      code: 'proof_required',
      detail: 'the route demands a proof of possession: dpop',
    })
  })

  test('refuses with 401: another token, or a proof, is what helps', () => {
    expect(thrownBy(() => assertGranted(AUTH, hasProof('mtls')))).toMatchObject({
      code: 'proof_required',
      status: 401,
      detail: 'the route demands a proof of possession: mtls',
    })
  })

  test('combines with others', () => {
    expect(isGranted(proven('dpop'), anyOf(hasProof('mtls'), hasProof('dpop')))).toBe(true)
    expect(refusalOf(AUTH, allOf(hasRole('user'), hasProof('dpop')))).toMatchObject({
      code: 'proof_required',
    })
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['', '""'],
    ['none', '"none"'],
    ['DPoP', '"DPoP"'],
    [['dpop'], '["dpop"]'],
    [true, 'true'],
  ])('takes no %j for a kind of proof', (kind, got) => {
    expect(messageOf(() => hasProof(kind as 'dpop'))).toBe(`hasProof: got ${got}. Pass 'dpop' or 'mtls'.`)
  })
})

describe('allOf', () => {
  test('grants where every requirement is met', () => {
    expect(isGranted(AUTH, allOf(hasScope('read'), hasRole('user')))).toBe(true)
    expect(isGranted(AUTH, allOf(hasScope('read')))).toBe(true)
  })

  test('refuses as the first that fails', () => {
    expect(refusalOf(AUTH, allOf(hasScope('read'), hasGroup('x'), hasRole('y')))).toEqual(
      refusalOf(AUTH, hasGroup('x')),
    )
  })

  test('names the scopes of all that fail, once each, in one challenge', () => {
    const all = allOf(hasScope('a', 'read'), hasScope('write'), hasScope('b', 'a'))
    expect(refusalOf(AUTH, all)).toEqual({
      code: 'scope_insufficient',
      detail: 'the route demands: a, read',
      scope: ['a', 'read', 'b'],
    })
    expect(refusalOf(AUTH, allOf(hasRole('x'), hasScope('a')))).toMatchObject({
      code: 'role_insufficient',
      scope: ['a'],
    })
  })
})

describe('anyOf', () => {
  test('grants where one requirement is met, whichever it is', () => {
    expect(isGranted(AUTH, anyOf(hasScope('x'), hasRole('user')))).toBe(true)
    expect(isGranted(AUTH, anyOf(hasRole('user'), hasScope('x')))).toBe(true)
    expect(isGranted(AUTH, anyOf(hasRole('user')))).toBe(true)
  })

  test('refuses as its first', () => {
    expect(refusalOf(AUTH, anyOf(hasScope('x'), hasRole('y')))).toEqual(refusalOf(AUTH, hasScope('x')))
  })

  test('nests with allOf', () => {
    const nested = anyOf(hasRole('admin'), allOf(hasScope('write'), hasPermission('refund')))
    expect(isGranted(AUTH, nested)).toBe(true)
    expect(isGranted(authOf({ scope: 'write' }), nested)).toBe(false)
  })
})

describe.each([
  ['allOf', allOf],
  ['anyOf', anyOf],
])('%s', (name, combine) => {
  test.each([
    [[], 'undefined'],
    [['admin'], '"admin"'],
    [[hasScope('a'), 5], '5'],
    [[hasScope('a'), undefined], 'undefined'],
    [[() => true], 'a function'],
  ])('takes only requirements: not %j', (given, got) => {
    expect(messageOf(() => (combine as (...all: readonly unknown[]) => unknown)(...given))).toBe(
      `${name}: got ${got}. Pass requirements: hasScope(…), hasRole(…), allOf(…), anyOf(…).`,
    )
  })
})

describe('assertGranted', () => {
  test('lets a result pass that meets the requirement', () => {
    expect(() => assertGranted(AUTH, hasScope('read'))).not.toThrow()
  })

  test('throws the AuthError of the requirement', () => {
    const error = thrownBy(() => assertGranted(AUTH, hasScope('admin')))
    expect(isAuthError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'scope_insufficient',
      status: 403,
      headers: { 'WWW-Authenticate': expect.stringContaining('scope="admin"') as string },
    })
  })
})

describe('isGranted and assertGranted', () => {
  test.each([undefined, 'admin', () => true, {}])('take only a requirement: not %s', (demanded) => {
    expect(() => isGranted(AUTH, demanded as Requirement)).toThrow(/^requirement: got/)
    expect(() => assertGranted(AUTH, demanded as Requirement)).toThrow(/^requirement: got/)
  })
})

describe('isRequirement', () => {
  test('recognises a requirement, also of another copy of this package', () => {
    expect(isRequirement(hasScope('a'))).toBe(true)
    expect(isRequirement({ [Symbol.for('require-jwt.requirement')]: () => undefined })).toBe(true)
  })

  test.each([undefined, null, 'a', 5, {}, () => true])('takes nothing else for one: %s', (value) => {
    expect(isRequirement(value)).toBe(false)
  })

  test('finds it frozen', () => {
    expect(Object.isFrozen(hasScope('a'))).toBe(true)
  })
})
