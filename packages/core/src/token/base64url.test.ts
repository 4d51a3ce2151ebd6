import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as node from './base64url.node.js'
import * as web from './base64url.web.js'

const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const OTHERS = ['+', '/', '=', '.', ' ', '\n', '\u0000', 'é', 'Ａ', 'Ł']
const anyBytes = fc.uint8Array({ maxLength: 70 })

function canonical(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

describe.each([
  { platform: 'Node', ...node },
  { platform: 'WebCrypto', ...web },
])('on $platform', ({ decodeBase64url, decodeText, isCanonical }) => {
  test('gives back the bytes of any canonical text', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(Buffer.from(decodeBase64url(canonical(bytes)) ?? [])).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('decodes the empty text to no bytes', () => {
    expect(decodeBase64url('')).toEqual(new Uint8Array())
  })

  test('decodes only one spelling of any bytes: another character anywhere is other bytes or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 24 }), (bytes) => {
        const text = canonical(bytes)
        for (let at = 0; at < text.length; at += 1) {
          for (const char of [...ALPHABET, ...OTHERS].filter((other) => other !== text[at])) {
            const decoded = decodeBase64url(text.slice(0, at) + char + text.slice(at + 1))
            expect(decoded && canonical(decoded)).not.toBe(text)
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  test('decodes whatever it decodes to bytes whose canonical text is the one that was given', () => {
    const text = fc.string({ unit: fc.constantFrom(...ALPHABET, ...OTHERS), maxLength: 12 })
    fc.assert(
      fc.property(text, (given) => {
        const decoded = decodeBase64url(given)
        expect([undefined, given]).toContain(decoded && canonical(decoded))
      }),
      { numRuns: 1000 },
    )
  })

  test.each(['', 'A', 'AA', 'AAA', 'AAAA'])(
    'decides on the last character after %j as the length demands',
    (before) => {
      for (const last of ALPHABET) {
        const text = before + last
        const bytes = Buffer.from(text, 'base64url')
        const expected = text.length % 4 !== 1 && bytes.toString('base64url') === text
        expect({ text, decodes: decodeBase64url(text) !== undefined }).toEqual({ text, decodes: expected })
      }
    },
  )

  test.each(['YQ==', 'YWI=', 'YQ=', '=', '=YWJj', 'YW=j'])('refuses padding: %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  test.each(['YWJ+', 'YWJ/', '+WJj', '/WJj'])('refuses the alphabet of plain base64: %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  test.each([
    'YWJj\n',
    '\nYWJj',
    ' YWJj',
    'YWJj ',
    'YW\nJj',
    'YWJj\u0000',
    'YWJ\u{1F600}',
    'YWJé',
    'YWJ{',
    'YWJŁ',
    'ŁWJj',
  ])('refuses characters outside the alphabet: %j', (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  test.each(['YWJj\n\n\n\n', '\n\n\n\nYWJj', '!!!!YWJj', 'YWJj!!!!', 'YWJj====', 'YW!!!!Jj'])(
    'refuses them also where the length stays one that canonical text can have: %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  test('tells of any text whether it is canonical, without decoding it', () => {
    const text = fc.string({ unit: fc.constantFrom(...ALPHABET, ...OTHERS), maxLength: 12 })
    fc.assert(
      fc.property(text, (given) => {
        expect(isCanonical(given)).toBe(decodeBase64url(given) !== undefined)
      }),
      { numRuns: 1000 },
    )
  })

  test('gives back any text, also one that is longer than a token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeText(Buffer.from(text).toString('base64url'))).toBe(text)
      }),
    )
    const long = 'é'.repeat(20_000)
    expect(decodeText(Buffer.from(long).toString('base64url'))).toBe(long)
    expect(isCanonical(canonical(new Uint8Array(30_000)))).toBe(true)
  })

  test('a text is its own, whatever is decoded after it', () => {
    const first = decodeText('YWJj')
    decodeText('ZGVm')
    expect(first).toBe('abc')
  })

  test('leaves a byte order mark where it is', () => {
    expect(decodeText(canonical(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)))).toBe('\uFEFF{}')
  })

  test.each([
    ['an invalid byte', [0x22, 0xff, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xa2, 0x22]],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a character cut off', [0x22, 0xc3, 0x22]],
    ['a character beyond the last', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses %s: the text has to be strict UTF-8', (_, bytes) => {
    expect(decodeText(canonical(Uint8Array.from(bytes)))).toBeUndefined()
  })

  test.each(['YQ==', 'YWJ+', 'YWJj\n', 'YB', 'A', 'YWJŁ'])(
    'refuses a text in another spelling: %j',
    (text) => {
      expect(decodeText(text)).toBeUndefined()
    },
  )
})
