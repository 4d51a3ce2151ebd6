import { expect, test } from 'vitest'
import { readArguments } from './arguments.js'

test('without arguments it is a minute on all adapters', () => {
  expect(readArguments([])).toMatchObject({
    kind: 'run',
    options: {
      seconds: 60,
      adapters: ['express', 'koa', 'hono'],
      rate: 120,
      json: undefined,
      plant: undefined,
    },
  })
})

test('each argument is read', () => {
  const args = [
    '--seconds',
    '600',
    '--adapter',
    'koa',
    '--rate',
    '100',
    '--seed',
    '7',
    '--json',
    'figures.json',
  ]
  expect(readArguments([...args, '--plant', 'leak'])).toEqual({
    kind: 'run',
    options: { seconds: 600, adapters: ['koa'], rate: 100, seed: 7, json: 'figures.json', plant: 'leak' },
  })
})

test.each([
  ['--seconds', '10'],
  ['--seconds', 'x'],
  ['--rate', '0'],
  ['--seed', '0.5'],
  ['--adapter', 'fastify'],
  ['--plant', 'roses'],
  ['--unknown', '1'],
])('%s %s makes no sense', (...args) => {
  expect(readArguments(args)).toHaveProperty('kind', 'mistake')
})

test('help is printed when asked for', () => {
  expect(readArguments(['--help'])).toEqual({ kind: 'help' })
})
