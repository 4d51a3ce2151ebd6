import { expect, test } from 'vitest'
import { writeErrorsPage } from './errors-page.js'

test('docs/errors.md is what the code table says; `pnpm docs:errors` writes it anew', async () => {
  await expect(writeErrorsPage()).toMatchFileSnapshot('../../docs/errors.md')
})
