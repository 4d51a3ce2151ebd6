import { describe, expect, test } from 'vitest'
import { ConfigError } from './errors.js'
import {
  functionOption,
  join,
  numberOption,
  optionError,
  optionsObject,
  refuseUnknownOptions,
  stringsOption,
} from './option-checks.js'
import { messageOf } from './tokens.test-support.js'

describe('optionError', () => {
  test('names the option, what it got, and the fix', () => {
    const error = optionError('realm', 5, 'Pass a string.')
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toBe('realm: got 5. Pass a string.')
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [Number.NaN, 'NaN'],
    [5n, '5'],
    ['', '""'],
    ['a"\n', String.raw`"a\"\n"`],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}…"`],
    [[], 'an empty array'],
    [['a', 5, []], '["a", 5, an empty array]'],
    [{ secret: 's' }, 'an object'],
    [new Uint8Array([1, 2]), 'an object'],
    [[{ secret: 's' }], '[an object]'],
    [() => 's', 'a function'],
    [Symbol('s'), 'Symbol(s)'],
  ])('describes %s in few words, and nothing inside of it', (value, words) => {
    expect(optionError('o', value, 'Fix.').message).toBe(`o: got ${words}. Fix.`)
  })
})

describe('optionsObject', () => {
  test('gives an object as it is', () => {
    const options = { a: 1 }
    expect(optionsObject(options, 'options', 'Fix.')).toBe(options)
  })

  test.each([undefined, null, 'text', 5, [], () => undefined])('refuses %s', (value) => {
    expect(() => optionsObject(value, 'options', 'Fix.')).toThrow(/^options: got .+\. Fix\.$/)
  })
})

describe('refuseUnknownOptions', () => {
  const KNOWN = ['issuer', 'audience', 'rolesClaim']

  function message(name: string, path?: string): string {
    return messageOf(() => refuseUnknownOptions({ [name]: 1 }, KNOWN, path))
  }

  test('has nothing against known names, or none', () => {
    expect(() => refuseUnknownOptions({ issuer: 1, audience: undefined }, KNOWN)).not.toThrow()
    expect(() => refuseUnknownOptions({}, KNOWN)).not.toThrow()
  })

  test.each([
    ['isuer', 'issuer'],
    ['Issuer', 'issuer'],
    ['ISSUER', 'issuer'],
    ['issuers', 'issuer'],
    ['audiance', 'audience'],
    ['aud', undefined],
    ['roleClaim', 'rolesClaim'],
    ['roles_claim', 'rolesClaim'],
    ['ssiuer', 'issuer'],
  ])('gives for %s the nearest right name, where one is near: %s', (name, nearest) => {
    const hint =
      nearest === undefined ? 'The options are: issuer, audience, rolesClaim.' : `Did you mean ${nearest}?`
    expect(message(name)).toBe(`${name}: there is no such option. ${hint}`)
  })

  test('says where the name stands', () => {
    expect(message('somethingElse', 'issuers[1]')).toBe(
      'issuers[1].somethingElse: there is no such option. The options are: issuer, audience, rolesClaim.',
    )
  })

  test.each([
    ['roles', 'rolesClaim names the claim that holds roles; a role is demanded by requireRole(…) on a route'],
    [
      'scopes',
      'scopesClaim names the claim that holds scopes; a scope is demanded by requireScope(…) on a route',
    ],
    [
      'scope',
      'scopesClaim names the claim that holds scopes; a scope is demanded by requireScope(…) on a route',
    ],
    [
      'permissions',
      'permissionsClaim names the claim; a permission is demanded by requirePermission(…) on a route',
    ],
    ['groups', 'groupsClaim names the claim; a group is demanded by requireGroup(…) on a route'],
  ])('tells what to write instead of %s, which reads as a demand and would protect nothing', (name, hint) => {
    expect(message(name)).toBe(`${name}: there is no such option. ${hint}`)
  })

  test.each(['constructor', 'toString', '__proto__'])('takes %s for a name like any other', (name) => {
    const options = JSON.parse(`{"${name}":1}`) as Readonly<Record<string, unknown>>
    expect(() => refuseUnknownOptions(options, KNOWN)).toThrow(`${name}: there is no such option.`)
  })
})

describe('join', () => {
  test('puts a name behind its path', () => {
    expect(join('', 'audience')).toBe('audience')
    expect(join('issuers[1]', 'audience')).toBe('issuers[1].audience')
  })
})

describe('numberOption', () => {
  const RANGE = { default: 5, min: 1, max: 10, unit: 'seconds' }

  test('gives the default for undefined, and a number within bounds', () => {
    expect(numberOption(undefined, 'n', RANGE)).toBe(5)
    for (const value of [1, 1.5, 10]) expect(numberOption(value, 'n', RANGE)).toBe(value)
  })

  test.each([0.999, 10.001, -1, Number.NaN, Number.POSITIVE_INFINITY, '5', null, true, [5]])(
    'refuses %j',
    (value) => {
      expect(() => numberOption(value, 'n', RANGE)).toThrow(
        /^n: got .+\. Pass seconds between 1 and 10; the default is 5\.$/,
      )
    },
  )
})

describe('stringsOption', () => {
  test('gives a frozen list of one or more', () => {
    expect(stringsOption('a', 's', 'Fix.')).toEqual(['a'])
    const given = ['a', 'b']
    const list = stringsOption(given, 's', 'Fix.')
    expect(list).toEqual(['a', 'b'])
    expect(Object.isFrozen(list)).toBe(true)
    expect(Object.isFrozen(given)).toBe(false)
  })

  test.each([
    undefined,
    null,
    '',
    5,
    {},
    [],
    [''],
    ['a', ''],
    ['a', 5],
    ['a', 'a'],
    [['a']],
    ['a', undefined],
  ])('refuses %j', (value) => {
    expect(() => stringsOption(value, 's', 'Fix.')).toThrow(/^s: got .+\. Fix\.$/)
  })
})

describe('functionOption', () => {
  test('gives a function, or undefined', () => {
    expect(functionOption(join, 'f', 'Fix.')).toBe(join)
    expect(functionOption(undefined, 'f', 'Fix.')).toBeUndefined()
  })

  test.each([null, 'f', 5, {}, []])('refuses %j', (value) => {
    expect(() => functionOption(value, 'f', 'Fix.')).toThrow(/^f: got .+\. Fix\.$/)
  })
})
