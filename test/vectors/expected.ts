import { NO_CLAIMS_SET } from './judge.js'
import type { Override, StricterRule, Tally } from './tally.js'

/** What must become of the vectors of one group, to the last one. */
export interface Expected extends Tally {
  readonly rules: readonly StricterRule[]
  readonly overrides: readonly Override[]
}

const noClaimsSet: StricterRule = { rule: 'JWT-04', reason: NO_CLAIMS_SET }
const encrypted: StricterRule = {
  rule: 'JWT-25',
  reason: 'the token is encrypted (JWE): only signed tokens are accepted',
}
const notCompact: StricterRule = {
  rule: 'JWT-01',
  reason: 'the token is no JWS in compact form: three segments',
}
// JSON has dots of its own. Four of them look like a JWE.
const notCompactWithFourDots: StricterRule = { ...encrypted, rule: 'JWT-01' }
const unsecured: StricterRule = {
  rule: 'JWT-06',
  reason: 'alg is not in the list of algorithms of this issuer',
}
const critical: StricterRule = { rule: 'JWT-11', reason: 'the protected header has crit' }
// The payload is elsewhere: the empty segment is no claims set, and was not signed.
const detached: StricterRule = {
  rule: 'JWT-04',
  reason: 'no key of the issuer that fits kid and alg made this signature',
}

const JSON_ONLY = { verified: 0, refused: {}, overrides: [] }

/** The groups. A count that changes is looked at, not adjusted. */
export const EXPECTED: Readonly<Record<string, Expected>> = {
  'wycheproof/json_web_signature_test.json': {
    verified: 40,
    stricter: { 'JWT-04': 40 },
    refused: { decode: 41, 'set-up': 4, algorithm: 1, keys: 7, signature: 300 },
    rules: [noClaimsSet],
    overrides: [
      {
        ids: ['346', '350'],
        why: 'Labelled valid, but the JWK says PS256 and the JWS PS384: one key, one algorithm (JWT-07).',
      },
      {
        ids: ['347', '351'],
        why: 'Labelled valid, but the alg of the JWK is ES521, which does not exist: the key is skipped (JWT-15).',
      },
      {
        ids: ['372', '373'],
        why: 'Labelled valid, but a segment has a question mark in it, which RFC 7515 §5.2 refuses (JWT-02).',
      },
      {
        ids: ['367', '370'],
        why: 'Labelled invalid for padding that is not there: both are the valid token 357, to the letter.',
      },
    ],
  },
  'wycheproof/json_web_key_test.json': {
    verified: 5,
    stricter: { 'JWT-04': 5 },
    refused: { 'set-up': 17, algorithm: 1, signature: 1 },
    rules: [noClaimsSet],
    overrides: [
      {
        ids: ['4'],
        why: 'Labelled invalid for two secrets under one kid; the option secret takes bytes, which have no kid.',
      },
      {
        ids: ['7'],
        why: 'Labelled invalid for an RSA key with the ROCA weakness; key sets are not searched for weak moduli.',
      },
    ],
  },
  'wycheproof/json_web_encryption_test.json': {
    verified: 0,
    stricter: { 'JWT-25': 65 },
    refused: { decode: 74 },
    rules: [encrypted],
    overrides: [],
  },
  'rfc/examples.json': {
    verified: 5,
    stricter: { 'JWT-04': 2, 'JWT-06': 1, 'JWT-11': 1 },
    refused: { decode: 1 },
    rules: [noClaimsSet, unsecured, critical],
    overrides: [],
  },
  'ietf-jose-cookbook/jws, compact': {
    verified: 4,
    stricter: { 'JWT-04': 5 },
    refused: {},
    rules: [noClaimsSet, detached],
    overrides: [],
  },
  'ietf-jose-cookbook/jws, JSON': {
    ...JSON_ONLY,
    stricter: { 'JWT-01': 15 },
    rules: [notCompact, notCompactWithFourDots],
  },
  'ietf-jose-cookbook/jwe, compact': {
    verified: 0,
    stricter: { 'JWT-25': 9 },
    refused: {},
    rules: [encrypted],
    overrides: [],
  },
  'ietf-jose-cookbook/jwe, JSON': {
    ...JSON_ONLY,
    stricter: { 'JWT-01': 25 },
    rules: [notCompact, notCompactWithFourDots],
  },
  'ietf-jose-cookbook/rfc7797, compact': {
    verified: 0,
    stricter: { 'JWT-11': 1 },
    refused: {},
    rules: [critical],
    overrides: [],
  },
  'ietf-jose-cookbook/rfc7797, JSON': {
    ...JSON_ONLY,
    stricter: { 'JWT-01': 4 },
    rules: [notCompact],
  },
  'ietf-jose-cookbook/curve25519, compact': {
    verified: 1,
    stricter: { 'JWT-04': 1, 'JWT-25': 1 },
    refused: {},
    rules: [noClaimsSet, encrypted],
    overrides: [],
  },
  'ietf-jose-cookbook/curve25519, JSON': {
    ...JSON_ONLY,
    stricter: { 'JWT-01': 4 },
    rules: [notCompact],
  },
  'ietf-jose-cookbook/nested, compact': {
    verified: 1,
    stricter: { 'JWT-25': 1 },
    refused: {},
    rules: [encrypted],
    overrides: [],
  },
  'ietf-jose-cookbook/nested, JSON': {
    ...JSON_ONLY,
    stricter: { 'JWT-01': 2 },
    rules: [notCompact],
  },
}
