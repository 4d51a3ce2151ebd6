import { parseArgs } from 'node:util'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'story'; readonly json: boolean; readonly sabotage: boolean }
  | { readonly kind: 'serve' | 'help' }
  | { readonly kind: 'mistake'; readonly message: string }

export const HELP = `Tells, on Express, Koa and Hono, what an API protected by require-jwt answers.

usage: npx -y pnpm@10.34.8 demo [option]

  --json            print the observed rows as JSON
  --sabotage keys   let the issuer publish other keys than it signs with: the story then fails
  --serve           keep the servers up, and print curl lines with valid tokens
  --help            print this

Exit code: 0 every row came out as told, 1 not every row did, 2 the arguments make no sense.
`

const FLAG = { type: 'boolean' } as const

/** Reads the command line. */
export function readArguments(args: readonly string[]): Command {
  let values
  try {
    const options = { json: FLAG, serve: FLAG, help: FLAG, sabotage: { type: 'string' } } as const
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    return { kind: 'mistake', message: error instanceof Error ? error.message : String(error) }
  }
  const { json = false, serve = false, help = false, sabotage } = values
  if (help) return { kind: 'help' }
  if (sabotage !== undefined && sabotage !== 'keys') {
    return { kind: 'mistake', message: `--sabotage takes 'keys', not '${sabotage}'` }
  }
  if (!serve) return { kind: 'story', json, sabotage: sabotage !== undefined }
  if (json || sabotage !== undefined) return { kind: 'mistake', message: '--serve stands alone' }
  return { kind: 'serve' }
}
