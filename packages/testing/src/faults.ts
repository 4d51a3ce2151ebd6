import type { AuthErrorCode } from '@require-jwt/core'

const TABLE = {
  // Times (RFC 7519 §4.1.4 to §4.1.6)
  expired: { description: '`exp` passed an hour ago', code: 'token_expired' },
  notYetValid: { description: '`nbf` is an hour ahead', code: 'token_not_yet_valid' },
  issuedInFuture: { description: '`iat` is an hour ahead', code: 'token_not_yet_valid' },
  missingExpiry: { description: '`exp` is absent', code: 'claim_missing' },
  expiryAsText: { description: '`exp` is a string of digits', code: 'claim_invalid' },
  endlessExpiry: { description: '`exp` is 1e999, which is read as infinity', code: 'claim_invalid' },

  // For whom, by whom, of which kind
  wrongAudience: { description: '`aud` names another API', code: 'audience_mismatch' },
  missingAudience: { description: '`aud` is absent', code: 'audience_mismatch' },
  wrongIssuer: { description: '`iss` is another issuer', code: 'issuer_unknown' },
  nearIssuer: { description: '`iss` differs by a trailing slash', code: 'issuer_unknown' },
  issuerList: { description: '`iss` is an array that holds the right issuer', code: 'issuer_unknown' },
  missingIssuer: { description: '`iss` is absent', code: 'issuer_unknown' },
  idToken: { description: 'an ID token: `typ` JWT, `nonce` and `at_hash`', code: 'type_rejected' },
  logoutToken: { description: '`typ` is logout+jwt', code: 'type_rejected' },
  dpopProof: { description: '`typ` is dpop+jwt', code: 'type_rejected' },
  nestedToken: { description: '`cty` says that the payload is another token', code: 'type_rejected' },
  boundToKey: { description: '`cnf.jkt` binds it to a key that is not shown', code: 'proof_required' },
  boundToCertificate: {
    description: '`cnf` binds it to a certificate that is not shown',
    code: 'proof_required',
  },

  // Signature and key
  tamperedSignature: { description: 'one bit of the signature is flipped', code: 'signature_invalid' },
  zeroSignature: {
    description: 'the signature is all zeros, of the right length',
    code: 'signature_invalid',
  },
  missingSignature: { description: 'the signature is empty', code: 'signature_invalid' },
  swappedPayload: {
    description: 'the claims of another token under this signature',
    code: 'signature_invalid',
  },
  foreignKey: {
    description: "signed with an attacker's key under the right `kid`",
    code: 'signature_invalid',
  },
  embeddedKey: {
    description: "signed with an attacker's key, which `jwk` carries",
    code: 'signature_invalid',
  },
  keyUrl: { description: "signed with an attacker's key, which `jku` points to", code: 'signature_invalid' },
  unknownKid: { description: '`kid` is none that the issuer publishes', code: 'key_unknown' },
  otherAlgorithm: { description: '`alg` is not that of the key that `kid` names', code: 'key_unknown' },
  algorithmNone: { description: '`alg` is none, the signature is empty', code: 'algorithm_rejected' },
  algorithmNoneSigned: { description: '`alg` is nOnE, the signature is kept', code: 'algorithm_rejected' },
  keyConfusion: {
    description: 'HS256, with the PEM of the public key as secret',
    code: 'algorithm_rejected',
  },
  unknownCrit: { description: '`crit` demands an unknown extension', code: 'critical_header_rejected' },
  unencodedPayload: { description: '`b64` is false, by `crit` (RFC 7797)', code: 'critical_header_rejected' },

  // Shape
  notAJwt: { description: 'an opaque token', code: 'token_malformed' },
  encrypted: { description: 'the good token, encrypted: five segments', code: 'token_malformed' },
  fourthSegment: { description: 'a fourth segment follows', code: 'token_malformed' },
  padded: { description: '`=` follows the signature', code: 'token_malformed' },
  spareBits: { description: 'the last character of the payload has spare bits set', code: 'token_malformed' },
  kidAsNumber: { description: '`kid` is a number', code: 'token_malformed' },
  duplicateHeader: { description: '`alg` stands twice in the header', code: 'token_malformed' },
  duplicateClaim: { description: '`sub` stands twice in the claims set', code: 'token_malformed' },
  prototypeClaim: { description: 'a claim is named __proto__', code: 'token_malformed' },
  invalidUtf8: { description: 'the claims set is not UTF-8', code: 'token_malformed' },
  claimsArray: { description: 'the claims set is an array', code: 'token_malformed' },
  // Over HTTP, Node answers 431 by itself where all header fields together exceed 16 KiB.
  tooLarge: { description: 'longer than 16 KiB', code: 'token_too_large' },
} as const

/** The name of a fault: what `faultyToken` makes a token with. */
export type Fault = keyof typeof TABLE

/** What can be wrong with a token. All else about that token is right. */
export interface FaultRow {
  readonly name: Fault
  readonly description: string
  /** What a verifier refuses it with that knows only this issuer and leaves `algorithms` alone. */
  readonly code: AuthErrorCode
}

/**
 * Everything that can be wrong with a token, one thing at a time.
 *
 * @example
 * const issuer = await createTestIssuer({ audience: 'https://api.example' })
 * const verifier = createVerifier(issuer.options)
 * for (const { name, code } of FAULTS) {
 *   await assert.rejects(verifier.verify(await issuer.faultyToken(name)), { code })
 * }
 */
export const FAULTS: readonly FaultRow[] = Object.freeze(
  Object.keys(TABLE)
    .filter(isFault)
    .map((name) => Object.freeze({ name, ...TABLE[name] })),
)

function isFault(name: string): name is Fault {
  return Object.hasOwn(TABLE, name)
}
