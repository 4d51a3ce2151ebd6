import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJsonObject } from './json.js'

const ANY_JSON = fc.jsonValue({ maxDepth: 2 })

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen)
}

/** The text of an object whose members may have one name more than once. */
function textOf(members: readonly (readonly [string, unknown])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

describe('parseJsonObject', () => {
  test('gives what JSON.parse gives, for any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), ANY_JSON, { maxKeys: 5 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__proto__'))
        expect(parseJsonObject(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('refuses exactly the objects in which a name stands twice, whatever the names and values contain', () => {
    const tricky = fc.string({ unit: fc.constantFrom('"', '\\', ':', '{', '}', ',', 'a', 'é', '\u2028') })
    const members = fc.array(fc.tuple(tricky, fc.oneof(tricky, ANY_JSON)), { maxLength: 6 })
    fc.assert(
      fc.property(members, (pairs) => {
        const text = textOf(pairs)
        fc.pre(!text.includes('__proto__'))
        const distinct = new Set(pairs.map(([name]) => name)).size === pairs.length
        expect(parseJsonObject(text) !== undefined).toBe(distinct)
        expect(parseJsonObject(`{"outer":[${text}]}`) !== undefined).toBe(distinct)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    '{"sub":"a","sub":"b"}',
    '{"sub":"a","sub":"a"}',
    '{"sub":"a","\\u0073ub":"b"}',
    '{"a":{"b":1,"b":2}}',
    '{"a":[{"b":1},{"b":1,"c":2,"b":3}]}',
    '{"a\\"b":1,"a\\"b":2}',
    '{"a\\\\":1,"a\\\\":2}',
    '{"":1,"":2}',
    '{"1":1,"1":2}',
  ])('refuses a member name that stands twice: %s', (text) => {
    expect(parseJsonObject(text)).toBeUndefined()
  })

  test.each([
    '{}',
    '{"a":1}',
    '{"a:b":"c:d"}',
    '{"a":"\\":\\":","b":":"}',
    '{"a":"\\\\","b:":"\\\\\\":"}',
    '{"sub":1,"Sub":2}',
    '{"a":{"b":1},"b":{"b":1}}',
    '{"a":[{"b":1},{"b":2}]}',
    ' \t\r\n{ "a" : [ 1 , { "b" : null } ] } \n',
    '{"a":[":",":\\":"]}',
  ])('accepts an object whose names are distinct, wherever colons and quotes stand: %s', (text) => {
    expect(parseJsonObject(text)).toEqual(JSON.parse(text))
  })

  test.each(['[]', '["a"]', '[{"a":1}]', '"text"', '1', 'true', 'null', ''])(
    'refuses what is no object: %j',
    (text) => {
      expect(parseJsonObject(text)).toBeUndefined()
    },
  )

  test.each([
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{"a":01}',
    '{"a":1} x',
    '{"a":NaN}',
    '{"a":1}{"a":1}',
    '{"a":"\n"}',
  ])('refuses what is no JSON: %j', (text) => {
    expect(parseJsonObject(text)).toBeUndefined()
  })

  test('refuses a byte order mark', () => {
    expect(parseJsonObject('\uFEFF{}')).toBeUndefined()
  })

  test.each([
    '{"__proto__":{"admin":true}}',
    '{"a":{"__proto__":1}}',
    '{"a":[[{"__proto__":null}]]}',
    '{"\\u005f_proto__":1}',
  ])('refuses a member named __proto__ at any depth: %s', (text) => {
    expect(parseJsonObject(text)).toBeUndefined()
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false)
  })

  test.each([
    'constructor',
    'hasOwnProperty',
    'toString',
    'valueOf',
    'prototype',
    '__defineGetter__',
    'proto',
  ])('takes a member named %s as any other', (name) => {
    const parsed = parseJsonObject(textOf([[name, 'mine']])) as Record<string, unknown>
    expect(Object.keys(parsed)).toEqual([name])
    expect(parsed[name]).toBe('mine')
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
  })

  test('takes __proto__ as the value of a member', () => {
    expect(parseJsonObject('{"a":"__proto__"}')).toEqual({ a: '__proto__' })
  })

  test('freezes every object and every list in it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), ANY_JSON, { maxKeys: 5 }), (value) => {
        const parsed = parseJsonObject(JSON.stringify(value))
        fc.pre(parsed !== undefined)
        expect(isDeeplyFrozen(parsed)).toBe(true)
      }),
    )
  })

  test('lets nothing be changed', () => {
    const parsed = parseJsonObject('{"realm_access":{"roles":["user"]}}') as {
      realm_access: { roles: string[] }
    }
    expect(() => parsed.realm_access.roles.push('admin')).toThrow(TypeError)
    expect(() => {
      parsed.realm_access = { roles: [] }
    }).toThrow(TypeError)
  })

  test.each([
    ['lists', '['.repeat(6000) + ']'.repeat(6000)],
    ['objects', '{"a":'.repeat(2000) + '1' + '}'.repeat(2000)],
  ])('reads %s that are nested as deeply as a token has room for', (_, nested) => {
    let node: unknown = parseJsonObject(`{"deep":${nested}}`)
    expect(node).toBeDefined()
    while (typeof node === 'object' && node !== null) {
      if (!Object.isFrozen(node)) throw new Error('not frozen')
      ;[node] = Object.values(node)
    }
  })

  test('refuses a duplicate member also at the bottom of deep nesting', () => {
    expect(parseJsonObject('{"a":'.repeat(1500) + '{"b":1,"b":2}' + '}'.repeat(1500))).toBeUndefined()
  })
})
