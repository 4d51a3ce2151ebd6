import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { MESSAGE } from './message.js'

const HELP = `Usage: require-jwt [--help | --version]

${MESSAGE}

Options
  -h, --help     show this text
  -v, --version  show the version`

/** Where the command writes: a line each. */
export interface Output {
  out(text: string): void
  err(text: string): void
}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Runs the command and returns its exit code: 0, or 2 for an argument that it does not know. */
export function run(argv: readonly string[], output: Output): 0 | 2 {
  // Not strict: the words of a complaint are ours, the same on every version of Node.
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const unknown = tokens.find(
    (token) => token.kind !== 'option' || !Object.hasOwn(OPTIONS, token.name) || token.value !== undefined,
  )
  if (unknown) {
    output.err(
      `require-jwt: unknown argument ${JSON.stringify(argv[unknown.index])}. Try require-jwt --help.`,
    )
    return 2
  }
  output.out(values.version && !values.help ? readVersion() : HELP)
  return 0
}

function readVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}
