import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CONDITIONS } from '../../scripts/conditions.mjs'

// Apart from the other tests: it takes minutes, and writes a page.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: { include: ['*.differential-test.ts'], testTimeout: 1_200_000 },
})
