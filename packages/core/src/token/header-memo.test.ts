import { describe, expect, test } from 'vitest'
import { isRefusal } from '../refusal.js'
import { EVERY_ALGORITHM, segment, tokenOf, unverified } from '../tokens.test-support.js'
import { decode } from './decode.js'
import { HeaderMemo } from './header-memo.js'

function segmentOf(text: string): string {
  return text.slice(0, text.indexOf('.'))
}

function memoOf(count: number): { memo: HeaderMemo; segments: readonly string[] } {
  const memo = new HeaderMemo()
  const segments = Array.from({ length: count }, (_, at) => {
    const token = unverified({}, { kid: `key-${at}` })
    memo.add(token.text, token)
    return segmentOf(token.text)
  })
  return { memo, segments }
}

describe('HeaderMemo', () => {
  test('gives the header that was read from the same segment, and of no other', () => {
    const { memo, segments } = memoOf(2)
    expect(memo.find(segments[1] ?? '')).toEqual({
      header: { alg: 'HS256', kid: 'key-1' },
      alg: 'HS256',
      kid: 'key-1',
    })
    expect(memo.find(segmentOf(tokenOf({}, { kid: 'key-2' })))).toBeUndefined()
    expect(memo.find('')).toBeUndefined()
  })

  test('decode takes it for read, and reads everything else', () => {
    const memo = new HeaderMemo()
    const token = unverified({ sub: 'a' })
    memo.add(token.text, token)
    const again = decode(tokenOf({ sub: 'b' }), EVERY_ALGORITHM, memo)
    if (isRefusal(again)) throw new Error(again.detail)
    expect(again.claims['sub']).toBe('b')
    expect(again.header).toBe(token.header)
    expect(decode(`${segmentOf(token.text)}.${segment('[]')}.`, EVERY_ALGORITHM, memo)).toMatchObject({
      code: 'token_malformed',
    })
  })

  test('has 100 headers at most, and begins anew', () => {
    const full = memoOf(100)
    expect(full.segments.every((each) => full.memo.find(each) !== undefined)).toBe(true)
    const { memo, segments } = memoOf(101)
    expect(segments.filter((each) => memo.find(each) !== undefined)).toEqual(segments.slice(100))
  })

  test('remembers none of more than 1,024 characters', () => {
    const memo = new HeaderMemo()
    const [short, long] = [600, 900].map((length) => unverified({}, { note: 'x'.repeat(length) }))
    for (const token of [short, long]) if (token) memo.add(token.text, token)
    expect(memo.find(segmentOf(short?.text ?? ''))).toBeDefined()
    expect(memo.find(segmentOf(long?.text ?? ''))).toBeUndefined()
  })
})
