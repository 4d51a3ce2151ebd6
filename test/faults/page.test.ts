import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { peers } from './contenders/peers.js'
import { PAGE, writeContenders, writeRow } from './page.js'
import { TABLE } from './table/index.js'

const lines = readFileSync(PAGE, 'utf8').split('\n')
const all = Object.values(TABLE).flat()

test('docs/faults.md names the libraries as they are installed and set up; `pnpm faults` writes it anew', () => {
  const named = writeContenders().join('\n').trimEnd().split('\n')
  expect(lines).toEqual(expect.arrayContaining(named))
})

test('docs/faults.md has every row of the table, in its order', () => {
  const starts = all.map(({ fault, must }) => writeRow([fault, must, '']).slice(0, -3))
  expect(lines.filter((line) => starts.some((start) => line.startsWith(start)))).toHaveLength(all.length)
  const found = starts.map((start) => lines.findIndex((line) => line.startsWith(start)))
  expect(found).toEqual(found.toSorted((a, b) => a - b))
})

test('docs/faults.md compares every row that others have, and claims no more of ours than the tests hold', () => {
  const shared = all.filter(({ needs }) => needs !== 'our options')
  const cells = lines.filter((line) => line.split(' | ').length === peers.length + 2)
  const compared = cells.filter((line) => / \| (?:held|\*\*failed\*\*) \| /.test(line))
  expect(compared.map((line) => line.split(' | ').slice(0, 2))).toEqual(
    shared.map(({ fault }) => [`| ${fault.replaceAll('|', '\\|')}`, 'held']),
  )
})
