import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Apart from the other tests: these need nginx and HAProxy, which npm does not install.
const conditions = ['@require-jwt/source']

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['*.proxy-test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
