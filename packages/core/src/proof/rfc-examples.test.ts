import { describe, expect, test } from 'vitest'
import { DEFAULT_CHALLENGE, writeChallenge } from '../challenge.js'
import { refuse } from '../refusal.js'
import { schemesOf } from '../schemes.js'
import { checkDpopProof, DPOP_ALGORITHMS } from './dpop-proof.js'
import type { ProofMethod } from './proof-method.js'

// RFC 9449 §7.1: the request to a protected resource. The token is no JWT: it is here for its hash alone.
const TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const PROOF = [
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik',
  'VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR',
  'nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE',
  'QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIj',
  'oiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0Z',
  'WRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNF',
  'c05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71E',
  'OptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
].join('')

/** RFC 9449 §6.1: `cnf` of the token. */
const JKT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

const REQUEST = {
  values: [PROOF],
  method: 'GET',
  uri: 'https://resource.example.org/protectedresource',
  token: TOKEN,
  thumbprint: JKT,
  algorithms: new Set(DPOP_ALGORITHMS),
  nowSeconds: 1_562_262_618,
  maxAge: 60,
  maxAhead: 5,
  nonce: undefined,
}

describe('the request of RFC 9449 §7.1', () => {
  test('has a proof that holds', async () => {
    expect(await checkDpopProof(REQUEST)).toMatchObject({ jti: 'e1j3V_bKic8-LAEB', iat: 1_562_262_618 })
  })

  test.each([
    ['another method', { method: 'POST' }],
    ['another URL', { uri: 'https://resource.example.org/other' }],
    ['another token', { token: `${TOKEN}x` }],
    ['another time', { nowSeconds: 1_562_262_679 }],
  ])('has none for %s', async (_, change) => {
    expect(await checkDpopProof({ ...REQUEST, ...change })).toMatchObject({ code: 'dpop_proof_invalid' })
  })
})

describe('the answers of RFC 9449', () => {
  const method: ProofMethod = {
    kind: 'dpop',
    scheme: 'DPoP',
    member: 'jkt',
    required: true,
    challenge: [['algs', 'ES256 PS256']],
    check: () => ({ fields: undefined }),
  }

  test.each([
    ['§7.1, without authentication', 'token_missing', undefined, 'DPoP algs="ES256 PS256"'],
    [
      '§9, without a nonce',
      'dpop_nonce_required',
      'DPoP',
      'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"',
    ],
  ] as const)('%s: the challenge is the same, byte for byte', (_, code, used, challenge) => {
    expect(writeChallenge(refuse(code), DEFAULT_CHALLENGE, schemesOf([method], used))).toBe(challenge)
  })
})
