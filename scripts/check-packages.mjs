// Checks every tarball as its users would get it: `publint --strict` for package.json against the files,
// `attw --profile esm-only` for the types under each way TypeScript resolves modules.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from './pack.mjs'

const CHECKS = [
  ['publint', 'run', '--strict'],
  ['attw', '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'],
]

const folder = mkdtempSync(join(tmpdir(), 'require-jwt-packages-'))
try {
  const packed = packAll(folder)
  if (packed.length === 0) throw new Error('no package was packed')
  for (const { name, tarball } of packed) {
    for (const [command, ...flags] of CHECKS) {
      const { status, stdout, stderr } = spawnSync(command, [...flags, tarball], { encoding: 'utf8' })
      console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${command} ${name}`)
      if (status !== 0) {
        console.log(`${stdout}${stderr}`)
        process.exitCode = 1
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
