import { defineConfig } from 'vitest/config'
import { CONDITIONS } from './scripts/conditions.mjs'

export default defineConfig({
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'examples/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    // What tokens, keys and claims are shown anywhere: no test has to think of it.
    setupFiles: ['test/leaks/watch.ts'],
    restoreMocks: true,
    // Room for a busy machine: nothing here waits for time to pass.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
