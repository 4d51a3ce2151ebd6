import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CONDITIONS } from '../../scripts/conditions.mjs'

// Apart from the other tests: these need nginx and HAProxy, which npm does not install.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: { include: ['*.proxy-test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
