import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { checkKeyStore } from './store.js'

class Table {
  readonly #texts = new Map<string, string>()

  get(key: string): string | undefined {
    return this.#texts.get(key)
  }

  set(key: string, value: string): void {
    this.#texts.set(key, value)
  }
}

const get = (): null => null
const set = (): void => undefined

describe('checkKeyStore', () => {
  test.each<[string, unknown]>([
    ['an object', { get, set }],
    ['an instance of a class', new Table()],
  ])('takes %s with get and set', (_, store) => {
    expect(checkKeyStore(store, 'keySet.store')).toBe(store)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a path', '/var/cache/keys'],
    ['a function', get],
    ['a store without set', { get }],
    ['a store without get', { set }],
    ['a store whose get is no function', { get: 'x', set }],
  ])('refuses %s', (_, value) => {
    expect(isConfigError(thrownBy(() => checkKeyStore(value, 'keySet.store')))).toBe(true)
    expect(messageOf(() => checkKeyStore(value, 'keySet.store'))).toMatch(/^keySet\.store: got .* get\(key\)/)
  })
})
