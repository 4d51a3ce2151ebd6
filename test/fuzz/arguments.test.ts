import { expect, test } from 'vitest'
import { readArguments } from './arguments.js'

const TARGETS = ['token', 'json']

test('without arguments it is a glance at all targets', () => {
  expect(readArguments([], TARGETS)).toMatchObject({
    kind: 'run',
    options: { minutes: 0.2, targets: TARGETS, first: false, coverage: false },
  })
})

test('each argument is read', () => {
  const args = ['--minutes', '60', '--seed', '7', '--target', 'json', '--coverage', '--first']
  expect(readArguments(args, TARGETS)).toEqual({
    kind: 'run',
    options: { minutes: 60, seed: 7, targets: ['json'], first: true, coverage: true },
  })
  expect(readArguments(['--plant', 'all'], TARGETS)).toEqual({ kind: 'plant', name: 'all', minutes: 5 })
})

test.each([
  ['--minutes', '0'],
  ['--minutes', 'x'],
  ['--seed', '0.5'],
  ['--target', 'cookies'],
  ['--unknown', '1'],
])('%s %s makes no sense', (...args) => {
  expect(readArguments(args, TARGETS)).toHaveProperty('kind', 'mistake')
})

test('help is printed when asked for', () => {
  expect(readArguments(['--help'], TARGETS)).toEqual({ kind: 'help' })
})
