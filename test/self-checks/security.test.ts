import ts from 'typescript5'
import { describe, expect, test } from 'vitest'
import { readText } from './repository.js'

// `["the title of a test"](path/of/the/file.ts)`.
const NAMED = /\["(.+?)"\]\(([^)\s]+)\)/g
/** What is no answer to a request has no attack: guarantees about the repository, by their number, and why. */
const NO_ATTACK: ReadonlyMap<number, string> = new Map([
  [34, 'what is depended on is seen in the sources, by a check of their imports'],
  [35, 'how releases are made is seen in the workflows, by a check of those'],
])

const SECTION = /^## What is guaranteed$([^]*?)^## /m

interface Guarantee {
  readonly number: number
  readonly text: string
}

const guarantees = guaranteesOf(readText('SECURITY.md'))

test('the guarantees of SECURITY.md are numbered in order', () => {
  expect(guarantees.length).toBeGreaterThan(0)
  expect(guarantees.map(({ number }) => number)).toEqual(guarantees.map((_, index) => index + 1))
})

describe.each(guarantees)('guarantee $number of SECURITY.md', ({ number, text }) => {
  test('names a test that keeps it, and every test that it names is there', () => {
    const named = namedTests(text)
    expect(named).not.toHaveLength(0)
    expect(named.filter(([title, path]) => !titlesOf(path, readText(path)).has(title))).toEqual([])
  })

  test('names an attack, or is known to have none', () => {
    expect(namedAttacks(text).length > 0).toBe(!NO_ATTACK.has(number))
  })
})

test('what has no attack is a guarantee', () => {
  const numbers = guarantees.map(({ number }) => number)
  expect([...NO_ATTACK.keys()].filter((number) => !numbers.includes(number))).toEqual([])
})

test('the check sees a guarantee that names no test', () => {
  const page = '## What is guaranteed\n\n1. Nothing is slow.\n2. Kept by ["a"](b.ts).\n\n## More\n\n1. No.\n'
  expect(guaranteesOf(page).map(({ text }) => namedTests(text))).toEqual([[], [['a', 'b.ts']]])
})

test('the check sees a guarantee that names no attack', () => {
  const attack = '["a row"](test/attacks/classes/a.ts)'
  expect(namedAttacks(`Kept by ["a test"](packages/core/src/a.test.ts), ${attack}.`)).toEqual([
    ['a row', 'test/attacks/classes/a.ts'],
  ])
  expect(
    namedAttacks('Kept by ["a row"](test/conformance/table/a.ts), [the attacks](test/attacks).'),
  ).toEqual([])
})

test('the check knows tests and rows by their titles, and takes nothing else for one', () => {
  const source = `
    describe('a group', () => {
      test('a test', () => call('no title'))
      test.each([1])('a table', () => undefined)
      test.skip('never run', () => undefined)
    })
    describe.skip('a group that is never run', () => {
      test('a test in it', () => undefined)
    })
    const row = { about: 'a row', name: 'no row' } // test('a comment')
  `
  expect([...titlesOf('a.test.ts', source)]).toEqual(['a group', 'a test', 'a table', 'a row'])
})

function guaranteesOf(page: string): readonly Guarantee[] {
  const section = SECTION.exec(page)?.[1] ?? ''
  return [...section.matchAll(/^(\d+)\. ([^]*?)(?=^\d+\. |^#|(?![^]))/gm)].map(([, number, text = '']) => ({
    number: Number(number),
    text,
  }))
}

function namedTests(text: string): readonly (readonly [title: string, path: string])[] {
  return [...text.matchAll(NAMED)].map(([, title = '', path = '']) => [title, path] as const)
}

function namedAttacks(text: string): ReturnType<typeof namedTests> {
  return namedTests(text).filter(([, path]) => path.startsWith('test/attacks/'))
}

/** The titles of the tests, groups and rows of the conformance table in a source, without those that never run. */
function titlesOf(path: string, text: string): ReadonlySet<string> {
  const titles = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const words = calleeOf(node.expression)
      const isTest = words[0] === 'test' || words[0] === 'describe'
      if (isTest && (words.includes('skip') || words.includes('todo'))) return
      const [title] = node.arguments
      if (isTest && title && ts.isStringLiteralLike(title)) titles.add(title.text)
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'about')
      if (ts.isStringLiteralLike(node.initializer)) titles.add(node.initializer.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
  return titles
}

/** The words of what is called: `test`, `each` for `test.each([1])(…)`. */
function calleeOf(node: ts.Expression): readonly string[] {
  if (ts.isIdentifier(node)) return [node.text]
  if (ts.isPropertyAccessExpression(node)) return [...calleeOf(node.expression), node.name.text]
  return ts.isCallExpression(node) ? calleeOf(node.expression) : []
}
