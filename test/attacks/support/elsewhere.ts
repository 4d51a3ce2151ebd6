import type { VerifierOptions } from '@require-jwt/core'
import { protect, type App } from '../../conformance/support/app.js'
import { STRANGER } from '../../conformance/support/keys.js'

/** What its tokens say. */
export const ELSEWHERE: { readonly iss: string; readonly aud: string } = {
  iss: 'https://elsewhere.example',
  aud: 'urn:elsewhere',
}

/** Makes an app of another issuer, audience and key: what an answer has in common with its answers is no secret. */
export function elsewhere(options: Partial<VerifierOptions> = {}): App {
  return protect({
    issuer: ELSEWHERE.iss,
    audience: ELSEWHERE.aud,
    jwks: { keys: [STRANGER.jwk] },
    ...options,
  } as Partial<VerifierOptions>)
}
