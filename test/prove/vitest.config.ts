import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// A mutant has to be caught by the tests beside the code: they say which rule was broken, and they are fast.
const conditions = ['@require-jwt/source']

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/core/src/{credentials,token,claims}/*.test.ts',
      'packages/core/src/challenge*.test.ts',
      'packages/core/src/keys/{window,limits}*.test.ts',
    ],
    restoreMocks: true,
  },
})
