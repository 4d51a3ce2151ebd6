import { expect, test } from 'vitest'
import { isChosen, readArguments } from './arguments.js'

test('a kind is enough', () => {
  const options = {
    rounds: undefined,
    sliceMs: 10,
    clock: 'wall',
    tokens: undefined,
    only: [],
    rows: [],
    json: undefined,
  }
  expect(readArguments(['core'])).toEqual({ kind: 'run', what: 'core', options })
  expect(readArguments(['http'])).toMatchObject({ what: 'http', options: { sliceMs: 150 } })
})

test('everything can be said', () => {
  const said = ['--rounds', '3', '--slice', '5', '--clock', 'cpu', '--tokens', '500', '--json', 'a.json']
  expect(readArguments(['core', ...said, '--only', 'jose, fast-jwt', '--rows', 'ES256'])).toMatchObject({
    options: {
      rounds: 3,
      sliceMs: 5,
      clock: 'cpu',
      tokens: 500,
      only: ['jose', 'fast-jwt'],
      rows: ['ES256'],
      json: 'a.json',
    },
  })
  expect(readArguments(['page', 'a.json', 'b.json'])).toEqual({ kind: 'page', files: ['a.json', 'b.json'] })
  expect(readArguments(['--help'])).toEqual({ kind: 'help' })
})

test.each([
  [[]],
  [['nothing']],
  [['core', 'http']],
  [['page']],
  [['core', '--rounds', '0']],
  [['core', '--rounds', 'x']],
  [['core', '--slice', '0']],
  [['core', '--clock', 'sun']],
  [['core', '--tokens', '10']],
  [['core', '--colour']],
])('%j makes no sense', (args) => {
  expect(readArguments(args)).toMatchObject({ kind: 'mistake' })
})

test('a part of a name chooses; nothing chooses all', () => {
  expect(isChosen('fast-jwt with cache', ['jose', 'fast'])).toBe(true)
  expect(isChosen('jsonwebtoken', ['jose', 'fast'])).toBe(false)
  expect(isChosen('jsonwebtoken', [])).toBe(true)
})
