// Packs every package as it would be published. As a command: `node scripts/pack.mjs <folder>`,
// which prints what was packed as JSON.
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Only pnpm resolves `workspace:`, `catalog:` and `publishConfig.exports`; `npm pack` leaves them in.
const PACK = [
  '-y',
  '--loglevel=error',
  'pnpm@10.34.8',
  'pack',
  '--recursive',
  '--filter',
  './packages/*',
  '--json',
]

/**
 * Packs into `folder` and lists, for each package, its name, the tarball and the paths in it.
 *
 * @param {string} folder
 */
export function packAll(folder) {
  const output = execFileSync('npx', [...PACK, '--pack-destination', resolve(folder)], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(output).map(({ name, filename, files }) => ({
    name,
    tarball: filename,
    files: files.map(({ path }) => path),
  }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) throw new Error('usage: node scripts/pack.mjs <folder>')
  process.stdout.write(`${JSON.stringify(packAll(folder), undefined, 2)}\n`)
}
