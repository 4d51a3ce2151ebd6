// Checks every tarball as its users would get it: `publint --strict` for package.json against the files,
// `attw --profile esm-only` for the types under each way TypeScript resolves modules.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
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
  const checks = packed.flatMap(({ name, tarball }) =>
    CHECKS.map(([command, ...flags]) => ({
      title: `${command} ${name}`,
      command,
      flags: [...flags, tarball],
    })),
  )
  await Promise.all(Array.from({ length: availableParallelism() }, () => work(checks)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Takes checks from the list until it is empty; a failed one is shown and makes this process fail. */
async function work(checks) {
  for (let check = checks.shift(); check; check = checks.shift()) {
    const { title, command, flags } = check
    const { failed, output } = await run(command, flags)
    console.log(`${failed ? 'FAILED' : 'ok    '} ${title}${failed ? `\n${output}` : ''}`)
    if (failed) process.exitCode = 1
  }
}

function run(command, flags) {
  return new Promise((resolve) => {
    execFile(command, flags, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: `${stdout}${stderr}` })
    })
  })
}
