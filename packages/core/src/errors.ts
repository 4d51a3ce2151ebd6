/** A code of the table: a promise to the operator. */
export type AuthErrorCode =
  | 'token_missing'
  | 'request_malformed'
  | 'token_malformed'
  | 'token_too_large'
  | 'algorithm_rejected'
  | 'type_rejected'
  | 'critical_header_rejected'
  | 'issuer_unknown'
  | 'key_unknown'
  | 'signature_invalid'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'audience_mismatch'
  | 'claim_missing'
  | 'claim_invalid'
  | 'proof_required'
  | 'proof_mismatch'
  | 'dpop_proof_invalid'
  | 'dpop_proof_replayed'
  | 'dpop_nonce_required'
  | 'scope_insufficient'
  | 'role_insufficient'
  | 'permission_insufficient'
  | 'group_insufficient'
  | 'claims_insufficient'
  | 'keys_unavailable'
  | 'store_unavailable'

/** The error names that an answer can carry: those of RFC 6750 §3.1 and of RFC 9449 §7.1 and §9. */
export type WireError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

/** A row of the code table: what HTTP says, and what the reader of docs/errors.md is told. */
export interface ErrorRow {
  readonly status: 400 | 401 | 403 | 503
  /** The error of RFC 6750 §3.1 in the challenge and the body; `undefined`: the answer names none. */
  readonly wire: WireError | undefined
  /** When it happens. */
  readonly when: string
  /** What the caller should do. */
  readonly advice: string
}

const NEW_TOKEN = 'Get a new access token from the authorization server, then send the request again.'
const FIX_CLIENT = 'Send exactly the access token that the authorization server issued for this API.'
const ASK_RIGHTS = 'Ask for the right at the authorization server; the same token will be refused again.'

/**
 * Every code a request can be refused with: the only place that knows HTTP numbers.
 *
 * A code is a promise to the operator (`AuthError.code`, events). The wire says less: codes with the same
 * `wire` give the same answer, byte for byte, except that `token_expired` has a text of its own.
 */
export const AUTH_ERRORS: Readonly<Record<AuthErrorCode, ErrorRow>> = {
  token_missing: {
    status: 401,
    wire: undefined, // RFC 6750 §3.1: without credentials the challenge carries no error
    when: 'No credentials, or a scheme that this API does not take.',
    advice: 'Send `Authorization: Bearer <access token>`.',
  },
  request_malformed: {
    status: 400,
    wire: 'invalid_request',
    when: 'Credentials that are no token68, two `Authorization` values, two tokens, two methods.',
    advice: 'Send one token, once, by one method.',
  },
  token_malformed: {
    status: 401,
    wire: 'invalid_token',
    when: 'Not a signed JWT in compact form: segments, base64url, UTF-8, JSON, duplicate members, or a JWE.',
    advice: FIX_CLIENT,
  },
  token_too_large: {
    status: 401,
    wire: 'invalid_token',
    when: 'The token is longer than 16 KiB.',
    advice: 'Ask the authorization server for a smaller token, for example with fewer groups.',
  },
  algorithm_rejected: {
    status: 401,
    wire: 'invalid_token',
    when: '`alg` is not in the list of algorithms of this issuer. `none` never is.',
    advice: FIX_CLIENT,
  },
  type_rejected: {
    status: 401,
    wire: 'invalid_token',
    when: '`typ` or the claims say that this is another kind of token, for example an ID token.',
    advice: 'Send the access token, not the ID token.',
  },
  critical_header_rejected: {
    status: 401,
    wire: 'invalid_token',
    when: 'The protected header demands an extension that is not understood (`crit`, `b64`).',
    advice: FIX_CLIENT,
  },
  issuer_unknown: {
    status: 401,
    wire: 'invalid_token',
    when: '`iss` is missing, is no string, or is neither a configured issuer nor an admitted tenant, to the letter. No network was touched.',
    advice: 'Get a token from the authorization server that this API trusts.',
  },
  key_unknown: {
    status: 401,
    wire: 'invalid_token',
    when: 'The issuer publishes no key that fits `kid` and `alg`, as far as it may be asked; or you revoked the key.',
    advice: NEW_TOKEN,
  },
  signature_invalid: {
    status: 401,
    wire: 'invalid_token',
    when: 'The signature does not verify with the key that the issuer publishes.',
    advice: FIX_CLIENT,
  },
  token_expired: {
    status: 401,
    wire: 'invalid_token',
    when: '`exp` has passed.',
    advice: NEW_TOKEN,
  },
  token_not_yet_valid: {
    status: 401,
    wire: 'invalid_token',
    when: '`nbf` is in the future, or `iat` far in it.',
    advice: 'Check the clocks of the authorization server and of this API.',
  },
  token_too_old: {
    status: 401,
    wire: 'invalid_token',
    when: '`iat` is longer ago than `maxTokenAge`.',
    advice: NEW_TOKEN,
  },
  audience_mismatch: {
    status: 401,
    wire: 'invalid_token',
    when: '`aud` is missing or does not name this API.',
    advice: 'Ask the authorization server for a token for this API (its `audience` or `resource`).',
  },
  claim_missing: {
    status: 401,
    wire: 'invalid_token',
    when: 'A claim that the options or the profile demand is absent.',
    advice: 'Configure the authorization server to issue the claim.',
  },
  claim_invalid: {
    status: 401,
    wire: 'invalid_token',
    when: 'A claim has a wrong type or value, or the claims schema refused it.',
    advice: 'Configure the authorization server to issue the claim as this API expects it.',
  },
  proof_required: {
    status: 401,
    wire: 'invalid_token',
    when:
      'The token is bound to a key (`cnf`), and no proof of possession is checked here or it came as a bearer token; ' +
      'or it is bound to none, and this API demands it.',
    advice: 'Send the proof that the token needs, or get a token of the kind that this API takes.',
  },
  proof_mismatch: {
    status: 401,
    wire: 'invalid_token',
    when: 'The token is bound to another key or certificate than that of the request, or is no DPoP token and came as one.',
    advice: 'Send the token with the key that it was issued for.',
  },
  dpop_proof_invalid: {
    status: 401,
    wire: 'invalid_dpop_proof',
    when: 'The DPoP proof is missing, is no proof, or is of another request, token or time.',
    advice: 'Make a new proof for each request, with a clock that is right (RFC 9449 §4.2).',
  },
  dpop_proof_replayed: {
    status: 401,
    wire: 'invalid_dpop_proof',
    when: 'The DPoP proof was used before, or its key makes more proofs than are remembered.',
    advice: 'Make a new proof for each request, with a `jti` of its own.',
  },
  dpop_nonce_required: {
    status: 401,
    wire: 'use_dpop_nonce',
    when: 'The DPoP proof has no nonce of this API, or an old one. The answer has a new one in `DPoP-Nonce`.',
    advice: 'Send the request again, with a proof that has the nonce of the answer (RFC 9449 §9).',
  },
  scope_insufficient: {
    status: 403,
    wire: 'insufficient_scope',
    when: 'The token lacks a scope that the route demands; the answer names the scopes.',
    advice: 'Ask the authorization server for the scopes that the answer names.',
  },
  role_insufficient: {
    status: 403,
    wire: 'insufficient_scope',
    when: 'The token lacks a role that the route demands.',
    advice: ASK_RIGHTS,
  },
  permission_insufficient: {
    status: 403,
    wire: 'insufficient_scope',
    when: 'The token lacks a permission that the route demands.',
    advice: ASK_RIGHTS,
  },
  group_insufficient: {
    status: 403,
    wire: 'insufficient_scope',
    when: 'The subject is not in a group that the route demands.',
    advice: ASK_RIGHTS,
  },
  claims_insufficient: {
    status: 403,
    wire: 'insufficient_scope',
    when: "A demanded claim is not there, or the API's own check did not return `true`.",
    advice: ASK_RIGHTS,
  },
  keys_unavailable: {
    status: 503,
    wire: undefined, // our trouble, not the caller's token: a client must not throw the token away
    when:
      "The issuer's keys could not be fetched, and none are known that may still be used; or the token names a key " +
      'that is not among those at hand, and they may be too old to know it.',
    advice: 'Keep the token and send the request again after `Retry-After` seconds.',
  },
  store_unavailable: {
    status: 503,
    wire: undefined,
    when: 'The store that tells whether a proof was used before cannot be asked, or is full.',
    advice: 'Keep the token and send the request again after `Retry-After` seconds, with a new proof.',
  },
}

const CONFIG_ERROR = Symbol.for('require-jwt.ConfigError')

/**
 * A mistake in the set-up: names the option, what it got, and the fix. Thrown at start-up wherever the
 * mistake can be seen then. Never thrown for what a caller sent.
 */
export class ConfigError extends Error {
  override readonly name: string = 'ConfigError'

  constructor(message: string) {
    super(message)
    Object.defineProperty(this, CONFIG_ERROR, { value: true })
  }
}

/** Tells whether a value is a `ConfigError`, also one made by another copy of this package. */
export function isConfigError(value: unknown): value is ConfigError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, CONFIG_ERROR)
}
