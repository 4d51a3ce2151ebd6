import { describe, expect, test } from 'vitest'
import type { VerificationKey } from '../keys/verification-key.js'
import { unverified } from '../tokens.test-support.js'
import { keepReading, signedAgain, SignatureMemo, type MemoLimits } from './memo.js'

const KEY: VerificationKey = { kid: 'a', thumbprint: 't', alg: 'ES256', forAlgorithm: () => () => true }
const ROOMY: MemoLimits = { maxEntries: 100, maxBytes: 1_000_000 }

/** A token that ends in a text of 40 characters that stands nowhere else. */
function textOf(name: number | string, length = 100): string {
  return String(name).padStart(40, '.').padStart(length, '-')
}

function memoOf(limits: Partial<MemoLimits> = {}, ...texts: readonly string[]): SignatureMemo {
  const memo = new SignatureMemo({ ...ROOMY, ...limits })
  for (const text of texts) memo.add(text, KEY)
  return memo
}

function held(memo: SignatureMemo, texts: readonly string[]): readonly string[] {
  return texts.filter((text) => memo.find(text) !== undefined)
}

describe('SignatureMemo', () => {
  test('finds what was remembered of a text, and nothing of another', () => {
    const memo = memoOf({}, textOf(1), textOf(2))
    expect(memo.find(textOf(1))).toMatchObject({
      text: textOf(1),
      key: KEY,
      token: undefined,
      facts: undefined,
    })
    expect(memo.find(textOf(2))?.key).toBe(KEY)
    expect(memo.find(textOf(3))).toBeUndefined()
    expect(memo.find('')).toBeUndefined()
  })

  test('is not deceived by another text with the same end', () => {
    const good = `good${textOf(1)}`
    const evil = `evil${textOf(1)}`
    const memo = memoOf({}, good)
    expect(memo.find(evil)).toBeUndefined()
    memo.forget(evil)
    expect(memo.find(good)).toBeDefined()
    // Two tokens that were both signed: the later one takes the place, and neither is given for the other.
    memo.add(evil, KEY)
    expect(memo.find(evil)?.text).toBe(evil)
    expect(memo.find(good)).toBeUndefined()
  })

  test('forgets what it is told to', () => {
    const memo = memoOf({}, textOf(1), textOf(2), textOf(3))
    memo.forget(textOf(2))
    memo.forget(textOf(9))
    expect(held(memo, [textOf(1), textOf(2), textOf(3)])).toEqual([textOf(1), textOf(3)])
  })

  test('holds so many tokens and no more', () => {
    const texts = Array.from({ length: 10 }, (_, at) => textOf(at))
    const memo = memoOf({ maxEntries: 3 }, ...texts)
    expect(held(memo, texts)).toEqual(texts.slice(-3))
  })

  test('holds so many characters and no more', () => {
    const texts = Array.from({ length: 10 }, (_, at) => textOf(at, 100))
    expect(held(memoOf({ maxBytes: 350 }, ...texts), texts)).toEqual(texts.slice(-3))
    const long = textOf('long', 350)
    const memo = memoOf({ maxBytes: 350 }, ...texts, long)
    expect(held(memo, [...texts, long])).toEqual([long])
    memo.forget(long)
    memo.add(textOf(1, 350), KEY)
    expect(memo.find(textOf(1, 350))).toBeDefined()
  })

  test('remembers no token that is longer than 8 KiB, or than all it may hold', () => {
    expect(memoOf({}, textOf(1, 8192)).find(textOf(1, 8192))).toBeDefined()
    expect(memoOf({}, textOf(1, 8193)).find(textOf(1, 8193))).toBeUndefined()
    const memo = memoOf({ maxBytes: 150 }, textOf(1), textOf(2, 151))
    expect(held(memo, [textOf(1), textOf(2, 151)])).toEqual([textOf(1)])
  })

  test('a stream of tokens that come once does not push out those that come often', () => {
    const memo = memoOf({ maxEntries: 10 })
    const often = Array.from({ length: 5 }, (_, at) => textOf(`often-${at}`))
    for (const text of often) memo.add(text, KEY)
    for (let at = 0; at < 500; at += 1) {
      memo.add(textOf(at), KEY)
      // Each of them comes again before the hand has been round.
      memo.find(often[at % often.length] ?? '')
    }
    expect(held(memo, often)).toEqual(often)
  })

  test('takes the first that nobody asked for, from old to new, wherever the hand is', () => {
    const [a, b, c, d, e, f] = 'abcdef'.split('').map((name) => textOf(name)) as [
      string,
      string,
      string,
      string,
      string,
      string,
    ]
    const memo = memoOf({ maxEntries: 3 }, a, b, c)
    memo.find(a)
    memo.add(d, KEY) // passes a, takes b
    memo.add(e, KEY) // goes on to c
    memo.find(d)
    memo.add(f, KEY) // passes d, takes e
    expect(held(memo, [a, b, c, d, e, f])).toEqual([a, d, f])
  })

  test('goes round where all were asked for, and forgets whatever is under its hand', () => {
    const texts = [textOf(1), textOf(2), textOf(3)]
    const memo = memoOf({ maxEntries: 3 }, ...texts)
    held(memo, texts)
    memo.add(textOf(4), KEY)
    expect(held(memo, [...texts, textOf(4)])).toEqual([textOf(2), textOf(3), textOf(4)])
    memo.forget(textOf(2))
    memo.add(textOf(5), KEY)
    memo.add(textOf(6), KEY)
    expect(held(memo, [textOf(3), textOf(4), textOf(5), textOf(6)])).toHaveLength(3)
  })

  test('does not keep the text that a token was cut from', () => {
    const cut = `cookie: ${textOf(1)}; more`.slice(8, 108)
    const memo = memoOf({}, cut)
    expect(memo.find(cut)?.text).toBe(cut)
  })
})

describe('what is kept of a token', () => {
  test('it counts as signed when its text is the one that is remembered, and no other', () => {
    const [token, other] = [unverified(), unverified({ sub: 'other' })]
    const memo = memoOf({}, token.text)
    const found = memo.find(token.text)
    if (!found) throw new Error('not remembered')
    expect(signedAgain(found, token)).toEqual({ token, key: KEY })
    expect(signedAgain(found, other)).toBeUndefined()
  })

  test('what was read of it is kept from the second time on, with the text that is kept already', () => {
    const token = unverified()
    const found = memoOf({}, token.text).find(token.text)
    const signed = found && signedAgain(found, token)
    if (!found || !signed) throw new Error('not remembered')
    keepReading(found, signed.token, undefined)
    expect(found.token).toEqual({ ...token, isHeaderKnown: true })
    expect(found.token?.claims).toBe(token.claims)
    expect(found.facts).toBeUndefined()
  })
})
