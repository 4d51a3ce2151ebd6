import { isDeepStrictEqual } from 'node:util'
import { isRefusal } from '../../../packages/core/src/refusal.js'
import type { Algorithm } from '../../../packages/core/src/signature/algorithms.js'
import type { Base64url } from '../../../packages/core/src/token/base64url.js'
import * as node from '../../../packages/core/src/token/base64url.node.js'
import * as web from '../../../packages/core/src/token/base64url.web.js'
import { decode } from '../../../packages/core/src/token/decode.js'
import { parseJsonObject } from '../../../packages/core/src/token/json.js'
import { CLAIMS, segment, SIGNERS, signToken } from '../documents.js'
import { below, mutateJson, mutateText, pick, writeJson } from '../mutate.js'
import { slowBase64url, slowJsonObject, slowText } from '../reference.js'
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
const REFUSALS = [
  'token_too_large',
  'token_malformed',
  'algorithm_rejected',
  'critical_header_rejected',
  'type_rejected',
]
const ALLOWED: ReadonlySet<Algorithm> = new Set(['ES256', 'RS256'])
const TEXTS = ['', 'x', 'é', '€', '😀', '\ufeff{}', '\u0000']

// Among them letters whose lower halves are of the alphabet, and bytes that UTF-8 has not.
const BASE64URL_WORDS = [
  'A',
  '-',
  '_',
  '+',
  '/',
  '=',
  'AA',
  'AB',
  'Qg',
  'QQ',
  'AAE',
  'AAF',
  '\n',
  ' ',
  '\u0141',
  '\u012d',
  '\uff41',
  '\ud841',
  'wIA',
  '7aCA',
  '_w',
]

/** Canonical base64url, as Node reads it, and as any other runtime. */
export const base64url: Target = base64urlOf('base64url', 'token/base64url.node.ts', node)
export const base64urlWeb: Target = base64urlOf('base64url-web', 'token/base64url.web.ts', web)

function base64urlOf(name: string, room: string, reader: Base64url): Target {
  return {
    name,
    rooms: ['token/base64url.ts', room],
    words: BASE64URL_WORDS,
    maxLength: 65_536,
    generate(random) {
      // Longer, now and then, than what Node has room for.
      const repeated = 'x'.repeat(random() < 0.05 ? 16_376 + below(20, random) : below(6, random))
      const last = random() < 0.5 ? pick(TEXTS, random) : String.fromCharCode(below(256, random))
      const bytes = Buffer.from(repeated + last, random() < 0.5 ? 'utf8' : 'latin1')
      return mutateText(bytes.toString('base64url'), BASE64URL_WORDS, random)
    },
    run: (input) => [reader.isCanonical(input), reader.decodeBase64url(input), reader.decodeText(input)],
    check(input) {
      const bytes = reader.decodeBase64url(input)
      const expected = slowBase64url(input)
      if ((bytes === undefined) !== (expected === undefined))
        return `${bytes ? 'takes' : 'refuses'} what the reference does not`
      if (bytes && expected && !expected.equals(bytes)) return 'reads other bytes than the reference'
      if (reader.isCanonical(input) !== (expected !== undefined)) return 'takes one text for another'
      return reader.decodeText(input) === slowText(input)
        ? undefined
        : 'reads another text than the reference'
    },
  }
}

/** The strict JSON object of a header or a claims set. */
export const json: Target = {
  name: 'json',
  rooms: ['token/json.ts'],
  words: [...MORE_JSON_WORDS, '\ufeff', '\u2028', '" :', '"a"\n:1,'],
  maxLength: 65_536,
  generate: (random) => writeJson(mutateJson(CLAIMS, NAMES, random), json.words, random),
  run: parseJsonObject,
  check(input) {
    const value = parseJsonObject(input)
    const expected = slowJsonObject(input)
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
  run: (input) => decode(input, ALLOWED),
  wrap: (text) => `${segment('{"alg":"ES256"}')}.${segment(text)}.`,
  check(input) {
    const decoded = decode(input, ALLOWED)
    const expected = slowToken(input)
    if (isRefusal(decoded)) {
      if (!REFUSALS.includes(decoded.code)) return `refuses with ${decoded.code}`
      return expected && 'refuses what the reference takes'
    }
    if (!expected) return 'takes what the reference refuses'
    if (decoded.text !== input) return 'gives another text than it was given'
    if (!isDeepStrictEqual([decoded.header, decoded.claims], expected))
      return 'reads other JSON than the reference'
    const { kid, alg } = expected[0]
    return decoded.kid === kid && decoded.alg === alg ? undefined : 'gives another kid or alg'
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

// RFC 7515 §3.1 and §4.1.11, RFC 7519 §5.2, RFC 7797 §7, RFC 8725 §3.1, and the two limits of the core.
function slowToken(text: string): readonly [Json, Json] | undefined {
  const segments = text.split('.')
  const [header, claims] = segments
    .slice(0, 2)
    .map(slowText)
    .map((read) => read && slowJsonObject(read))
  if (text.length > 16_384 || segments.length !== 3 || !segments.every(slowBase64url) || !header || !claims)
    return undefined
  if (
    !Object.entries(header).some(
      ([name, value]) => name === 'alg' && [...ALLOWED].includes(value as Algorithm),
    )
  )
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
