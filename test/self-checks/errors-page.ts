import { AuthError } from '../../packages/core/src/auth-error.js'
import { AUTH_ERRORS, type AuthErrorCode } from '../../packages/core/src/errors.js'
import { describeProblem } from '../../packages/core/src/problem.js'
import { refuse, type Refusal } from '../../packages/core/src/refusal.js'

const CODES = Object.keys(AUTH_ERRORS).filter((code): code is AuthErrorCode =>
  Object.hasOwn(AUTH_ERRORS, code),
)

const HEAD = `# Errors

<!-- Written by \`npx -y pnpm@10.34.8 docs:errors\` from packages/core/src/errors.ts. Change it there. -->

Every refused request has one of these codes. The code is for the operator: it is in the event that an
\`observer\` sees, with a detail, and in \`error.code\`. The caller sees less, on purpose: the checks run before
the signature, and a text for every code would let a stranger find out which issuers and audiences are right.

A \`ConfigError\` is no row here: it is a mistake in the set-up, thrown at start-up, and its message says what to
change.
`

/** Writes docs/errors.md from the code table, and the answers by the code that answers. */
export function writeErrorsPage(): string {
  return [HEAD, '## Codes\n', codesTable(), '## Answers\n', ANSWERS_TEXT, answers().join('\n')].join('\n')
}

function codesTable(): string {
  const rows = CODES.map((code) => {
    const { status, when, advice } = AUTH_ERRORS[code]
    return [`\`${code}\``, String(status), challengeOf(code), when, advice]
  })
  const head = ['code', 'HTTP', '`WWW-Authenticate`', 'when', 'what the caller should do']
  return `${[head, head.map(() => '---'), ...rows].map(writeRow).join('\n')}\n`
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function challengeOf(code: AuthErrorCode): string {
  const { status, wire } = AUTH_ERRORS[code]
  if (status === 503) return 'none; `Retry-After`'
  return wire === undefined ? 'no `error`' : `\`error="${wire}"\``
}

const ANSWERS_TEXT = `Codes with the same answer get it byte for byte. Shown with the default options; the \`realm\`, the scopes of the
whole API and \`resource_metadata\` are yours to set, and so is the body (RFC 9457 by default).
`

/** Groups the codes by the answer they give: what a caller cannot tell apart stands together. */
function answers(): readonly string[] {
  const groups = new Map<string, AuthErrorCode[]>()
  for (const code of CODES) {
    const answer = writeAnswer(example(code))
    groups.set(answer, [...(groups.get(answer) ?? []), code])
  }
  return [...groups].map(
    ([answer, codes]) =>
      `${codes.map((code) => `\`${code}\``).join(', ')}\n\n\`\`\`http\n${answer}\n\`\`\`\n`,
  )
}

function example(code: AuthErrorCode): Refusal {
  if (code === 'scope_insufficient') return refuse(code, undefined, { scope: ['orders:read'] })
  if (code === 'keys_unavailable') return refuse(code, undefined, { retryAfter: 5 })
  return refuse(code)
}

function writeAnswer(refusal: Refusal): string {
  const { status, headers } = new AuthError(refusal)
  const problem = describeProblem(refusal)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${String(problem['title'])}`, ...lines, '', JSON.stringify(problem)].join('\n')
}
