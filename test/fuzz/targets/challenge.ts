import { resolveChallenge, writeChallenge } from '../../../packages/core/src/challenge.js'
import { AUTH_ERRORS, isConfigError, type AuthErrorCode } from '../../../packages/core/src/errors.js'
import { refuse } from '../../../packages/core/src/refusal.js'
import { parseChallenges } from '../../conformance/support/challenges.js'
import { mutateJson, pick, writeJson } from '../mutate.js'
import type { Target } from '../target.js'

const CODES = Object.keys(AUTH_ERRORS) as AuthErrorCode[]
const VALID = {
  code: 'scope_insufficient',
  options: { realm: 'an api', scope: ['a:read', 'b'], resourceMetadata: 'https://api.example/.well-known/x' },
  needs: ['c:write', 'd'],
  raw: 'a realm',
}
const NAMES = ['realm', 'scope', 'resourceMetadata', 'code', 'needs', 'raw', 'x']

/** The writer of challenges. An input is JSON: a code, options, the scopes of a 403, and a text that nobody checked. */
export const challenge: Target = {
  name: 'challenge',
  rooms: ['challenge.ts', 'wire-text.ts'],
  words: ['"', '\\', '\\"', ', ', ' Bearer ', '=', '\r\n', 'a="b"', '\u00e9', '\\u0000', 'realm', ' ', '""'],
  maxLength: 32_768,
  generate: (random) =>
    writeJson(
      { ...(mutateJson(VALID, NAMES, random) as object), code: pick(CODES, random) },
      challenge.words,
      random,
    ),
  run: (input) => write(input),
  check(input) {
    const { code, unchecked, checked } = write(input)
    return (
      problemOf(unchecked, code, undefined) ?? (checked && problemOf(checked.text, code, checked.expected))
    )
  },
}

type Options = Readonly<Record<string, unknown>>

interface Written {
  readonly text: string | undefined
  /** The parameters that the caller set. */
  readonly expected: ReadonlyMap<string, string>
}

// With options that were checked when they were set; and with such as no check has seen, which must stay one challenge.
function write(input: string): {
  code: AuthErrorCode
  unchecked: string | undefined
  checked: Written | undefined
} {
  const { code, options, needs, raw } = read(input)
  const settings = { realm: raw, scope: [raw, raw], resourceMetadata: raw }
  return {
    code,
    unchecked: writeChallenge(refuse(code, undefined, { scope: [raw] }), settings),
    checked:
      typeof options === 'object' && options !== null
        ? writeChecked(code, options as Options, needs)
        : undefined,
  }
}

function writeChecked(code: AuthErrorCode, options: Options, needs: unknown): Written | undefined {
  let settings
  try {
    settings = resolveChallenge(options)
  } catch (error) {
    if (isConfigError(error)) return undefined
    throw error
  }
  const scopes = Array.isArray(needs) && needs.every((name) => typeof name === 'string') ? needs : undefined
  const scope = AUTH_ERRORS[code].status === 403 ? (scopes ?? []).map(clean) : settings.scope
  const expected = new Map<string, string>([['realm', settings.realm ?? 'api']])
  if (scope.length > 0) expected.set('scope', scope.join(' '))
  if (settings.resourceMetadata !== undefined) expected.set('resource_metadata', settings.resourceMetadata)
  const text = writeChallenge(refuse(code, undefined, scopes && { scope: scopes }), settings)
  return { text, expected }
}

/** Parses a challenge back. */
function problemOf(
  written: string | undefined,
  code: AuthErrorCode,
  expected: ReadonlyMap<string, string> | undefined,
): string | undefined {
  const { status, wire } = AUTH_ERRORS[code]
  if (written === undefined) return status === 503 ? undefined : 'there is no challenge'
  if (status === 503) return 'a 503 has a challenge'
  let challenges
  try {
    challenges = parseChallenges(written)
  } catch {
    return 'it does not parse'
  }
  const [only, another] = challenges
  if (only?.scheme !== 'Bearer' || another !== undefined)
    return 'it is not one challenge of the scheme Bearer'
  if (only.params.get('error') !== wire) return 'the error is another one'
  if ((only.params.get('error_description') === undefined) !== (wire === undefined))
    return 'the description is missing'
  for (const name of expected ? ['realm', 'scope', 'resource_metadata'] : []) {
    if (only.params.get(name) !== expected?.get(name)) return `${name} is another one`
  }
  return undefined
}

function clean(name: string): string {
  return name
    .split('')
    .filter((char) => char >= ' ' && char <= '~' && char !== '"' && char !== '\\')
    .join('')
}

function read(input: string): { code: AuthErrorCode; options: unknown; needs: unknown; raw: string } {
  let json: Options = {}
  try {
    json = Object(JSON.parse(input)) as Options
  } catch {
    // Not JSON: then it is the unchecked text.
  }
  const { code, options, needs, raw } = json
  return {
    code: CODES.find((name) => name === code) ?? 'token_malformed',
    options,
    needs,
    raw: typeof raw === 'string' ? raw : input,
  }
}
