import { describe, expect, test, vi } from 'vitest'
import type { JwtClaims } from '../claims/standard-schema.js'
import type { RightsRules } from './options.js'
import { readRights } from './read-rights.js'

const DEFAULTS: RightsRules = {
  scopesClaim: undefined,
  rolesClaim: undefined,
  permissionsClaim: undefined,
  groupsClaim: undefined,
}

const KINDS = [
  ['scopes', 'scopesClaim'],
  ['roles', 'rolesClaim'],
  ['permissions', 'permissionsClaim'],
  ['groups', 'groupsClaim'],
] as const

describe('readRights', () => {
  test('gives four empty lists where the token has no rights', () => {
    expect(readRights({}, DEFAULTS)).toEqual({
      scopes: [],
      roles: [],
      permissions: [],
      groups: [],
      groupsOverage: false,
    })
  })

  test('never merges one kind of right with another', () => {
    const claims = { scope: 's', roles: ['r'], permissions: ['p'], groups: ['g'] }
    expect(readRights(claims, DEFAULTS)).toMatchObject({
      scopes: ['s'],
      roles: ['r'],
      permissions: ['p'],
      groups: ['g'],
    })
  })

  test.each<readonly [JwtClaims, readonly string[]]>([
    [{ scope: 'a b' }, ['a', 'b']],
    [{ scope: ' a   b ' }, ['a', 'b']],
    [{ scope: '' }, []],
    [{ scope: ['a', 'b'] }, ['a', 'b']],
    [{ scp: 'a b' }, ['a', 'b']],
    [{ scp: ['a', 'b'] }, ['a', 'b']],
    [{ scope: 'a', scp: ['b'] }, ['a']],
    [{ scope: '', scp: ['b'] }, []],
    [{ scope: 'a\tb' }, ['a\tb']],
    [{ Scope: 'a' }, []],
  ])('reads the scopes of %j', (claims, scopes) => {
    expect(readRights(claims, DEFAULTS).scopes).toEqual(scopes)
  })

  test.each(['roles', 'permissions', 'groups'] as const)('takes a string as one of %s', (kind) => {
    expect(readRights({ [kind]: 'one name' }, DEFAULTS)[kind]).toEqual(['one name'])
    expect(readRights({ [kind]: '' }, DEFAULTS)[kind]).toEqual([])
  })

  test.each(KINDS)('reads %s from where %s says', (kind, option) => {
    const claims = { realm_access: { names: ['a', 'b'] }, custom: ['c'] }
    const read = (reader: RightsRules[typeof option]): readonly string[] =>
      readRights(claims, { ...DEFAULTS, [option]: reader })[kind]
    expect(read(['realm_access', 'names'])).toEqual(['a', 'b'])
    expect(read('custom')).toEqual(['c'])
    expect(read('missing')).toEqual([])
    expect(read((given) => [...(given['custom'] as readonly string[]), 'd'])).toEqual(['c', 'd'])
  })

  test('shows a function the claims themselves', () => {
    const claims = Object.freeze({ sub: 'a' })
    const reader = vi.fn<(claims: JwtClaims) => readonly string[]>(() => [])
    readRights(claims, { ...DEFAULTS, rolesClaim: reader })
    expect(reader.mock.calls).toEqual([[claims]])
    expect(reader.mock.calls[0]?.[0]).toBe(claims)
  })

  test.each([undefined, null, 5, true, {}, { value: 'a' }, Promise.resolve(['a'])])(
    'takes no right from what is neither a list nor a string: %j',
    (value) => {
      const rules = { ...DEFAULTS, scopesClaim: () => value as unknown as readonly string[] }
      expect(readRights({ roles: value }, rules)).toMatchObject({ scopes: [], roles: [] })
    },
  )

  test('takes strings from a list, and the value of objects as SCIM has them, and nothing else', () => {
    const roles = [
      'a',
      { value: 'b', display: 'B' },
      '',
      null,
      5,
      ['c'],
      { value: 6 },
      { name: 'd' },
      { value: '' },
    ]
    expect(readRights({ roles }, DEFAULTS).roles).toEqual(['a', 'b'])
  })

  test('freezes every list', () => {
    const rights = readRights({ scope: 'a', roles: ['b'] }, DEFAULTS)
    for (const [kind] of KINDS) expect(Object.isFrozen(rights[kind])).toBe(true)
  })

  test('leaves a list that a function gave as it is', () => {
    const own = ['a']
    const { roles } = readRights({}, { ...DEFAULTS, rolesClaim: () => own })
    expect(roles).toEqual(['a'])
    expect(roles).not.toBe(own)
    expect(Object.isFrozen(own)).toBe(false)
  })

  test.each([
    [{ hasgroups: true }, true],
    [{ _claim_names: { groups: 'src1' } }, true],
    [{ hasgroups: false }, false],
    [{ hasgroups: 'true' }, false],
    [{ _claim_names: { other: 'src1' } }, false],
    [{ groups: ['a'] }, false],
  ])('notices groups that did not fit into the token: %j', (claims, overage) => {
    expect(readRights(claims, DEFAULTS).groupsOverage).toBe(overage)
  })

  test('takes no right from a prototype', () => {
    const claims = Object.create({ scope: 'a', scp: 'b', roles: ['admin'] }) as JwtClaims
    expect(readRights(claims, DEFAULTS)).toMatchObject({ scopes: [], roles: [] })
  })
})
