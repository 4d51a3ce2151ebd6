import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Apart from the other tests: it takes minutes, and writes a page.
const conditions = ['@require-jwt/source']

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['*.differential-test.ts'], testTimeout: 1_200_000 },
})
