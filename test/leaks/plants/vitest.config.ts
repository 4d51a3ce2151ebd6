import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import config from '../../../vitest.config.js'

// As every test runs; `watch.test.ts` reads what comes out.
export default defineConfig({
  ...config,
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  test: { ...config.test, include: ['test/leaks/plants/*.planted-test.ts'], reporters: ['json'] },
})
