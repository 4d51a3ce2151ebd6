import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase64url } from './base64url.js'

const ALPHABET = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const OTHERS = ['+', '/', '=', '.', ' ', '\n', '\u0000', 'é', 'Ａ']
const anyBytes = fc.uint8Array({ maxLength: 70 })

function canonical(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

describe('decodeBase64url', () => {
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

  test.each(['YWJj\n', '\nYWJj', ' YWJj', 'YWJj ', 'YW\nJj', 'YWJj\u0000', 'YWJ\u{1F600}', 'YWJé', 'YWJ{'])(
    'refuses characters outside the alphabet: %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  test.each(['YWJj\n\n\n\n', '\n\n\n\nYWJj', '!!!!YWJj', 'YWJj!!!!', 'YWJj====', 'YW!!!!Jj'])(
    'refuses them also where the length stays one that canonical text can have: %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )
})
