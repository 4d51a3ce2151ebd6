import { expect, test } from 'vitest'
import { readText, repositoryFiles } from './repository.js'

const TEXT =
  /(?:^|\/)(?:[^./][^/]*\.(?:ts|mjs|js|json|jsonc|md|ya?ml|sh|txt)|run|\.[^/]+rc\.json|\.gitignore)$/
const MACHINE_PATH = /(?<![\w.*-])\/(?:work|root|home|Users)\//
const OUTSIDE = /\.\.\/shared(?![\w.-])/

const texts = repositoryFiles(TEXT)

test('no file mentions a path of the machine it was written on, or a folder beside the repository', () => {
  expect(texts).toContain('package.json')
  const wrong = texts.filter((path) => {
    const text = readText(path)
    return MACHINE_PATH.test(text) || OUTSIDE.test(text)
  })
  expect(wrong).toEqual([])
})

test('the lockfile pins no host: packages come from the registry that npm is set to', () => {
  expect(readText('pnpm-lock.yaml')).not.toMatch(/https?:\/\//)
})

test('workflows pin every action to a commit and start from no rights', () => {
  const workflows = repositoryFiles(/^\.github\/workflows\/.*\.yml$/)
  expect(workflows).not.toHaveLength(0)
  for (const path of workflows) {
    const text = readText(path)
    const actions = [...text.matchAll(/uses:\s*(\S+)/g)].map(([, action]) => action)
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([])
    expect(text).toMatch(/^permissions:(?: \{\}|\n {2}contents: read)$/m)
  }
})
