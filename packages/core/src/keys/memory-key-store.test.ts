import { describe, expect, test, vi } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { memoryKeyStore } from './memory-key-store.js'

describe('memoryKeyStore', () => {
  test('gives what was set last', () => {
    const store = memoryKeyStore()
    expect(store.get('a')).toBeUndefined()
    store.set('a', 'one', 1_000)
    store.set('a', 'two', 1_000)
    store.set('b', 'other', 1_000)
    expect(store.get('a')).toBe('two')
    expect(store.get('b')).toBe('other')
  })

  test('forgets it after its time, without a timer', () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout')
    let time = 0
    const store = memoryKeyStore({}, () => time)
    store.set('a', 'one', 1_000)
    time = 999
    expect(store.get('a')).toBe('one')
    time = 1_000
    expect(store.get('a')).toBeUndefined()
    time = 0
    expect(store.get('a')).toBeUndefined()
    expect(timeouts).not.toHaveBeenCalled()
  })

  test('keeps as many as it may; the one written longest ago goes first', () => {
    const store = memoryKeyStore({ maxEntries: 2 })
    store.set('a', 'one', 1_000)
    store.set('b', 'two', 1_000)
    store.set('a', 'three', 1_000)
    store.set('c', 'four', 1_000)
    expect(['a', 'b', 'c'].map((key) => store.get(key))).toEqual(['three', undefined, 'four'])
  })

  test('keeps 1,000 by default', () => {
    const store = memoryKeyStore()
    for (let index = 0; index <= 1_000; index += 1) store.set(String(index), 'x', 1_000)
    expect(store.get('0')).toBeUndefined()
    expect(store.get('1')).toBe('x')
  })

  test.each([0, 1_000_001, Number.NaN])('refuses to keep at most %s', (maxEntries) => {
    expect(isConfigError(thrownBy(() => memoryKeyStore({ maxEntries })))).toBe(true)
    expect(messageOf(() => memoryKeyStore({ maxEntries }))).toContain('memoryKeyStore({ maxEntries }): got')
  })
})
