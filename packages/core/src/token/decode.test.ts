import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal, type Refusal } from '../refusal.js'
import { EVERY_ALGORITHM, segment, signedText, tokenOf } from '../tokens.test-support.js'
import { decode as decodeAny, type UnverifiedToken } from './decode.js'

const HEADER = '{"alg":"HS256"}'

function decode(text: string): UnverifiedToken | Refusal {
  return decodeAny(text, EVERY_ALGORITHM)
}

/** A token of exactly this length: the signature is what is free to grow. */
function tokenOfLength(length: number): string {
  const start = `${segment(HEADER)}.${segment('{}')}.`
  return start + 'A'.repeat(length - start.length)
}

function kidOf(header: string): unknown {
  const token = decode(signedText(header, '{}'))
  return isRefusal(token) ? token.detail : token.kid
}

describe('decode', () => {
  test('reads header, kid and claims of a signed token and keeps its text', () => {
    const text = signedText('{"alg":"HS256","kid":"key-1"}', '{"sub":"user-1"}')
    expect(decode(text)).toEqual({
      text,
      header: { alg: 'HS256', kid: 'key-1' },
      alg: 'HS256',
      kid: 'key-1',
      claims: { sub: 'user-1' },
      isHeaderKnown: false,
    })
  })

  test('neither looks at typ or claims nor verifies anything', () => {
    const text = `${segment('{"alg":"HS256","typ":"whatever"}')}.${segment('{"exp":"x"}')}.`
    expect(decode(text)).toMatchObject({ header: { typ: 'whatever' }, claims: { exp: 'x' }, kid: undefined })
  })

  test.each(['{"alg":"none"}', '{"alg":"RS256"}', '{}'])(
    'refuses an alg that no issuer allows, whatever the rest is: %s',
    (header) => {
      const text = `${segment(header)}.no claims.no signature`
      expect(decodeAny(text, new Set(['HS256']))).toMatchObject({ code: 'algorithm_rejected' })
    },
  )

  test('freezes header and claims', () => {
    const token = decode(signedText(HEADER, '{"a":{"b":[]}}'))
    if (isRefusal(token)) throw new Error(token.detail)
    expect(Object.isFrozen(token.header)).toBe(true)
    expect(Object.isFrozen(token.claims['a'])).toBe(true)
  })

  test('reads a token of 16,384 characters and refuses one of 16,385 as token_too_large', () => {
    expect(decode(tokenOfLength(16_384))).toHaveProperty('text.length', 16_384)
    expect(decode(tokenOfLength(16_385))).toEqual({
      code: 'token_too_large',
      detail: 'the token is longer than 16384 characters',
    })
  })

  test.each([undefined, null, 5, {}, ['a.b.c'], new Uint8Array(3)])(
    'refuses what is no string at all: %j',
    (value) => {
      expect(decode(value as string)).toEqual({
        code: 'token_malformed',
        detail: 'the token is no string',
      })
    },
  )

  test.each(['', '.', 'a', 'a.b', 'a.b.c.d', 'a.b.c.d.e.f', '.'.repeat(12_000)])(
    'refuses what has not three segments as token_malformed: %#',
    (text) => {
      expect(decode(text)).toEqual({
        code: 'token_malformed',
        detail: 'the token is no JWS in compact form: three segments',
      })
    },
  )

  test.each(['a.b.c.d.e', '....'])('tells the operator that %j is encrypted', (text) => {
    expect(decode(text)).toEqual({
      code: 'token_malformed',
      detail: 'the token is encrypted (JWE): only signed tokens are accepted',
    })
  })

  test.each([
    ['header', `${segment(HEADER)}=.${segment('{}')}.AAAA`],
    ['claims set', `${segment(HEADER)}.${segment('{}')}=.AAAA`],
    ['signature', `${segment(HEADER)}.${segment('{}')}.AAAB=`],
    ['signature with spare bits', `${segment(HEADER)}.${segment('{}')}.AB`],
    ['signature and a line end', `${segment(HEADER)}.${segment('{}')}.AAAA\n`],
  ])('refuses a %s that is no canonical base64url', (_, text) => {
    expect(decode(text)).toEqual({
      code: 'token_malformed',
      detail: 'a segment is no canonical base64url',
    })
  })

  test.each(['[]', '"a"', '{"alg":"HS256","alg":"none"}', '{"a":', ''])(
    'refuses a protected header that is no strict JSON object: %j',
    (header) => {
      expect(decode(`${segment(header)}.${segment('{}')}.`)).toEqual({
        code: 'token_malformed',
        detail: 'the protected header is no strict JSON object',
      })
    },
  )

  test.each(['[]', '"a"', '{"sub":"a","sub":"b"}', '{"__proto__":{}}', ''])(
    'refuses a claims set that is no strict JSON object: %j',
    (claims) => {
      expect(decode(signedText(HEADER, claims))).toEqual({
        code: 'token_malformed',
        detail: 'the claims set is no strict JSON object',
      })
    },
  )

  test.each(['["exp"]', '[]', 'null', '"exp"', '["b64"]', '["alg","alg"]'])(
    'refuses crit whatever it holds, because no extension is understood: %s',
    (crit) => {
      expect(decode(signedText(`{"alg":"HS256","crit":${crit},"b64":false,"cty":"JWT"}`, '{}'))).toEqual({
        code: 'critical_header_rejected',
        detail: 'the protected header has crit',
      })
    },
  )

  test.each(['true', 'false', 'null'])('refuses b64 without crit: %s', (b64) => {
    expect(decode(signedText(`{"alg":"HS256","b64":${b64}}`, '{}'))).toEqual({
      code: 'critical_header_rejected',
      detail: 'the protected header has b64',
    })
  })

  test.each(['"JWT"', '""', 'null'])('refuses cty as another kind of token: %s', (cty) => {
    expect(decode(signedText(`{"alg":"HS256","cty":${cty}}`, '{}'))).toEqual({
      code: 'type_rejected',
      detail: 'the protected header has cty: a nested token',
    })
  })

  test.each(['5', 'null', '["a"]', '{}', 'true'])('refuses a kid that is no string: %s', (kid) => {
    expect(decode(signedText(`{"alg":"HS256","kid":${kid}}`, '{}'))).toEqual({
      code: 'token_malformed',
      detail: 'kid is no string',
    })
  })

  test('takes a kid of 256 characters and refuses one of 257', () => {
    expect(kidOf(`{"alg":"HS256","kid":"${'k'.repeat(256)}"}`)).toBe('k'.repeat(256))
    expect(kidOf(`{"alg":"HS256","kid":"${'k'.repeat(257)}"}`)).toBe('kid is longer than 256 characters')
  })

  test.each(['', '../../etc/passwd', "' OR 1=1 --", 'constructor', '\\n'])(
    'takes any other kid: %j',
    (kid) => {
      expect(kidOf(`{"alg":"HS256","kid":"${kid}"}`)).toBe(kid === '\\n' ? '\n' : kid)
    },
  )

  test.each(['jku', 'x5u', 'jwk', 'x5c', 'foo'])('ignores the header parameter %s', (name) => {
    const token = decode(signedText(`{"alg":"HS256","${name}":"https://evil.example"}`, '{}'))
    expect(isRefusal(token)).toBe(false)
  })

  test('never throws, and never repeats what it was given in the detail', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => segment(bytes)),
      fc.json({ maxDepth: 2 }).map((text) => segment(text)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const outcome = decode(pieces.join('.'))
        const told = isRefusal(outcome) ? outcome.detail : ''
        for (const given of pieces.filter((text) => text.length > 20)) expect(told).not.toContain(given)
        expect(told).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })

  test('decodes a token with one character changed to another token or not at all', () => {
    const text = tokenOf()
    const good = decode(text)
    for (let at = 0; at < text.length; at += 1) {
      const changed = decode(text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1))
      expect(changed).not.toEqual(good)
    }
  })
})
