// Writes the JavaScript of every package: what its package.json leads to, each in one file with all of the package that
// it imports. One file loads three times as fast as dozens of small ones. The types are TypeScript's to write.
import { build } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../packages/', import.meta.url))

await Promise.all(readdirSync(PACKAGES).map((name) => bundle(`${PACKAGES}${name}`)))

/** Bundles one package. Other packages, `node:` and what has an import condition stay imports. */
async function bundle(folder) {
  const { exports, imports, bin } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const files = new Set(stringsIn([exports, imports, bin]).filter((path) => path.endsWith('.js')))
  await build({
    absWorkingDir: folder,
    entryPoints: [...files].map((path) => path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    packages: 'external',
    external: ['node:*', '#*'],
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  })
}

function stringsIn(value) {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}
