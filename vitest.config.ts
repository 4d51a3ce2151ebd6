import { defineConfig } from 'vitest/config'

// Tests run on the sources: no build stands between an edit and its test. Without `node` they run on WebCrypto.
const platform = process.env['CRYPTO_PATH'] === 'web' ? [] : ['node']
const conditions = ['@require-jwt/source', ...platform, 'module', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
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
