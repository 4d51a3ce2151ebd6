import { describe, expect, test } from 'vitest'
import { messageOf } from '../tokens.test-support.js'
import { resolveRights } from './options.js'

const NAMES = ['scopesClaim', 'rolesClaim', 'permissionsClaim', 'groupsClaim'] as const

function reader(): readonly string[] {
  return []
}

describe('resolveRights', () => {
  test('leaves the defaults to the reader', () => {
    expect(resolveRights({}, '')).toEqual(Object.fromEntries(NAMES.map((name) => [name, undefined])))
  })

  test.each(NAMES)('takes a name, a path or a function as %s', (name) => {
    expect(resolveRights({ [name]: 'claim' }, '')[name]).toEqual(['claim'])
    expect(resolveRights({ [name]: ['a', 'b'] }, '')[name]).toEqual(['a', 'b'])
    expect(resolveRights({ [name]: reader }, '')[name]).toBe(reader)
  })

  test.each(NAMES)('refuses a wrong %s and says where it stands', (name) => {
    expect(messageOf(() => resolveRights({ [name]: null }, ''))).toMatch(
      `${name}: got null. Pass a claim name`,
    )
    expect(messageOf(() => resolveRights({ [name]: [] }, 'issuers[2]'))).toMatch(
      `issuers[2].${name}: got an empty array.`,
    )
  })
})
