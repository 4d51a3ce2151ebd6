import { refuse, type Refusal } from '../refusal.js'
import type { FrozenJson } from '../token/json.js'
import type { SchemaIssue, StandardSchema } from './standard-schema.js'

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
): ValidClaims | Promise<ValidClaims | Refusal> {
  return schema ? run(claims, schema) : { output: claims }
}

// Awaited whatever it is: a promise of another realm, taken for a result, would have no issues.
async function run(claims: FrozenJson, schema: StandardSchema): Promise<ValidClaims | Refusal> {
  const result = await schema['~standard'].validate(claims)
  if (!result.issues) return { output: result.value }
  const paths = result.issues.slice(0, MAX_ISSUES).map(pathOf)
  return refuse('claim_invalid', `the claims schema refused: ${[...new Set(paths)].join(', ')}`)
}

function pathOf({ path = [] }: SchemaIssue): string {
  const segments = path.map((segment) => String(typeof segment === 'object' ? segment.key : segment))
  return segments.length === 0 ? 'the claims set' : segments.join('.').slice(0, MAX_PATH_LENGTH)
}
