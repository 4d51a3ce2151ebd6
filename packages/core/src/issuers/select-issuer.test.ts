import { describe, expect, test } from 'vitest'
import { unverified } from '../tokens.test-support.js'
import { selectIssuer } from './select-issuer.js'

const PLAIN = { name: 'plain' }
const SLASHED = { name: 'slashed' }
const ISSUERS = new Map([
  ['https://a.example', PLAIN],
  ['https://b.example/', SLASHED],
])

function selected(iss: unknown): unknown {
  return selectIssuer(unverified({ iss }), ISSUERS)
}

function refused(detail: string): object {
  return { code: 'issuer_unknown', detail }
}

describe('selectIssuer', () => {
  test('finds the issuer that the token names, to the letter', () => {
    expect(selected('https://a.example')).toBe(PLAIN)
    expect(selected('https://b.example/')).toBe(SLASHED)
  })

  test.each([
    'https://A.example',
    'HTTPS://a.example',
    'https://a.example:443',
    'https://a.example.evil.example',
    'https://a.exampl',
    ' https://a.example',
    'https://a.example#',
    'https://a.example//',
    'http://localhost',
    '',
    'constructor',
  ])('finds none for %j', (iss) => {
    expect(selected(iss)).toEqual(refused('iss is no configured issuer'))
  })

  test.each([undefined, null, 5, ['https://a.example'], { 0: 'https://a.example' }])(
    'refuses an iss that is missing or no string: %j',
    (iss) => {
      expect(selected(iss)).toEqual(refused('iss is missing or no string'))
    },
  )

  test('tells the operator where one trailing slash is the difference, naming what is configured', () => {
    expect(selected('https://a.example/')).toEqual(
      refused('iss differs from the configured issuer https://a.example by one trailing slash, which counts'),
    )
    expect(selected('https://b.example')).toEqual(
      refused(
        'iss differs from the configured issuer https://b.example/ by one trailing slash, which counts',
      ),
    )
  })
})
