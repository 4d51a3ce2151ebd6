import { afterEach, describe, expect, test, vi } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { createNonces, resolveNonce, type Nonces } from './dpop-nonce.js'

const SECRET = 'a secret of thirty-two bytes....'
const BYTES = new Uint8Array(32).fill(7)
const LIFETIME = 300
/** The first millisecond of the bucket 5,666,666. */
const START = 1_699_999_800_000

// printf '["require-jwt DPoP nonce v1",5666666]' | openssl dgst -sha256 -hmac 'a secret of thirty-two bytes....'
const NONCE = 'nL3DIu1h1HpqxE1H_oJgKGJ0hatWDE6TOIkqxgsWvaM'
const FORMER = '2YQ-cWjzmyHDyAcTPT7b1I5ia_jHQSpnA8TMsXVPnIo'

function noncesAt(now: number, secret: string | Uint8Array = SECRET): Nonces {
  return createNonces({ secret, lifetime: LIFETIME }, () => now)
}

afterEach(() => vi.restoreAllMocks())

describe('createNonces', () => {
  test.each([START, START + 1, START + 299_999])('gives the same nonce everywhere at %s', async (now) => {
    expect(await noncesAt(now).current()).toBe(NONCE)
    expect(await noncesAt(now, new TextEncoder().encode(SECRET)).current()).toBe(NONCE)
  })

  test.each([
    ['before it begins', -1, false, false],
    ['when it begins', 0, true, true],
    ['until it is old', 299_999, true, true],
    ['when there is a new one', 300_000, true, false],
    ['until there is another', 599_999, true, false],
    ['when there is another', 600_000, false, false],
  ])('a nonce %s', async (_, ms, accepted, isCurrent) => {
    const nonces = noncesAt(START + ms)
    expect(await nonces.accepts(NONCE)).toBe(accepted)
    expect(await nonces.isCurrent(NONCE)).toBe(isCurrent)
  })

  test('goes with the clock, also back', async () => {
    let now = START - 1
    const nonces = createNonces({ secret: SECRET, lifetime: LIFETIME }, () => now)
    expect(await nonces.current()).toBe(FORMER)
    now = START
    expect(await nonces.current()).toBe(NONCE)
    now = START - 1
    expect(await nonces.current()).toBe(FORMER)
  })

  test('has a new one after the lifetime', async () => {
    const [short, next] = [START, START + 10_000].map((now) =>
      createNonces({ secret: SECRET, lifetime: 10 }, () => now),
    )
    expect(await next?.isCurrent((await short?.current()) ?? '')).toBe(false)
  })

  test('any other character, and any more or fewer, is another nonce', async () => {
    const nonces = noncesAt(START)
    const changed = [NONCE, FORMER].flatMap((nonce) => [
      nonce.slice(1),
      nonce.slice(0, -1),
      `${nonce}A`,
      `${nonce}${nonce}`,
      ` ${nonce}`,
      ...Array.from(nonce, (character, at) => {
        return `${nonce.slice(0, at)}${character === 'A' ? 'B' : 'A'}${nonce.slice(at + 1)}`
      }),
    ])
    for (const nonce of ['', 'A', ...changed]) {
      expect(await nonces.accepts(nonce)).toBe(false)
      expect(await nonces.isCurrent(nonce)).toBe(false)
    }
  })

  test('another secret makes other nonces', async () => {
    expect(await noncesAt(START, BYTES).accepts(NONCE)).toBe(false)
  })

  test('keeps a secret that its owner wipes', async () => {
    const secret = BYTES.slice()
    const nonces = noncesAt(START, secret)
    secret.fill(0)
    expect(await nonces.accepts(await noncesAt(START, BYTES).current())).toBe(true)
  })

  test('makes two MACs for each bucket, however many requests come', async () => {
    const sign = vi.spyOn(crypto.subtle, 'sign')
    let now = START
    const nonces = createNonces({ secret: SECRET, lifetime: LIFETIME }, () => now)
    for (let index = 0; index < 20; index += 1) {
      await nonces.current()
      await nonces.accepts('x')
      await nonces.isCurrent('x')
    }
    expect(sign).toHaveBeenCalledTimes(2)
    now += 300_000
    await nonces.accepts(NONCE)
    await nonces.accepts(NONCE)
    expect(sign).toHaveBeenCalledTimes(4)
  })
})

describe('resolveNonce', () => {
  test('takes a secret as its bytes, and 300 seconds where nothing is said', () => {
    const secret = new TextEncoder().encode(SECRET)
    expect(resolveNonce(undefined, 'nonce')).toBeUndefined()
    expect(resolveNonce({ secret: SECRET }, 'nonce')).toEqual({ secret, lifetime: 300 })
    expect(resolveNonce({ secret, lifetime: 10 }, 'nonce')).toEqual({ secret, lifetime: 10 })
    expect(resolveNonce({ secret, lifetime: 3600 }, 'nonce')).toEqual({ secret, lifetime: 3600 })
  })

  test('keeps a secret that its owner wipes', () => {
    const secret = BYTES.slice()
    const resolved = resolveNonce({ secret }, 'nonce')
    secret.fill(0)
    expect(resolved?.secret).toEqual(BYTES)
  })

  test.each<[unknown, RegExp]>([
    [null, /^nonce: got null/],
    [true, /^nonce: got true/],
    [[], /^nonce: got an empty array/],
    [{}, /^nonce\.secret: got "undefined"/],
    [{ secret: 5 }, /^nonce\.secret: got "number"/],
    [{ secret: [SECRET] }, /^nonce\.secret: got "a list"/],
    [{ secret: 'hush' }, /^nonce\.secret: got "4 bytes"\. A nonce needs at least 32/],
    [{ secret: SECRET.slice(1) }, /^nonce\.secret: got "31 bytes"/],
    [{ secret: BYTES.slice(1) }, /^nonce\.secret: got "31 bytes"/],
    [{ secret: BYTES, lifetime: 9 }, /^nonce\.lifetime: got 9\. Pass seconds between 10 and 3600/],
    [{ secret: BYTES, lifetime: 3601 }, /^nonce\.lifetime: got 3601/],
    [{ secret: BYTES, lifetime: '300' }, /^nonce\.lifetime: got "300"/],
    [{ secret: BYTES, lifeTime: 300 }, /^nonce\.lifeTime: there is no such option\. Did you mean lifetime\?/],
  ])('refuses %j, and shows no secret', (value, message) => {
    const resolve = (): unknown => resolveNonce(value, 'nonce')
    expect(isConfigError(thrownBy(resolve))).toBe(true)
    expect(messageOf(resolve)).toMatch(message)
    expect(messageOf(resolve)).not.toContain('hush')
  })
})
