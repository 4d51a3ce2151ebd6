// Runs the fuzzer on the sources, as Vite serves them to the tests: no build stands between an edit and its run.
import { fileURLToPath } from 'node:url'
import { createViteServer } from 'vitest/node'
import { CONDITIONS as conditions } from '../../scripts/conditions.mjs'

const server = await createViteServer({
  configFile: false,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
})
try {
  const { command } = await server.ssrLoadModule('/test/fuzz/command.ts')
  process.exitCode = await command(process.argv.slice(2))
} finally {
  await server.close()
}
