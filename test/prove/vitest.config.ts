import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CONDITIONS } from '../../scripts/conditions.mjs'

// A mutant has to be caught by the tests beside the code: they say which rule was broken, and they are fast.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: {
    include: [
      'packages/core/src/{credentials,token,claims}/*.test.ts',
      'packages/core/src/challenge*.test.ts',
      'packages/core/src/keys/{window,limits}*.test.ts',
    ],
    restoreMocks: true,
  },
})
