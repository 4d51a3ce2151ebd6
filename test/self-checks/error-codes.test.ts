import { describe, expect, test } from 'vitest'
import { AUTH_ERRORS } from '../../packages/core/src/errors.js'
import { readText, repositoryFiles } from './repository.js'

const conformance = textOf(/^test\/conformance\/.*\.ts$/)
const unitTests = textOf(/^packages\/.*\.test\.ts$/)
const page = textOf(/^docs\/errors\.md$/)

describe.each(Object.keys(AUTH_ERRORS))('%s', (code) => {
  test('is explained in docs/errors.md', () => {
    expect(page).toContain(`\`${code}\``)
  })

  test('has a conformance case', () => {
    expect(conformance.includes(`'${code}'`)).toBe(true)
  })

  test('has a unit test', () => {
    expect(unitTests.includes(`'${code}'`)).toBe(true)
  })
})

function textOf(pattern: RegExp): string {
  return repositoryFiles(pattern).map(readText).join('\n')
}
