import { createVerifier, isConfigError, type VerifierOptions } from '@require-jwt/core'

/** Asks the core whether it knows a memo. */
export function hasMemo(): boolean {
  const options = { issuer: 'https://login.example', audience: null, signatureMemo: false }
  try {
    void createVerifier(options as VerifierOptions).close()
    return true
  } catch (error) {
    if (isConfigError(error)) return false
    throw error
  }
}

/** The option that turns the memo off, where there is one. */
export function memoOption(memo: boolean): object {
  return memo || !hasMemo() ? {} : { signatureMemo: false }
}
