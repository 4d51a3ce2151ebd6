import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { memoryKeyStore } from './memory-key-store.js'
import { sealedKeyStore } from './sealed-key-store.js'
import type { KeyStore } from './store.js'

const SECRET = 'a secret of thirty-two bytes....'
const NEXT = new Uint8Array(32).fill(7)
const VALUE = '{"v":1}'

/** What a store holds under the key `k` after `VALUE` was set through the seal. */
async function sealedText(inner: KeyStore): Promise<string> {
  await sealedKeyStore(inner, SECRET).set('k', VALUE, 1_000)
  return String(await inner.get('k'))
}

function down(): never {
  throw new Error('down')
}

function holding(text: unknown): KeyStore {
  return { get: () => text as string, set: () => undefined }
}

describe('sealedKeyStore', () => {
  test('gives back what it sealed, to the letter', async () => {
    const store = sealedKeyStore(memoryKeyStore(), SECRET)
    const value = '{"a":"x.y\n☃"}'
    await store.set('k', value, 1_000)
    expect(await store.get('k')).toBe(value)
    expect(await store.get('other')).toBeUndefined()
  })

  test('hands on the time, and a value that still can be read', async () => {
    const given: unknown[] = []
    const inner: KeyStore = { get: () => undefined, set: (...all) => given.push(...all) }
    await sealedKeyStore(inner, SECRET).set('k', VALUE, 1_000)
    expect(given).toEqual(['k', expect.stringMatching(/^[\w-]{43}\.\{"v":1\}$/), 1_000])
  })

  test('seals with HMAC-SHA-256 over its purpose, the key and the value', async () => {
    const [seal = ''] = (await sealedText(memoryKeyStore())).split('.')
    const data = new TextEncoder().encode('["require-jwt key store v1","k","{\\"v\\":1}"]')
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(SECRET),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    expect(Buffer.from(seal, 'base64url')).toEqual(Buffer.from(await crypto.subtle.sign('HMAC', key, data)))
  })

  test('an entry that was moved to another key is not there', async () => {
    const store = sealedKeyStore(holding(await sealedText(memoryKeyStore())), SECRET)
    expect(await store.get('k')).toBe(VALUE)
    expect(await store.get('other')).toBeUndefined()
  })

  test('a key and a value cannot be cut at another place', async () => {
    const seen: string[] = []
    const inner: KeyStore = { get: () => undefined, set: (_, text) => seen.push(text) }
    await sealedKeyStore(inner, SECRET).set('ab', 'c', 1_000)
    const [seal = ''] = (seen[0] ?? '').split('.')
    expect(await sealedKeyStore(holding(`${seal}.bc`), SECRET).get('a')).toBeUndefined()
    expect(await sealedKeyStore(holding(`${seal}.c`), SECRET).get('ab')).toBe('c')
  })

  test('any other character, of the seal or of the value, opens nothing', async () => {
    const text = await sealedText(memoryKeyStore())
    const opened = Array.from(text, async (character, index) => {
      const changed = `${text.slice(0, index)}${character === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`
      return sealedKeyStore(holding(changed), SECRET).get('k')
    })
    expect(new Set(await Promise.all(opened))).toEqual(new Set([undefined]))
  })

  test.each([
    ['the value without a seal', VALUE],
    ['an empty seal', `.${VALUE}`],
    ['a seal that is too short', `AAAA.${VALUE}`],
    ['a seal of zeros', `${'A'.repeat(43)}.${VALUE}`],
    ['a seal that is no canonical base64url', `${'B'.repeat(43)}.${VALUE}`],
    ['nothing', undefined],
    ['null', null],
    ['no text', ''],
    ['a number', 5],
  ])('%s opens nothing', async (_, text) => {
    expect(await sealedKeyStore(holding(text), SECRET).get('k')).toBeUndefined()
  })

  test('another secret opens nothing', async () => {
    const inner = memoryKeyStore()
    await sealedText(inner)
    expect(await sealedKeyStore(inner, NEXT).get('k')).toBeUndefined()
  })

  test('in a rotation the first secret seals and every one opens', async () => {
    const inner = memoryKeyStore()
    await sealedText(inner)
    const rotating = sealedKeyStore(inner, [NEXT, SECRET])
    expect(await rotating.get('k')).toBe(VALUE)
    await rotating.set('k', VALUE, 1_000)
    expect(await sealedKeyStore(inner, NEXT).get('k')).toBe(VALUE)
    expect(await sealedKeyStore(inner, SECRET).get('k')).toBeUndefined()
  })

  test('keeps a secret that its owner wipes', async () => {
    const secret = NEXT.slice()
    const inner = memoryKeyStore()
    const store = sealedKeyStore(inner, secret)
    secret.fill(0)
    await store.set('k', VALUE, 1_000)
    expect(await sealedKeyStore(inner, NEXT).get('k')).toBe(VALUE)
  })

  test('what the store throws goes on to the caller', async () => {
    const store = sealedKeyStore({ get: down, set: down }, SECRET)
    await expect(store.get('k')).rejects.toThrow('down')
    await expect(store.set('k', VALUE, 1_000)).rejects.toThrow('down')
  })

  test.each<[unknown, RegExp]>([
    [undefined, /secret: got "undefined"/],
    [[], /secret: got "0 secrets"/],
    [[NEXT, NEXT, NEXT, NEXT, NEXT], /secret: got "5 secrets"/],
    [NEXT.slice(1), /secret: got "31 bytes"\. A seal needs at least 32/],
    [SECRET.slice(1), /secret: got "31 bytes"/],
    [[NEXT, 'hush'], /secret: got "4 bytes"/],
    [[NEXT, 5], /secret: got "number"/],
  ])('refuses the secret %j, and does not show it', (secret, message) => {
    const make = (): unknown => sealedKeyStore(memoryKeyStore(), secret as string)
    expect(isConfigError(thrownBy(make))).toBe(true)
    expect(messageOf(make)).toMatch(message)
    expect(messageOf(make)).not.toContain('hush')
  })

  test('refuses what is no store', () => {
    expect(messageOf(() => sealedKeyStore({ get: down } as unknown as KeyStore, SECRET))).toContain(
      'sealedKeyStore: store: got an object',
    )
  })
})
