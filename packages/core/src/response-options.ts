import type { AuthError } from './auth-error.js'
import { resolveChallenge, type ChallengeOptions, type ChallengeSettings } from './challenge.js'
import { optionError, optionsObject, refuseUnknownOptions } from './option-checks.js'

/** How a refusal is answered: the second argument of `requireJwt`. Guards behind it answer the same way. */
export interface ResponseOptions extends ChallengeOptions {
  /**
   * `respond` (default): the adapter answers. `forward`: the `AuthError` goes to the error handler of the app,
   * in the framework's idiom.
   */
  errors?: 'respond' | 'forward' | undefined
  /**
   * `problem` (default): RFC 9457. `oauth`: `error` and `error_description` alone. A function: its result as
   * JSON, a string as plain text, `undefined` as no body. Status and headers stay ours.
   */
  body?: 'problem' | 'oauth' | ((error: AuthError) => unknown) | undefined
}

/** The checked form of `ResponseOptions`. */
export interface ResponseSettings {
  readonly errors: 'respond' | 'forward'
  readonly body: 'problem' | 'oauth' | ((error: AuthError) => unknown)
  readonly challenge: ChallengeSettings
}

/** Checks how refusals are to be answered. @throws ConfigError */
export function resolveResponse(given: ResponseOptions = {}): ResponseSettings {
  const options = optionsObject(
    given,
    'response options',
    'Pass an object, or leave the second argument out.',
  )
  refuseUnknownOptions(options, ['errors', 'body', 'realm', 'scope', 'resourceMetadata'])
  const { errors = 'respond', body = 'problem' } = given
  if (errors !== 'respond' && errors !== 'forward') {
    throw optionError('errors', errors, "Pass 'respond' or 'forward'.")
  }
  if (body !== 'problem' && body !== 'oauth' && typeof body !== 'function') {
    throw optionError('body', body, "Pass 'problem', 'oauth' or a function of the error.")
  }
  return { errors, body, challenge: resolveChallenge(options) }
}
