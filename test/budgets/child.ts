import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Runs a file of `children` on the built packages, and gives the figures that it writes. */
export async function runChild(
  file: string,
  flags: readonly string[] = [],
): Promise<Readonly<Record<string, number>>> {
  const path = fileURLToPath(new URL(`children/${file}`, import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path])
  return JSON.parse(stdout)
}
