import { describe, expect, test } from 'vitest'
import { ecJwk, flush, Lab } from './lab.test-support.js'
import type { KeyStore } from './store.js'
import { encodeKeySet, type StoredKeySet } from './stored-key-set.js'
import { Vault } from './vault.js'

const STORED: StoredKeySet = {
  url: 'https://idp.example/jwks',
  jwks: { keys: [ecJwk('a')] },
  fetchedAt: 1_700_000_000_000,
  etag: undefined,
  lastModified: undefined,
  ttlMs: 600_000,
  staleIfErrorMs: 3_600_000,
}
const TEXT = encodeKeySet(STORED)

function open(store: Partial<KeyStore>): { vault: Vault; lab: Lab; errors: string[] } {
  const lab = new Lab()
  const errors: string[] = []
  const vault = new Vault({
    store: { get: () => undefined, set: () => undefined, ...store },
    key: 'k',
    runtime: lab.runtime,
    onError: (operation) => errors.push(operation),
  })
  return { vault, lab, errors }
}

function fail(): never {
  throw new Error('the store is down')
}

describe('read', () => {
  test.each<[string, KeyStore['get']]>([
    ['at once', () => TEXT],
    ['by a promise', () => Promise.resolve(TEXT)],
  ])('gives the key set that the store has under its key, %s', async (_, get) => {
    const asked: string[] = []
    const { vault, lab, errors } = open({
      get(key) {
        asked.push(key)
        return get(key)
      },
    })
    expect(await vault.read()).toEqual(STORED)
    expect(asked).toEqual(['k'])
    expect(errors).toEqual([])
    expect(lab.timers.size).toBe(0)
  })

  test('calls get as a method of the store', async () => {
    class Table {
      readonly text = TEXT

      get(): string {
        return this.text
      }

      set(): void {}
    }
    const table = new Table()
    const { runtime } = new Lab()
    const vault = new Vault({ store: table, key: 'k', runtime, onError: fail })
    expect(await vault.read()).toEqual(STORED)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text of another kind', '{"v":2}'],
    ['bytes', new TextEncoder().encode(TEXT)],
    ['an object', STORED],
  ])('gives nothing where the store has %s', async (_, value) => {
    const { vault, errors } = open({ get: () => value as string })
    expect(await vault.read()).toBeUndefined()
    expect(errors).toEqual([])
  })

  test.each<[string, KeyStore['get']]>([
    ['throws', fail],
    ['rejects', () => Promise.reject(new Error('the store is down'))],
  ])('a store that %s has nothing, and is counted once', async (_, get) => {
    const { vault, lab, errors } = open({ get })
    expect(await vault.read()).toBeUndefined()
    expect(errors).toEqual(['get'])
    expect(lab.timers.size).toBe(0)
  })

  test('waits 250 ms and no longer, holding the process for so long', async () => {
    const { vault, lab, errors } = open({ get: () => new Promise(() => undefined) })
    let found: unknown = 'waiting'
    vault.read().then(
      (value) => (found = value),
      () => undefined,
    )
    expect([...lab.timers].map(({ hold }) => hold)).toEqual([true])
    await lab.advance(249)
    expect(found).toBe('waiting')
    await lab.advance(1)
    expect(found).toBeUndefined()
    expect(errors).toEqual(['get'])
  })

  test.each([
    ['answers', (resolve: (text: string) => void) => resolve(TEXT)],
    ['fails', (_: unknown, reject: (error: Error) => void) => reject(new Error('the store is down'))],
  ])('a store that %s after that is counted once, and comes too late', async (_, settle) => {
    const late: (() => void)[] = []
    const { vault, lab, errors } = open({
      get: () => new Promise((resolve, reject) => late.push(() => settle(resolve, reject))),
    })
    const reading = vault.read()
    await lab.advance(250)
    for (const come of late) come()
    await flush()
    expect(await reading).toBeUndefined()
    expect(errors).toEqual(['get'])
  })
})

describe('write', () => {
  test('keeps the key set under its key for as long as it can be of use', async () => {
    const kept: unknown[] = []
    const { vault, errors } = open({ set: (...given) => kept.push(given) })
    await vault.write(STORED)
    await vault.write({ ...STORED, ttlMs: 60_000.5 })
    expect(kept).toEqual([
      ['k', TEXT, 4_200_000],
      ['k', expect.any(String), 3_660_001],
    ])
    expect(errors).toEqual([])
  })

  test('has handed it to the store when it returns', () => {
    const kept: unknown[] = []
    const { vault } = open({ set: (...given) => kept.push(given) })
    void vault.write(STORED)
    expect(kept).toHaveLength(1)
  })

  test.each<[string, KeyStore['set']]>([
    ['throws', fail],
    ['rejects', () => Promise.reject(new Error('the store is down'))],
  ])('a store that %s is counted, and nobody is hurt', async (_, set) => {
    const { vault, errors } = open({ set })
    await expect(vault.write(STORED)).resolves.toBeUndefined()
    expect(errors).toEqual(['set'])
  })
})
