import { createPublicKey } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { parseKeySet } from '../../../packages/core/src/keys/parse.js'
import { isAlgorithm, ALGORITHMS } from '../../../packages/core/src/signature/algorithms.js'
import { decodeKeySet, encodeKeySet, jwksOf } from '../../../packages/core/src/keys/stored-key-set.js'
import { PRIVATE_JWK, SIGNERS, slowThumbprint } from '../documents.js'
import { mutateJson, pick, writeJson } from '../mutate.js'
import { slowBase64url } from '../reference.js'
import type { Random } from '../../stress/src/random.js'
import type { Target } from '../target.js'

type Json = Readonly<Record<string, unknown>>

const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const NAMES = [
  ...SECRET,
  'kid',
  'alg',
  'use',
  'key_ops',
  'kty',
  'crv',
  'x',
  'y',
  'n',
  'e',
  'keys',
  '__proto__',
]
const WORDS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  '"keys":',
  '"kty":"oct",',
  '"d":"AA",',
  'AA',
  '=',
  'AQAB',
  '{},',
  'null,',
]
const PUBLIC: Readonly<Record<string, readonly string[]>> = {
  RSA: ['kty', 'n', 'e'],
  EC: ['kty', 'crv', 'x', 'y'],
  OKP: ['kty', 'crv', 'x'],
}
const MEMBERS: readonly Json[] = [
  ...SIGNERS.map(({ jwk }) => jwk),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, alg: undefined })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, alg: 'ES384' })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, use: undefined, key_ops: ['verify'] })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, e: 'Aw' })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, n: 'AQ'.repeat(100) })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, kid: 'x'.repeat(257) })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, crv: 'Ed448' })),
  ...SIGNERS.map(({ jwk }) => ({ ...jwk, x: 'AA' })),
  ...SECRET.map((name) => ({ ...SIGNERS[0]?.jwk, [name]: 'AA' })),
  { ...PRIVATE_JWK, kid: 'private' },
  { kty: 'oct', k: 'AAAA', kid: 'secret' },
]

function makeKeySet(random: Random): unknown {
  if (random() < 0.005) return { keys: [...crowd(498 + 4 * random()), SIGNERS[0]?.jwk] }
  const keys = Array.from({ length: 3 * random() }, () => pick(MEMBERS, random))
  return random() < 0.5 ? { keys } : mutateJson({ keys }, NAMES, random)
}

function crowd(length: number): readonly Json[] {
  return Array.from({ length }, () => ({ kty: 'oct' }))
}

function parse(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return undefined
  }
}

/** The reader of JWK Sets. */
export const keySet: Target = {
  name: 'key-set',
  rooms: ['keys/parse.ts', 'keys/published-key.ts'],
  words: WORDS,
  maxLength: 32_768,
  generate: (random) => writeJson(makeKeySet(random), WORDS, random),
  run: (input) => parseKeySet(parse(input)),
  async check(input) {
    const json = parse(input)
    const members = membersOf(json)
    const parsed = await parseKeySet(json)
    const usable = members.length > 500 ? [] : members.filter(isUsable)
    if (!parsed.ok) return usable.length > 0 ? 'refuses a set with a usable key' : undefined
    const keys = parsed.value.keys
    for (const { jwk, kid, alg, thumbprint } of keys) {
      const names = Object.keys(jwk)
      if (names.some((name) => !PUBLIC[jwk.kty]?.includes(name)))
        return 'keeps a member that is not of a public key'
      if (thumbprint !== slowThumbprint({ ...jwk })) return 'has another thumbprint'
      const original = usable.find((member) => contains(member, { ...jwk, kid, alg }))
      if (original === undefined) return 'takes a key that the reference does not'
    }
    const distinct = new Set(usable.map((member) => JSON.stringify(identityOf(member))))
    if (distinct.size !== keys.length) return 'has not as many keys as the reference'
    const again = await parseKeySet(json, parsed.value)
    if (!again.ok || again.value.keys.some((key, index) => key !== keys[index]))
      return 'makes known keys anew'
    const stored = await parseKeySet(jwksOf(parsed.value))
    return stored.ok &&
      isDeepStrictEqual([...stored.value.byIdentity.keys()], [...parsed.value.byIdentity.keys()])
      ? undefined
      : 'does not read what it would store'
  },
}

function membersOf(json: unknown): readonly Json[] {
  const keys =
    typeof json === 'object' && json !== null && Object.hasOwn(json, 'keys') ? (json as Json)['keys'] : []
  return Array.isArray(keys) ? keys.map((key: unknown) => ownOf(key)) : []
}

// An object that inherits nothing: only what the text says is there.
function ownOf(value: unknown): Json {
  const isObject = typeof value === 'object' && value !== null
  return Object.assign(Object.create(null), isObject ? Object.fromEntries(Object.entries(value)) : {}) as Json
}

function identityOf(member: Json): readonly unknown[] {
  return [...(PUBLIC[String(member['kty'])] ?? []), 'kid', 'alg'].map((name) => member[name])
}

function contains(member: Json, key: Json): boolean {
  return Object.entries(key).every(([name, value]) => member[name] === value)
}

// RFC 7517 §4, RFC 7518 §3.3 and §6, RFC 8037 §2, and what Node's own reader makes of it.
function isUsable(member: Json): boolean {
  const { kty, use, key_ops: operations, kid, alg, crv, n, e } = member
  if (typeof kty !== 'string' || SECRET.some((name) => member[name] !== undefined)) return false
  if (use !== undefined && use !== 'sig') return false
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false
  if (kid !== undefined && !(typeof kid === 'string' && kid.length <= 256)) return false
  const own = ({ 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'Ed25519' } as Json)[
    String(crv)
  ]
  if (!Object.hasOwn(PUBLIC, kty) || (kty !== 'RSA' && own === undefined)) return false
  const used = alg ?? (kty === 'RSA' ? 'RS256' : own)
  if (alg === null || !isAlgorithm(used) || ALGORITHMS[used].kty !== kty) return false
  if (kty === 'EC' && used !== own) return false
  const numbers = (PUBLIC[kty] ?? [])
    .filter((name) => name !== 'kty' && name !== 'crv')
    .map((name) => member[name])
  if (!numbers.every((text) => typeof text === 'string' && text !== '' && slowBase64url(text))) return false
  if (kty === 'RSA') {
    const bits = numberOf(n).toString(2).length
    if (bits < 2048 || bits > 16_384 || numberOf(e) < 65_537n || numberOf(e) % 2n === 0n) return false
  }
  try {
    return (
      createPublicKey({ key: { ...member } as Record<string, string>, format: 'jwk' }).asymmetricKeyType !==
      undefined
    )
  } catch {
    return false
  }
}

function numberOf(text: unknown): bigint {
  return BigInt(`0x${Buffer.from(String(text), 'base64url').toString('hex') || '0'}`)
}

const STORED = {
  v: 1,
  url: 'https://idp.example/jwks',
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'a' }] },
  fetchedAt: 1_800_000_000_000,
  etag: '"abc"',
  lastModified: 'Tue, 01 Jan 2030 00:00:00 GMT',
  ttlMs: 600_000,
  staleIfErrorMs: 86_400_000,
}
const STORED_NAMES = [...Object.keys(STORED), '__proto__', 'keys']
const ETAGS = ['"abc"', 'W/"1"', 'a', 'x'.repeat(512)]

/** The decoder of key sets from a store, which anybody may have written to. */
export const stored: Target = {
  name: 'stored',
  rooms: ['keys/stored-key-set.ts'],
  words: ['{', '}', '[', ']', ',', '1e999', '-1', '\\r\\n', '\\u0100', '"v":2,', '{},', '1,', '"etag":"a",'],
  maxLength: 131_072,
  generate(random) {
    const json = mutateJson({ ...STORED, etag: pick(ETAGS, random) }, STORED_NAMES, random)
    return writeJson(json, stored.words, random)
  },
  run: decodeKeySet,
  check(input) {
    const decoded = decodeKeySet(input)
    const expected = slowStored(parse(input))
    if (!isDeepStrictEqual(decoded, expected)) return 'reads other than the reference'
    if (decoded === undefined) return undefined
    // As JSON: 1e999 and -0 are read as numbers that it cannot write.
    return JSON.stringify(decodeKeySet(encodeKeySet(decoded))) === JSON.stringify(decoded)
      ? undefined
      : 'does not read what it writes'
  },
}

function slowStored(json: unknown): unknown {
  const { v, url, jwks, fetchedAt, etag, lastModified, ttlMs, staleIfErrorMs } = ownOf(json)
  const { keys } = ownOf(jwks)
  if (Array.isArray(json) || v !== 1 || typeof url !== 'string' || !Array.isArray(keys)) return undefined
  if (keys.some((key) => Object(key) !== key)) return undefined
  if (![fetchedAt, ttlMs, staleIfErrorMs].every((ms) => typeof ms === 'number' && ms >= 0 && ms < Infinity))
    return undefined
  if (![etag, lastModified].every((value) => value === undefined || isValidator(value))) return undefined
  return { url, jwks: { keys: keys as unknown[] }, fetchedAt, etag, lastModified, ttlMs, staleIfErrorMs }
}

// What a request can carry back: printable ASCII, with no space at its ends (RFC 9110 §5.5).
function isValidator(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 1 || value.length > 512) return false
  return value === value.trim() && value.split('').every((char) => char >= ' ' && char <= '~')
}
