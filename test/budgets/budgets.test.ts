import { beforeAll, describe, expect, test } from 'vitest'
import { complaintAbout, type Budget } from './budget.js'
import budgets from './budgets.json' with { type: 'json' }
import { bundle, type Bundle } from './bundle.js'
import { runChild } from './child.js'
import { instantiationsOf } from './instantiations.js'

// What can be counted does not depend on how busy a machine is. All of it is counted on the built packages: `pnpm
// build` comes first.
const BUDGETS: Readonly<Record<string, Budget>> = budgets

/** A young generation of 64 MiB, in which 1,000 verifications leave no need to collect. */
const HEAP_FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']

let whole: Bundle
let found: Readonly<Record<string, number>>

beforeAll(async () => {
  whole = await bundle([])
  const withoutJose = await bundle(['jose'])
  found = {
    'core and Hono adapter, with jose': whole.brotliBytes,
    'core and Hono adapter, without jose': withoutJose.brotliBytes,
    ...(await runChild('heap.mjs', HEAP_FLAGS)),
    ...(await runChild('promises.mjs')),
    'types of an API on Express': instantiationsOf('express'),
    'types of an API on Koa': instantiationsOf('koa'),
    'types of an API on Hono': instantiationsOf('hono'),
  }
  const lines = Object.entries(found).map(
    ([name, figure]) => `${name}: ${figure} of ${BUDGETS[name]?.limit} ${BUDGETS[name]?.unit}`,
  )
  console.info(lines.join('\n'))
})

test('what is counted has a budget, and what has a budget is counted', () => {
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(BUDGETS).toSorted())
})

test.each(Object.entries(BUDGETS))('%s: the budget is kept', (name, budget) => {
  expect(complaintAbout(name, budget, found[name] ?? Number.NaN)).toBeUndefined()
})

describe('a bundle for a Worker', () => {
  test('holds what is for the web, and nothing that is for Node', () => {
    const chosen = whole.files.filter((path) => /\.(web|node)\.js$/.test(path))
    expect(chosen.toSorted()).toEqual([
      'packages/core/dist/keys/default-fetch.web.js',
      'packages/core/dist/signature/crypto.web.js',
      'packages/core/dist/token/base64url.web.js',
    ])
  })

  // What the code of DPoP and of mutual TLS cannot do without.
  const MARKS = ['dpop+jwt', 'require-jwt DPoP nonce', 'BEGIN CERTIFICATE']

  test('holds nothing of the proofs of possession that it does not use', async () => {
    expect(MARKS.filter((mark) => whole.text.includes(mark))).toEqual([])
    const proving = await bundle([], 'hono-proofs.ts')
    expect(MARKS.filter((mark) => proving.text.includes(mark))).toEqual(MARKS)
  })

  test('imports nothing but Hono', () => {
    expect(new Set(whole.imports)).toEqual(new Set(['hono', 'hono/http-exception']))
  })
})
