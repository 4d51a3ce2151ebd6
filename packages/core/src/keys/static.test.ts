import { createHmac } from 'node:crypto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { isConfigError } from '../errors.js'
import { isRefusal } from '../refusal.js'
import { ASYMMETRIC_ALGORITHMS, type Algorithm } from '../signature/algorithms.js'
import { segment } from '../tokens.test-support.js'
import type { KeyLookup, KeyQuery, KeySource } from './key-source.js'
import { Revocations } from './revocations.js'
import { secretKeySource, staticKeySource } from './static.js'
import type { VerificationKey } from './verification-key.js'

const ISSUER = 'https://idp.example'

let revocations: Revocations

beforeEach(() => {
  revocations = new Revocations(ISSUER, new Map())
})

function sourceOf(jwks: unknown): KeySource {
  return staticKeySource(ISSUER, jwks, revocations)
}

function query(kid: string | undefined, alg: Algorithm = 'ES256'): KeyQuery {
  return { kid, alg, algorithms: new Set(ASYMMETRIC_ALGORITHMS) }
}

function keysOf(found: KeyLookup): readonly VerificationKey[] {
  return isRefusal(found) ? [] : found
}

async function jwk(kid: string): Promise<Record<string, unknown>> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return { kty, crv, x, y, kid }
}

function bytes(fill: number): Uint8Array {
  return new Uint8Array(64).fill(fill)
}

describe('staticKeySource', () => {
  test('imports on first use, then answers without a promise', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    expect(source.status().kids).toEqual([])
    const first = source.find(query('a'))
    expect(first).toBeInstanceOf(Promise)
    const [key] = keysOf(await first)
    expect(key?.kid).toBe('a')
    expect(source.find(query('a'))).toEqual([key])
    expect(source.status()).toMatchObject({ state: 'STATIC', issuer: ISSUER, kids: ['a'], failures: 0 })
  })

  test('look-ups that come together find the same key', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    const [first, second] = await Promise.all([source.find(query('a')), source.find(query('a'))])
    expect(keysOf(first)[0]).toBe(keysOf(second)[0])
  })

  test('a look-up whose import dies with it holds up nobody', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    vi.spyOn(crypto.subtle, 'importKey').mockReturnValueOnce(new Promise(() => undefined))
    void source.find(query('a'))
    expect(keysOf(await source.find(query('a')))).toHaveLength(1)
  })

  test('ready imports ahead', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    await source.ready()
    expect(source.find(query('a'))).not.toBeInstanceOf(Promise)
  })

  test('an unknown kid is refused', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    expect(await source.find(query('b'))).toMatchObject({ code: 'key_unknown' })
    expect(source.find(query('b'))).toMatchObject({ code: 'key_unknown' })
  })

  test('holds the very keys that it gave, under the query that fits them', async () => {
    const source = sourceOf({ keys: [await jwk('a'), await jwk('b')] })
    const other = sourceOf({ keys: [await jwk('a')] })
    const [foreign] = keysOf(await other.find(query('a')))
    const [key] = keysOf(await source.find(query('a')))
    if (key === undefined || foreign === undefined) throw new Error('no key')
    expect(source.holds(query('a'), key)).toBe(true)
    expect(source.holds(query('b'), key)).toBe(false)
    expect(source.holds(query('a'), foreign)).toBe(false)
  })

  test('the same filter as for fetched keys: one that is for encryption is none', async () => {
    const source = sourceOf({ keys: [{ ...(await jwk('a')), use: 'enc' }, await jwk('b')] })
    await source.ready()
    expect(source.status().kids).toEqual(['b'])
  })

  test('a revoked key is refused from then on, and is not among the kids', async () => {
    const source = sourceOf({ keys: [await jwk('a'), await jwk('b')] })
    const [key] = keysOf(await source.find(query('a')))
    if (key === undefined) throw new Error('no key')
    source.revoke('a')
    expect(source.holds(query('a'), key)).toBe(false)
    expect(source.find(query('a'))).toMatchObject({
      code: 'key_unknown',
      detail: 'the key was revoked by revokeKey',
    })
    expect(keysOf(await source.find(query('b')))).toHaveLength(1)
    expect(source.status().kids).toEqual(['b'])
  })

  test('a key that is revoked before the import is so after it', async () => {
    const source = sourceOf({ keys: [await jwk('a'), await jwk('b')] })
    source.revoke('a')
    expect(await source.find(query('a'))).toMatchObject({ code: 'key_unknown' })
    expect(keysOf(await source.find(query('b')))).toHaveLength(1)
    expect(source.status().kids).toEqual(['b'])
  })

  test('there is nobody to ask: a refresh succeeds, and a bad signature changes nothing', async () => {
    const source = sourceOf({ keys: [await jwk('a')] })
    await source.ready()
    const before = source.find(query('a'))
    expect(await source.refresh()).toBeUndefined()
    source.suspect()
    expect(source.find(query('a'))).toEqual(before)
    expect(source.status()).toMatchObject({ stateEndsMs: undefined, fetching: false, nextAttemptMs: 0 })
  })

  test.each<[string, unknown]>([
    ['no key', { keys: [] }],
    ['a symmetric key', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    ['no set', undefined],
  ])('%s is a ConfigError, for ready and for the first look-up and every later one', async (_, jwks) => {
    const source = sourceOf(jwks)
    const outcomes = await Promise.allSettled([
      source.ready(),
      source.find(query('a')),
      source.find(query('a')),
    ])
    const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined))
    expect(reasons.every(isConfigError)).toBe(true)
    expect(reasons.join()).not.toContain('c2VjcmV0')
  })
})

/** Tells of each key whether it takes a token that was signed with a secret of these bytes. */
async function verdictsOf(
  keys: readonly VerificationKey[],
  alg: Algorithm,
  fill: number,
): Promise<readonly boolean[]> {
  const input = `${segment(JSON.stringify({ alg }))}.${segment('{}')}`
  const mac = createHmac(`sha${alg.slice(2)}`, bytes(fill))
    .update(input)
    .digest()
  const checks = await Promise.all(keys.map(async (key) => key.forAlgorithm(alg)))
  return Promise.all(checks.map(async (check) => check(`${input}.${segment(mac)}`, input.length, 'auto')))
}

describe('secretKeySource', () => {
  test.each(['HS256', 'HS384', 'HS512'] as const)(
    'every secret is a candidate for %s, whatever the kid',
    async (alg) => {
      const source = secretKeySource(ISSUER, [bytes(1), bytes(2)])
      for (const kid of [undefined, 'a', 'b']) {
        const keys = keysOf(source.find(query(kid, alg)) as KeyLookup)
        expect(await verdictsOf(keys, alg, 1)).toEqual([true, false])
        expect(await verdictsOf(keys, alg, 2)).toEqual([false, true])
        expect(keys.every((key) => source.holds(query(kid, alg), key))).toBe(true)
      }
    },
  )

  test.each(ASYMMETRIC_ALGORITHMS)('none is one for %s', (alg) => {
    const source = secretKeySource(ISSUER, [bytes(1)])
    expect(source.find(query(undefined, alg))).toMatchObject({ code: 'key_unknown' })
  })

  test('what the caller does to its bytes later changes nothing', async () => {
    const mine = bytes(1)
    const source = secretKeySource(ISSUER, [mine])
    mine.fill(0)
    const keys = keysOf(await source.find(query(undefined, 'HS256')))
    expect(await verdictsOf(keys, 'HS256', 1)).toEqual([true])
    expect(await verdictsOf(keys, 'HS256', 0)).toEqual([false])
  })

  test('nothing of a secret is told', async () => {
    const source = secretKeySource(ISSUER, [bytes(7)])
    await source.ready()
    const [key] = keysOf(await source.find(query('a', 'HS256')))
    expect(key).toMatchObject({ kid: undefined, thumbprint: undefined, alg: undefined })
    expect(source.status()).toMatchObject({ state: 'STATIC', kids: [] })
    expect(JSON.stringify([source.status(), key])).not.toMatch(/7,7|BwcH/)
  })

  test('there is no key to revoke by its kid: that is a ConfigError, which says what to do', () => {
    const source = secretKeySource(ISSUER, [bytes(1)])
    let error: unknown
    try {
      source.revoke('a')
    } catch (thrown) {
      error = thrown
    }
    expect(isConfigError(error)).toBe(true)
    expect(String(error)).toContain(`revokeKey: the keys of issuer "${ISSUER}" are a secret`)
    expect(keysOf(source.find(query('a', 'HS256')) as KeyLookup)).toHaveLength(1)
  })

  test('a refresh has nobody to ask, and succeeds', async () => {
    const source = secretKeySource(ISSUER, [bytes(1)])
    expect(await source.refresh()).toBeUndefined()
    source.suspect()
    expect(keysOf(source.find(query('a', 'HS256')) as KeyLookup)).toHaveLength(1)
  })
})
