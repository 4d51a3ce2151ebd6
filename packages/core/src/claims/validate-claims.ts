import { refuse, type Refusal } from '../refusal.js'
import type { FrozenJson } from '../token/json.js'
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.js'

/** How much of a failed schema the operator is shown. */
const MAX_ISSUES = 5
const MAX_PATH_LENGTH = 80

/** What a schema made of the claims set. In an object, so that no output can be taken for a refusal. */
export interface ValidClaims {
  readonly output: unknown
}

/**
 * Runs the user's schema on the frozen claims, after every check of ours. Refuses with `claim_invalid`; the
 * detail names the paths of the issues only, because messages may contain values. A schema that throws is a
 * bug, not a bad token: the exception passes.
 */
export function validateClaims(
  claims: FrozenJson,
  schema: StandardSchema | undefined,
): ValidClaims | Refusal | Promise<ValidClaims | Refusal> {
  if (!schema) return { output: claims }
  const result = schema['~standard'].validate(claims)
  return result instanceof Promise ? result.then(judge) : judge(result)
}

function judge(result: SchemaResult<unknown>): ValidClaims | Refusal {
  if (!result.issues) return { output: result.value }
  const paths = result.issues.slice(0, MAX_ISSUES).map(pathOf)
  return refuse('claim_invalid', `the claims schema refused: ${[...new Set(paths)].join(', ')}`)
}

function pathOf({ path = [] }: SchemaIssue): string {
  const segments = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  return segments.length === 0 ? 'the claims set' : segments.join('.').slice(0, MAX_PATH_LENGTH)
}
