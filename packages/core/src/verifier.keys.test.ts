import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { isAuthError } from './auth-error.js'
import { isConfigError } from './errors.js'
import type { FetchLike, KeySetOptions } from './keys/options.js'
import { isRefusal } from './refusal.js'
import {
  AUDIENCE,
  bearing,
  claimsOf,
  ISSUER,
  NOW,
  OPTIONS,
  segment,
  thrownBy,
} from './tokens.test-support.js'
import { createVerifier, type Verifier } from './verifier.js'

interface Pair {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

function pair(kid: string): Pair {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
}

const A = pair('a')
const B = pair('b')
/** Another key under the kid of A. */
const A2 = pair('a')

/** What the issuer publishes; `undefined`: it is down. */
let published: readonly Pair[] | undefined
let fetches = 0
let count = 0
let passedMs = 0
const now = (): number => NOW * 1000 + passedMs

beforeEach(() => {
  published = [A]
  fetches = 0
  passedMs = 0
})

const fetch: FetchLike = async () => {
  fetches += 1
  if (published === undefined) return new Response('', { status: 503 })
  const keys = published.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid }))
  return Response.json({ keys })
}

interface More {
  readonly issuer?: string
  readonly keySet?: KeySetOptions
}

/** A verifier that shares its keys with no other test. */
function open(more: More = {}): { verifier: Verifier; issuer: string } {
  const issuer = more.issuer ?? `${ISSUER}/${(count += 1)}`
  const jwksUri = `${issuer}/jwks`
  const options = { issuer, audience: AUDIENCE, jwksUri, fetch, now, keySet: more.keySet }
  return { verifier: createVerifier(options), issuer }
}

function token(issuer: string, { kid, privateKey }: Pair): string {
  const input = `${segment(JSON.stringify({ alg: 'ES256', kid }))}.${segment(JSON.stringify(claimsOf({ iss: issuer })))}`
  return `${input}.${segment(sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }))}`
}

async function verdict(verifier: Verifier, text: string): Promise<string> {
  const result = await verifier.authenticate(bearing(text))
  return isRefusal(result) ? result.code : 'accepted'
}

describe('a new key under an old kid', () => {
  test('is found by the second request', async () => {
    const { verifier, issuer } = open()
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
    published = [A2]
    expect(await verdict(verifier, token(issuer, A2))).toBe('signature_invalid')
    await verifier.ready()
    await expect.poll(() => verifier.status().sources[0]?.generation).toBe(2)
    expect(await verdict(verifier, token(issuer, A2))).toBe('accepted')
    expect(await verdict(verifier, token(issuer, A))).toBe('signature_invalid')
  })

  test('forged tokens make the issuer be asked once', async () => {
    const { verifier, issuer } = open()
    await verdict(verifier, token(issuer, A))
    const forged = token(issuer, A2)
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => verdict(verifier, forged)))
    expect(new Set(verdicts)).toEqual(new Set(['signature_invalid']))
    expect(fetches).toBe(2)
  })

  test('a request hands the refresh that it began to its waitUntil', async () => {
    const { verifier, issuer } = open()
    const work: Promise<unknown>[] = []
    const waitUntil = (each: Promise<unknown>): void => void work.push(each)
    await verifier.authenticate(bearing(token(issuer, A), { waitUntil }))
    expect(work).toHaveLength(1)
    await verifier.authenticate(bearing(token(issuer, A2), { waitUntil }))
    expect(work).toHaveLength(2)
    await Promise.all(work)
    expect(verifier.status().sources).toMatchObject([{ generation: 2, fetching: false }])
  })
})

describe('refreshKeys', () => {
  test('makes a withdrawal count at once', async () => {
    published = [A, B]
    const { verifier, issuer } = open()
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
    published = [B]
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
    await verifier.refreshKeys()
    expect(await verdict(verifier, token(issuer, A))).toBe('key_unknown')
    published = [A, B]
    await verifier.refreshKeys(issuer)
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
  })

  test('rejects with keys_unavailable where the issuer is down; known keys go on', async () => {
    const { verifier, issuer } = open()
    await verdict(verifier, token(issuer, A))
    published = undefined
    const error: unknown = await verifier.refreshKeys().catch((thrown: unknown) => thrown)
    expect(isAuthError(error) && [error.code, error.status]).toEqual(['keys_unavailable', 503])
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
  })

  test('has nothing to ask for keys that are an option', async () => {
    await expect(createVerifier(OPTIONS).refreshKeys()).resolves.toBeUndefined()
  })

  test('an issuer that is none of the verifier is a mistake', async () => {
    const { verifier, issuer } = open()
    const error: unknown = await verifier
      .refreshKeys('https://other.example')
      .catch((thrown: unknown) => thrown)
    expect(isConfigError(error) && error.message).toBe(
      `refreshKeys: issuer: got "https://other.example". Pass one of the verifier: ${issuer}.`,
    )
    expect(fetches).toBe(0)
  })
})

describe('revokeKey', () => {
  test('ends the trust in a key at once and for good', async () => {
    published = [A, B]
    const { verifier, issuer } = open()
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
    verifier.revokeKey({ issuer, kid: 'a' })
    expect(await verdict(verifier, token(issuer, A))).toBe('key_unknown')
    expect(await verdict(verifier, token(issuer, B))).toBe('accepted')
    await verifier.refreshKeys()
    expect(await verdict(verifier, token(issuer, A))).toBe('key_unknown')
    const later = open({ issuer })
    expect(await verdict(later.verifier, token(issuer, A))).toBe('key_unknown')
    expect(verifier.status().sources).toMatchObject([{ kids: ['b'] }])
  })

  test('may be called before there are keys', async () => {
    const { verifier, issuer } = open()
    verifier.revokeKey({ issuer, kid: 'a' })
    expect(await verdict(verifier, token(issuer, A))).toBe('key_unknown')
    published = [A2]
    await verifier.refreshKeys()
    expect(await verdict(verifier, token(issuer, A2))).toBe('accepted')
  })

  test('of keys that are an option', async () => {
    const issuer = `${ISSUER}/static`
    const jwks = {
      keys: [A, B].map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid })),
    }
    const verifier = createVerifier({ issuer, audience: AUDIENCE, jwks, now: () => NOW * 1000 })
    expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
    verifier.revokeKey({ issuer, kid: 'a' })
    expect(await verdict(verifier, token(issuer, A))).toBe('key_unknown')
    expect(await verdict(verifier, token(issuer, B))).toBe('accepted')
  })

  test('holds for a token at which a claims schema still looks', async () => {
    const issuer = `${ISSUER}/slow-schema`
    const jwks = { keys: [{ ...A.publicKey.export({ format: 'jwk' }), kid: 'a' }] }
    const validate = async (claims: unknown): Promise<{ value: unknown }> => {
      verifier.revokeKey({ issuer, kid: 'a' })
      return { value: claims }
    }
    const claims = { '~standard': { version: 1, vendor: 'test', validate } } as const
    const verifier = createVerifier({ issuer, audience: AUDIENCE, jwks, claims, now })
    const result = await verifier.authenticate(bearing(token(issuer, A)))
    expect(isRefusal(result) && result.code).toBe('key_unknown')
  })

  test.each([
    ['an unknown issuer', { issuer: 'https://other.example', kid: 'a' }, /^revokeKey: issuer: got/],
    [
      'no kid',
      { issuer: ISSUER } as unknown as { issuer: string; kid: string },
      /^revokeKey\(\{ kid \}\): got/,
    ],
    ['a secret', { issuer: ISSUER, kid: 'a' }, /a secret, which has no kid/],
  ])('%s is a mistake', (_, key, message) => {
    const error = thrownBy(() => createVerifier(OPTIONS).revokeKey(key))
    expect(isConfigError(error)).toBe(true)
    expect((error as Error).message).toMatch(message)
  })
})

test('keys that run out while a signature is checked are 503: nothing is wrong with the token', async () => {
  const { verifier, issuer } = open({ keySet: { ttlMs: 60_000, staleIfErrorMs: 0 } })
  expect(await verdict(verifier, token(issuer, A))).toBe('accepted')
  published = undefined
  passedMs = 59_000
  const late = verdict(verifier, token(issuer, A))
  await Promise.resolve()
  passedMs = 60_000
  expect(await late).toBe('keys_unavailable')
  await verifier.close()
})
