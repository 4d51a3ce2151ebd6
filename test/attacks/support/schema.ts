import type { JwtClaims, StandardSchema, VerifierOptions } from '@require-jwt/core'

/** Gives the option of an app whose schema does something, and then says whether it likes the claims. */
export function judged(
  judge: (claims: JwtClaims) => boolean | Promise<boolean>,
): Pick<VerifierOptions, 'claims'> {
  const claims: StandardSchema = { '~standard': { version: 1, vendor: 'attacks', validate } }

  async function validate(value: unknown): Promise<{ value: unknown } | { issues: readonly object[] }> {
    return (await judge(value as JwtClaims)) ? { value } : { issues: [{}] }
  }

  // What the schema gives is of no interest here: the options of these apps say nothing of a type.
  return { claims } as unknown as Pick<VerifierOptions, 'claims'>
}
