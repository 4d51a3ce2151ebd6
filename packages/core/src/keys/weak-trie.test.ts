import { describe, expect, test } from 'vitest'
import { WeakTrie } from './weak-trie.js'

const [a, b, c] = [{}, {}, () => undefined]

function unwanted(): never {
  throw new Error('made twice')
}

describe('WeakTrie', () => {
  test('makes a value the first time, then gives that one', () => {
    const trie = new WeakTrie<object>()
    const made = trie.at([a, c], () => ({}))
    expect(trie.at([a, c], unwanted)).toBe(made)
  })

  test('the order counts, and so does every object', () => {
    const trie = new WeakTrie<string>()
    const paths = [[], [a], [a, b], [b, a], [a, b, c], [{}], [a, {}]]
    paths.forEach((path, index) => trie.at(path, () => `value ${index}`))
    expect(paths.map((path) => trie.at(path, unwanted))).toEqual(paths.map((_, index) => `value ${index}`))
  })

  test('tells whether something is there, also beyond the path, and keeps nothing by asking', () => {
    const trie = new WeakTrie<string>()
    expect(trie.has([a])).toBe(false)
    expect(trie.has([a])).toBe(false)
    trie.at([a, b], () => 'value')
    expect([trie.has([a]), trie.has([a, b])]).toEqual([true, true])
    expect([trie.has([b]), trie.has([a, c]), trie.has([a, b, c])]).toEqual([false, false, false])
  })
})
