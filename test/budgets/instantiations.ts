import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
const OPTIONS = [
  // A user's options, not those of this repository.
  '--ignoreConfig',
  '--noEmit',
  '--strict',
  '--skipLibCheck',
  '--target',
  'es2023',
  '--module',
  'nodenext',
  '--types',
  'node',
  '--pretty',
  'false',
  // Several checkers would each count what they share.
  '--singleThreaded',
  '--extendedDiagnostics',
]

/** Counts the type instantiations of an API with our adapter beyond those of the same one without. */
export function instantiationsOf(framework: string): number {
  return compile(`${framework}.ts`) - compile(`${framework}.bare.ts`)
}

function compile(file: string): number {
  const said = execFileSync(process.execPath, [TSC, file, ...OPTIONS], { cwd: FIXTURES, encoding: 'utf8' })
  return Number(/^Instantiations:\s+(\d+)$/m.exec(said)?.[1])
}
