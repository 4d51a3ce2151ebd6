import { ConfigError } from './errors.js'

/** Makes the error for a wrong option: which one, what it got, and the fix. */
export function optionError(option: string, got: unknown, fix: string): ConfigError {
  return new ConfigError(`${option}: got ${describe(got)}. ${fix}`)
}

/** Reads options as what they are before anything is known of them: an object, or a `ConfigError`. */
export function optionsObject(
  value: unknown,
  option: string,
  fix: string,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw optionError(option, value, fix)
  return value as Readonly<Record<string, unknown>>
}

/** Names that look like an option and would protect nothing: what to write instead. */
const MISREADINGS: ReadonlyMap<string, string> = new Map([
  ['roles', 'rolesClaim names the claim that holds roles; a role is demanded by requireRole(…) on a route'],
  [
    'scopes',
    'scopesClaim names the claim that holds scopes; a scope is demanded by requireScope(…) on a route',
  ],
  [
    'scope',
    'scopesClaim names the claim that holds scopes; a scope is demanded by requireScope(…) on a route',
  ],
  [
    'permissions',
    'permissionsClaim names the claim; a permission is demanded by requirePermission(…) on a route',
  ],
  ['groups', 'groupsClaim names the claim; a group is demanded by requireGroup(…) on a route'],
  ['dpop', "proofs: [dpop('required')] has the method that dpop(…) makes"],
  ['mtls', 'proofs: [mtls({ from })] has the method that mtls(…) makes'],
])

/** Refuses names that are no option, with the nearest one that is. `path` is empty at the top. */
export function refuseUnknownOptions(
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path = '',
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const hint = MISREADINGS.get(name) ?? nearest(name, known)
    throw new ConfigError(`${join(path, name)}: there is no such option. ${hint}`)
  }
}

/** Joins the path of an option for a message: `issuers[1]` and `audience` give `issuers[1].audience`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** Reads an optional number within bounds; `undefined` is absent and gives the default. */
export function numberOption(
  value: unknown,
  option: string,
  range: { readonly default: number; readonly min: number; readonly max: number; readonly unit: string },
): number {
  if (value === undefined) return range.default
  if (typeof value === 'number' && value >= range.min && value <= range.max) return value
  const fallback = Number.isFinite(range.default) ? range.default : 'no limit'
  throw optionError(
    option,
    value,
    `Pass ${range.unit} between ${range.min} and ${range.max}; the default is ${fallback}.`,
  )
}

/** Reads a non-empty string or a non-empty list of distinct ones. */
export function stringsOption(value: unknown, option: string, fix: string): readonly string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const strings = new Set(list.filter((item): item is string => typeof item === 'string' && item !== ''))
  if (list.length === 0 || strings.size !== list.length) throw optionError(option, value, fix)
  return Object.freeze([...strings])
}

/** Reads an optional function. */
export function functionOption<F>(value: F | undefined, option: string, fix: string): F | undefined {
  if (value === undefined || typeof value === 'function') return value
  throw optionError(option, value, fix)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty array' : `[${value.map(describe).join(', ')}]`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

function nearest(name: string, known: readonly string[]): string {
  const [best] = known
    .map((candidate) => ({ candidate, distance: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.max(2, name.length / 3)
    ? `Did you mean ${best.candidate}?`
    : `The options are: ${known.join(', ')}.`
}

// Levenshtein's distance, a row at a time: options are few and short.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
