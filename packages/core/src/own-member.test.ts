import { expect, test } from 'vitest'
import { ownMember } from './own-member.js'

test('reads an own member', () => {
  expect(ownMember({ kid: 'a' }, 'kid')).toBe('a')
  expect(ownMember(['first'], '0')).toBe('first')
})

test.each([undefined, null, 'text', 7, {}, Object.create({ kid: 'a' })])(
  '%j has no such member of its own',
  (value) => {
    expect(ownMember(value, 'kid')).toBeUndefined()
    expect(ownMember(value, 'toString')).toBeUndefined()
  },
)
