/** The Standard Schema contract (version 1), types only: zod, valibot, arktype and others keep it. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What a schema says of a value: its output, or its issues. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What a schema found wrong, and where. Its message is never read: it may contain the value. */
export interface SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type of `auth.claims` behind a schema; the registered claims without one. */
export type ClaimsOf<S> = S extends StandardSchema
  ? Readonly<NonNullable<S['~standard']['types']>['output']>
  : JwtClaims

/** The claims set of a token (RFC 7519 §4): registered claims by type, all others unknown. */
export interface JwtClaims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp?: number
  readonly nbf?: number
  readonly iat?: number
  readonly jti?: string
  readonly [claim: string]: unknown
}
