import { describe, expect, test } from 'vitest'
import { messageOf } from '../tokens.test-support.js'
import { checkClaimPath, readClaim } from './claim-path.js'

const CLAIMS = {
  sub: 'user-1',
  realm_access: { roles: ['user'] },
  'https://api.example/roles': ['namespaced'],
  'realm_access.roles': ['dotted'],
  list: [{ value: 'a' }],
  nothing: null,
}

describe('readClaim', () => {
  test('reads a top-level claim, in whose name a dot is a dot', () => {
    expect(readClaim(CLAIMS, 'sub')).toBe('user-1')
    expect(readClaim(CLAIMS, 'https://api.example/roles')).toEqual(['namespaced'])
    expect(readClaim(CLAIMS, 'realm_access.roles')).toEqual(['dotted'])
  })

  test('reads a nested claim by its segments', () => {
    expect(readClaim(CLAIMS, ['realm_access', 'roles'])).toEqual(['user'])
    expect(readClaim(CLAIMS, ['sub'])).toBe('user-1')
    expect(readClaim(CLAIMS, ['list', '0', 'value'])).toBe('a')
  })

  test.each([
    ['missing'],
    [['realm_access', 'missing']],
    [['missing', 'roles']],
    [['sub', 'length']],
    [['nothing', 'roles']],
  ] as const)('finds nothing at %j', (path) => {
    expect(readClaim(CLAIMS, path)).toBeUndefined()
  })

  test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'reads own members only: not %s',
    (name) => {
      expect(readClaim(CLAIMS, name)).toBeUndefined()
      expect(readClaim(CLAIMS, ['realm_access', name])).toBeUndefined()
    },
  )

  test.each([undefined, null, 'text', 5])('finds nothing in what is no object: %j', (claims) => {
    expect(readClaim(claims, 'length')).toBeUndefined()
  })
})

describe('checkClaimPath', () => {
  test('takes a name, and a list of names that the caller cannot change afterwards', () => {
    expect(checkClaimPath('roles', 'rolesClaim')).toEqual(['roles'])
    const path = ['realm_access', 'roles']
    const checked = checkClaimPath(path, 'rolesClaim')
    path[1] = 'other'
    expect(checked).toEqual(['realm_access', 'roles'])
  })

  test.each([
    ['', '""'],
    [[], 'an empty array'],
    [['a', ''], '["a", ""]'],
    [['a', 5], '["a", 5]'],
    [5, '5'],
    [null, 'null'],
    [{}, 'an object'],
  ])('refuses %j', (path, got) => {
    expect(messageOf(() => checkClaimPath(path, 'rolesClaim'))).toBe(
      `rolesClaim: got ${got}. Pass a claim name, or the segments of a nested one: ['realm_access', 'roles'].`,
    )
  })
})
