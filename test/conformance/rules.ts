/** How hard a specification asks; `own`: no specification does, we do. */
type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'MAY' | 'own'

/** A rule that the table is about. */
export interface Rule {
  readonly level: Level
  /** Where it stands. */
  readonly source: string
  readonly text: string
  /** P0: the core promise. P1: promised as well. P2: by option, or later. */
  readonly priority: 'P0' | 'P1' | 'P2'
  /** Why no case is needed (yet). */
  readonly without?: string
}

const NO_JWE = 'encrypted tokens are refused, all of them (JWT-25)'

/** The rules, by section. */
export const SECTIONS = {
  'Credentials in the request': {
    'REQ-01': rule('MUST', 'RFC 6750 §2.1', 'The token is read from `Authorization: Bearer`'),
    'REQ-02': rule('MUST', 'RFC 9110 §11.1', 'The name of the scheme is case-insensitive'),
    'REQ-03': rule(
      'MUST',
      'RFC 6750 §2.1',
      'One or more spaces stand between scheme and token, nothing else',
    ),
    'REQ-04': rule('MUST', 'RFC 9110 §11.2', 'What is no token68 is malformed'),
    'REQ-05': rule(
      'SHOULD',
      'RFC 6750 §2, §3.1',
      'Two methods in one request are malformed; a source that is off is not read',
    ),
    'REQ-06': rule(
      'SHOULD',
      'RFC 9110 §5.3',
      'A doubled or joined `Authorization` is never resolved to one of the two',
    ),
    'REQ-07': rule(
      'MUST',
      'OAuth 2.1, RFC 9700 §4.3.2',
      'A token in the query is ignored, unless the source is switched on',
    ),
    'REQ-08': rule(
      'SHOULD',
      'RFC 6750 §2.3',
      'With query tokens switched on, answers carry `Cache-Control: private`',
      'P2',
      'left to the app, which writes its own answers',
    ),
    'REQ-09': rule(
      'MUST',
      'RFC 6750 §2.2',
      'A token in a body counts only if the source is on, the body is a form and the method is not GET',
      'P2',
    ),
    'REQ-10': rule(
      'MUST',
      'OAuth 2.1',
      'Cookies need protection against cross-site requests',
      'P0',
      'no cookie source is offered',
    ),
    'REQ-11': rule(
      'SHOULD',
      'RFC 6750 §3.1',
      'Another scheme counts as no credentials: 401 without an error',
    ),
    'REQ-12': rule(
      'own',
      'Fetch standard',
      'A CORS preflight is refused unless `preflight` lets it pass, and the operator is told why',
    ),
    'REQ-13': rule('own', '', 'A token longer than 16,384 characters is refused before anything is parsed'),
    'REQ-14': rule('MUST NOT', 'RFC 9110 §11.7.2', '`Proxy-Authorization` is never read', 'P1'),
  },
  'Challenges and errors': {
    'ERR-01': rule('MUST', 'RFC 9110 §15.5.2', 'Every 401 carries a challenge'),
    'ERR-02': rule(
      'SHOULD NOT',
      'RFC 6750 §3.1',
      'Without credentials the challenge names no error, and has at least one parameter',
    ),
    'ERR-03': rule('SHOULD', 'RFC 6750 §3.1', 'A token that does not hold is `invalid_token`, 401'),
    'ERR-04': rule(
      'SHOULD',
      'RFC 6750 §3.1',
      'A missing scope is `insufficient_scope`, 403, and the challenge names the scopes',
    ),
    'ERR-05': rule('SHOULD', 'RFC 6750 §3.1', 'A malformed request is `invalid_request`, 400'),
    'ERR-06': rule(
      'own',
      '',
      'Keys that cannot be had are 503 with `Retry-After` and no challenge, never 401',
    ),
    'ERR-07': rule(
      'MUST NOT',
      'RFC 6750 §3',
      'No parameter has a character outside the set of RFC 6750, whatever the token says',
    ),
    'ERR-08': rule('MUST NOT', 'RFC 6750 §3', 'No parameter stands twice in a challenge'),
    'ERR-09': rule(
      'MUST',
      'RFC 9110 §11.5',
      'Every parameter is a quoted string, and reads back as it was set',
    ),
    'ERR-10': rule('own', '', 'Nothing of the request is reflected'),
    'ERR-11': rule('MAY', 'RFC 9110 §11.6.1', 'A challenge of somebody else stays beside ours', 'P1'),
    'ERR-12': rule(
      'SHOULD',
      'RFC 9449 §7.2',
      'With several challenges, the error stands in that of the scheme that was used',
      'P1',
    ),
    'ERR-13': rule(
      'own',
      'Fetch standard',
      'Browsers may read the challenge: `Access-Control-Expose-Headers`',
      'P1',
      'left to the CORS middleware; its headers stay (ERR-11)',
    ),
    'ERR-14': rule(
      'SHOULD',
      'RFC 9111 §3.5',
      'Refusals are `Cache-Control: no-store`, also where the app set another value',
      'P1',
    ),
    'ERR-15': rule(
      'MAY',
      'RFC 9457 §3',
      'The body is problem details, OAuth JSON or of your own; HEAD has none',
      'P1',
    ),
    'ERR-16': rule(
      'own',
      '',
      'Codes with one error on the wire give one answer, byte for byte; only the operator learns which',
    ),
  },
  Tokens: {
    'JWT-01': rule('MUST', 'RFC 7519 §1', 'Only the compact serialization is accepted'),
    'JWT-02': rule(
      'MUST',
      'RFC 7515 §2',
      'A token consists of base64url characters and two dots, nothing else',
    ),
    'JWT-03': rule('MUST', 'RFC 7515 §2, RFC 4648 §3.5', 'base64url is canonical: no padding, no spare bits'),
    'JWT-04': rule(
      'MUST',
      'RFC 7515 §4, RFC 7519 §4',
      'Header and claims set are JSON objects in UTF-8 without duplicate members',
    ),
    'JWT-05': rule('MUST', 'RFC 8725 §3.1', '`alg` is one of a list, to the letter'),
    'JWT-06': rule('MUST', 'RFC 8725 §3.2, RFC 9068 §4', '`alg` none is never accepted'),
    'JWT-07': rule('MUST', 'RFC 8725 §3.1', "One key, one algorithm; the list is the issuer's own"),
    'JWT-08': rule('MUST', 'RFC 8725 §2.1', 'Secrets and published keys never stand in for each other'),
    'JWT-09': rule('MUST', 'RFC 7518 §3.2', 'A secret is at least as long as the hash'),
    'JWT-10': rule(
      'MUST',
      'RFC 7518 §3.3, §3.4',
      'RSA keys have 2048 bits or more, curves fit, ECDSA signatures are R and S of fixed length',
    ),
    'JWT-11': rule(
      'MUST',
      'RFC 7515 §4.1.11, RFC 7797 §7',
      'A token with `crit` or `b64` is refused: no extension is understood',
    ),
    'JWT-12': rule('MUST', 'RFC 8725 §3.10', 'Keys that a token carries or points to are never used'),
    'JWT-13': rule('MUST', 'RFC 8725 §3.10', '`kid` is hostile text: bounded, and only ever looked up'),
    'JWT-14': rule('MUST', 'RFC 8725 §3.8', 'A key of one issuer never verifies the token of another'),
    'JWT-15': rule('SHOULD', 'RFC 7517 §5', 'A key that cannot be used is skipped, alone'),
    'JWT-16': rule(
      'own',
      'RFC 7515 §6',
      'Without `kid` the one key that fits; with it those under it, at most four',
    ),
    'JWT-17': rule('MUST', 'RFC 7519 §4.1.4', '`exp` is a number and has not passed'),
    'JWT-18': rule('own', 'RFC 9068 §2.2', '`exp` is demanded'),
    'JWT-19': rule(
      'MUST',
      'RFC 7519 §4.1.5, §4.1.6',
      '`nbf` and `iat` are numbers and not in the future; `maxTokenAge` counts from `iat`',
    ),
    'JWT-20': rule(
      'MUST',
      'RFC 7519 §4.1.3',
      '`aud` is a string or a list of strings and names this API, to the letter',
    ),
    'JWT-21': rule('MUST', 'RFC 8725 §3.8', '`iss` is a configured issuer, to the letter'),
    'JWT-22': rule(
      'MUST',
      'RFC 7515 §4.1.9, RFC 8725 §3.11',
      '`typ` is a media type without parameters, in any case, with or without `application/`',
    ),
    'JWT-23': rule('MUST', 'RFC 8725 §3.12', 'Tokens of another kind never pass as access tokens'),
    'JWT-24': rule('SHOULD', 'RFC 8725 §3.12', 'An ID token with `typ` JWT is refused by its claims', 'P1'),
    'JWT-25': rule('MUST', 'RFC 7519 §7.2', 'Encrypted tokens are refused'),
    'JWT-26': rule('MUST', 'RFC 7519 §7.2', 'In a nested token both layers are checked', 'P2', NO_JWE),
    'JWT-27': rule(
      'SHOULD',
      'RFC 9068 §4',
      'Where encryption was agreed on, plain tokens are refused',
      'P2',
      NO_JWE,
    ),
    'JWT-28': rule('MUST', 'RFC 9068 §5', 'Whom a token speaks for is concluded from evidence only', 'P1'),
    'JWT-29': rule('own', '', 'No claim changes a prototype; only own members count'),
    'JWT-30': rule(
      'SHOULD',
      'RFC 9864 §2.2',
      '`Ed25519` and `EdDSA` name one algorithm where both are allowed',
      'P1',
    ),
  },
  'Keys and discovery': {
    'KEY-01': rule('MUST', 'RFC 8414 §2', 'Keys are fetched over https; http is for loopback hosts'),
    'KEY-02': rule(
      'MUST',
      'RFC 8414 §3.3',
      'Metadata count only if their `issuer` is the configured one, to the letter',
    ),
    'KEY-03': rule('MUST', 'RFC 8414 §3.1, §5', 'Metadata are looked for in three places, in order'),
    'KEY-04': rule(
      'own',
      '',
      'Keys are fetched when they are needed, once for all who wait, and outlive an outage',
    ),
    'KEY-05': rule(
      'SHOULD',
      'RFC 8725 §3.10',
      'A fetch follows no redirect, takes no endless body and no HTML, and sends no credentials',
    ),
    'KEY-06': rule(
      'MUST',
      'RFC 8725 §3.8',
      'Issuers that are chosen at run time need an allow-list; nothing is fetched from a host inside',
    ),
    'KEY-07': rule(
      'own',
      'RFC 9068 §4',
      'Two kinds of metadata side by side',
      'P2',
      'the first that is found counts (KEY-03)',
    ),
    'KEY-08': rule('MAY', 'RFC 8414 §2.1', 'Signed metadata', 'P2', 'not read'),
  },
  'The profile at+jwt': {
    'AT-01': rule('MUST', 'RFC 9068 §4', '`typ` is `at+jwt`'),
    'AT-02': rule('MUST', 'RFC 9068 §4', 'An encrypted token is decrypted first', 'P2', NO_JWE),
    'AT-03': rule('MUST', 'RFC 9068 §4', '`iss` is the issuer, to the letter'),
    'AT-04': rule('MUST', 'RFC 9068 §4', '`aud` names this API'),
    'AT-05': rule(
      'MUST',
      'RFC 9068 §2.1, §4',
      "The signature is the issuer's; none is refused, RS256 is supported",
    ),
    'AT-06': rule('MUST', 'RFC 9068 §4', 'The token has not expired'),
    'AT-07': rule('MUST', 'RFC 9068 §2.2', 'The required claims are there, with the right type'),
    'AT-08': rule('MUST', 'RFC 9068 §4', 'What fails is `invalid_token`'),
    'AT-09': rule(
      'SHOULD',
      'RFC 9068 §2.2.3',
      'Scopes, roles and groups are read where specifications and providers put them',
    ),
    'AT-10': rule('MAY', 'RFC 9068 §2.2.1', 'How somebody signed in is there to be asked for', 'P1'),
    'AT-11': rule('own', '', 'There are two profiles, and no third'),
  },
  'Tokens bound to a key': {
    'DP-01': rule('MUST', 'RFC 9449 §4.3', 'A request has exactly one proof, in the field `DPoP`', 'P1'),
    'DP-02': rule('MUST', 'RFC 9449 §4.3', 'The proof is one well-formed JWT', 'P1'),
    'DP-03': rule('MUST', 'RFC 9449 §4.2', 'Every member that a proof needs is there', 'P1'),
    'DP-04': rule('MUST', 'RFC 9449 §4.3', '`typ` is `dpop+jwt`', 'P1'),
    'DP-05': rule('MUST', 'RFC 9449 §4.3', '`alg` is asymmetric and one of a list', 'P1'),
    'DP-06': rule('MUST', 'RFC 9449 §4.3', 'The signature is that of the public key in the header', 'P1'),
    'DP-07': rule('MUST', 'RFC 9449 §4.3', '`htm` is the method, to the letter', 'P1'),
    'DP-08': rule('MUST', 'RFC 9449 §4.3', '`htu` is the URL, normalised as RFC 3986 says', 'P1'),
    'DP-09': rule('own', '', 'The URL comes from the options, never from a field of the request', 'P1'),
    'DP-10': rule('MUST', 'RFC 9449 §7', '`ath` is the hash of the token that was sent', 'P1'),
    'DP-11': rule('MUST', 'RFC 9449 §6.1', 'The token is bound to the key of the proof', 'P1'),
    'DP-12': rule('own', '', 'Further members of `cnf` are tolerated', 'P1'),
    'DP-13': rule('MUST', 'RFC 9449 §4.3', '`iat` is within a window', 'P1'),
    'DP-14': rule('SHOULD', 'RFC 9449 §11.1', 'A proof is used once', 'P1'),
    'DP-15': rule('MAY', 'RFC 9449 §9', 'The server gives nonces, and takes the one before as well', 'P1'),
    'DP-16': rule('MUST', 'RFC 9449 §11.3', 'Where nonces are demanded, none without is taken', 'P1'),
    'DP-17': rule('MUST', 'RFC 9449 §9', 'A nonce of the authorization server is none of ours', 'P1'),
    'DP-18': rule('MUST', 'RFC 9449 §7.2', 'A token with `cnf` never passes as a bearer token'),
    'DP-19': rule('MUST', 'RFC 9449 §7.1', 'A token that is bound to no key is no DPoP token', 'P1'),
    'DP-20': rule('SHOULD', 'RFC 9449 §7.1', 'The challenge names the algorithms', 'P1'),
    'DP-21': rule(
      'MUST',
      'RFC 9449 §7.1',
      'A bad proof is `invalid_dpop_proof`, a missing nonce `use_dpop_nonce`',
      'P1',
    ),
    'DP-23': rule('own', '', 'DPoP is off, allowed or required, for an API or for a route', 'P1'),
    'MT-01': rule('MUST', 'RFC 8705 §3', 'The token is bound to the certificate of the client', 'P1'),
    'MT-02': rule('MUST', 'RFC 8705 §3', 'A token that is bound to a certificate never passes without it'),
    'MT-03': rule(
      'own',
      'RFC 8705 §6',
      'The certificate is that of the connection, whoever signed it',
      'P1',
      'it takes a TLS server: test/interop has one for each adapter',
    ),
    'MT-04': rule('MUST', 'RFC 9440 §2.2', '`Client-Cert` is a byte sequence', 'P1'),
    'MT-05': rule('MUST', 'RFC 9440 §4', 'The field counts only where it comes from a trusted proxy', 'P1'),
    'MT-06': rule('own', '', 'Envoy, nginx and AWS write certificates in forms of their own', 'P2'),
    'MT-08': rule('own', 'RFC 7800 §3.1', 'Each binding that is known must be proven', 'P1'),
  },
  'FAPI 2.0': {
    'FA-01': rule('MUST', 'FAPI 2.0 §5.3.4', 'Tokens come in `Authorization` only', 'P1'),
    'FA-02': rule('MUST', 'FAPI 2.0 §5.3.4', 'Tokens are valid, whole, not expired and not revoked', 'P1'),
    'FA-03': rule('MUST', 'FAPI 2.0 §5.3.4', 'A request without the rights it needs is refused', 'P1'),
    'FA-04': rule('MUST', 'FAPI 2.0 §5.3.4', 'Tokens are bound to a key', 'P1'),
    'FA-05': rule('MUST', 'FAPI 2.0 §5.4', 'PS256, ES256 and EdDSA only', 'P1'),
  },
  Guards: {
    'AZ-01': rule(
      'own',
      'RFC 6750 §3',
      'Scopes are compared to the letter, in any order; all of them, or any',
    ),
    'AZ-03': rule('SHOULD', 'RFC 6750 §3', 'One challenge names all scopes of the operation'),
    'GUARD-01': rule(
      'own',
      '',
      'Roles, permissions and groups are demanded one, all or any, and never named to the caller',
    ),
    'GUARD-02': rule('own', '', 'A claim or a check of your own is demanded; only `true` grants'),
    'GUARD-03': rule(
      'own',
      '',
      'Requirements combine: `allOf` refuses as its first failing member, `anyOf` as its first',
    ),
  },
  'The signature memo': {
    'MEMO-01': rule(
      'own',
      '',
      'A signature that was checked is not checked again; everything that can change is, for every request',
    ),
  },
  Passes: {
    'PASS-01': rule('own', '', '`optionalJwt` lets only the absence of a token through'),
    'PASS-02': rule('own', '', 'Without `requireJwt` a guard is a mistake of the set-up, and says which'),
    'PASS-03': rule('own', '', 'One verifier verifies a request once; another one verifies for itself'),
    'SHADOW-01': rule(
      'own',
      '',
      '`shadow` denies nothing and admits nothing: the present middleware decides',
    ),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Rule>>>>

type Sections = typeof SECTIONS

/** The name of a rule. */
export type RuleId = { [S in keyof Sections]: keyof Sections[S] & string }[keyof Sections]

function rule(
  level: Level,
  source: string,
  text: string,
  priority: Rule['priority'] = 'P0',
  without?: string,
): Rule {
  return { level, source, text, priority, ...(without !== undefined && { without }) }
}
