import { AUTH_ERRORS, type AuthErrorCode, type WireError } from './errors.js'

/** One text for each error on the wire: a text per code would let a stranger probe the configuration. */
const TEXTS: Readonly<Record<WireError, string>> = {
  invalid_request: 'The credentials of the request are malformed',
  invalid_token: 'The access token is not valid here',
  invalid_dpop_proof: 'The DPoP proof is not valid for this request',
  // The words of RFC 9449 §9.
  use_dpop_nonce: 'Resource server requires nonce in DPoP proof',
  insufficient_scope: 'The access token lacks a right that this request needs',
}

/** The one thing a client is told apart, because it acts on it: by getting a new token. */
const EXPIRED = 'The access token expired'

/** Gives the `error_description` of a code (RFC 6750 §3); `undefined` where the answer names no error. */
export function wireText(code: AuthErrorCode): string | undefined {
  const { wire } = AUTH_ERRORS[code]
  if (code === 'token_expired') return EXPIRED
  return wire && TEXTS[wire]
}
