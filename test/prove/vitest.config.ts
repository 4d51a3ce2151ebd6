import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Mutants are to be caught by the tests beside the code: they say which rule was broken, and they are fast.
const conditions = ['@require-jwt/source']

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['packages/core/src/**/*.test.ts'], restoreMocks: true },
})
