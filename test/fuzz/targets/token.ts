import { isDeepStrictEqual } from 'node:util'
import { isRefusal } from '../../../packages/core/src/refusal.js'
import { decodeBase64url } from '../../../packages/core/src/token/base64url.js'
import { decode } from '../../../packages/core/src/token/decode.js'
import { parseJsonObject } from '../../../packages/core/src/token/json.js'
import { CLAIMS, segment, SIGNERS, signToken } from '../documents.js'
import { below, mutateJson, mutateText, pick, writeJson } from '../mutate.js'
import { slowBase64url, slowJsonObject } from '../reference.js'
import type { Random } from '../../stress/src/random.js'
import type { Target } from '../target.js'

const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\"',
  '\\u0061',
  '"a":1,',
  '{"a":',
  '[[',
  '1e9',
  'null',
]
const MORE_JSON_WORDS = [
  ...JSON_WORDS,
  '"__proto__":1,',
  '"sub":2,',
  '\\u005f',
  '\xc3\xa9',
  '\xc0\x80',
  '\xef\xbb\xbf',
]
const NAMES = ['kid', 'crit', 'b64', 'cty', 'alg', '__proto__', 'constructor', 'a', 'exp', 'KID']
const REFUSALS = ['token_too_large', 'token_malformed', 'critical_header_rejected', 'type_rejected']

/** Canonical base64url. */
export const base64url: Target = {
  name: 'base64url',
  rooms: ['token/base64url.ts'],
  words: ['A', '-', '_', '+', '/', '=', 'AA', 'AB', 'Qg', 'QQ', 'AAE', 'AAF', '\n', ' '],
  maxLength: 65_536,
  generate: (random) =>
    mutateText(
      segment('x'.repeat(below(6, random)) + String.fromCharCode(below(256, random))),
      base64url.words,
      random,
    ),
  run: decodeBase64url,
  check(input) {
    const bytes = decodeBase64url(input)
    const expected = slowBase64url(input)
    if ((bytes === undefined) !== (expected === undefined))
      return `${bytes ? 'takes' : 'refuses'} what the reference does not`
    return bytes && expected && !expected.equals(bytes) ? 'reads other bytes than the reference' : undefined
  },
}

/** The strict JSON object of a header or a claims set. */
export const json: Target = {
  name: 'json',
  rooms: ['token/json.ts'],
  words: MORE_JSON_WORDS,
  maxLength: 65_536,
  generate: (random) => writeJson(mutateJson(CLAIMS, NAMES, random), MORE_JSON_WORDS, random),
  run: (input) => parseJsonObject(Buffer.from(input, 'latin1')),
  check(input) {
    const bytes = Buffer.from(input, 'latin1')
    const value = parseJsonObject(bytes)
    const expected = slowJsonObject(bytes)
    if (!value !== !expected) return `${value ? 'takes' : 'refuses'} what the reference does not`
    if (!isDeepStrictEqual(value, expected)) return 'reads another value than the reference'
    return value === undefined || isFrozen(value) ? undefined : 'gives a value that can be changed'
  },
}

/** The decoder of tokens. */
export const token: Target = {
  name: 'token',
  rooms: ['token/decode.ts', 'own-member.ts'],
  words: ['.', '..', '=', 'A', 'e30', '.e30', 'bnVsbA', '\n', 'eyJhIjoxfQ', 'A'.repeat(9_000)],
  maxLength: 16_384,
  generate(random) {
    const text = signToken(makeHeader(random), makeClaims(random), pick(SIGNERS, random))
    return random() < 0.5 ? text : mutateText(text, token.words, random)
  },
  run: decode,
  wrap: (text) => `${segment('{"alg":"ES256"}')}.${segment(text)}.`,
  check(input) {
    const decoded = decode(input)
    const expected = slowToken(input)
    if (isRefusal(decoded)) {
      if (!REFUSALS.includes(decoded.code)) return `refuses with ${decoded.code}`
      return expected && 'refuses what the reference takes'
    }
    if (!expected) return 'takes what the reference refuses'
    if (decoded.text !== input) return 'gives another text than it was given'
    if (!isDeepStrictEqual([decoded.header, decoded.claims], expected))
      return 'reads other JSON than the reference'
    return decoded.kid === expected[0]['kid'] ? undefined : 'gives another kid'
  },
}

function makeHeader(random: Random): string {
  const header = { alg: 'ES256', typ: 'at+jwt', kid: pick(['k', 'x'.repeat(254 + below(4, random))], random) }
  return writeJson(random() < 0.5 ? header : mutateJson(header, NAMES, random), MORE_JSON_WORDS, random)
}

function makeClaims(random: Random): string {
  return random() < 0.5
    ? JSON.stringify({ sub: 'x' })
    : writeJson(mutateJson(CLAIMS, NAMES, random), MORE_JSON_WORDS, random)
}

type Json = Readonly<Record<string, unknown>>

// RFC 7515 §3.1 and §4.1.11, RFC 7519 §5.2, RFC 7797 §7, and the two limits of the core.
function slowToken(text: string): readonly [Json, Json] | undefined {
  const segments = text.split('.').map(slowBase64url)
  const [header, claims] = segments.slice(0, 2).map((bytes) => bytes && slowJsonObject(bytes))
  if (text.length > 16_384 || segments.length !== 3 || segments.includes(undefined) || !header || !claims)
    return undefined
  if (['crit', 'b64', 'cty'].some((name) => Object.hasOwn(header, name))) return undefined
  const kid = Object.hasOwn(header, 'kid') ? header['kid'] : ''
  return typeof kid === 'string' && kid.length <= 256 ? [header, claims] : undefined
}

function isFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen))
  )
}
