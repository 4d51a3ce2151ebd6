import { randomBytes } from 'node:crypto'
import { createVerifier, isRefusal, type AuthErrorCode, type RequestView } from '@require-jwt/core'
import { describe, expect, test } from 'vitest'
import { TRUST } from '../conformance/support/app.js'
import { JWKS } from '../conformance/support/keys.js'
import { CLAIMS, compact, HEADER, ISSUER, NOW } from '../conformance/support/tokens.js'
import { timeTells, type Mint } from './support/stopwatch.js'

type Members = Readonly<Record<string, unknown>>

// Audiences of one length: a longer text takes longer to read, and says nothing but how long it is.
const FIRST = 'urn:audience:orders'
const SECOND = 'urn:audience:claims'
const OF_ANOTHER_ISSUER = 'urn:audience:ledger'
const OF_THE_TENANTS = 'urn:audience:rental'
const OF_ANOTHER_VERIFIER = 'urn:audience:wallet'
const NEAR_MISS = 'urn:audience:orderz'
const UNKNOWN = 'urn:audience:nobody'

const TENANT = 'https://tenant.example'
const PAST = NOW - 60

const verifier = createVerifier({
  now: TRUST.now,
  issuers: [
    { issuer: ISSUER, audience: [FIRST, SECOND], jwks: JWKS },
    { issuer: 'https://second.example', audience: OF_ANOTHER_ISSUER, jwks: JWKS },
  ],
  tenants: { allow: [TENANT], audience: OF_THE_TENANTS },
})
const another = createVerifier({ ...TRUST, audience: OF_ANOTHER_VERIFIER })

interface Row {
  readonly name: string
  readonly code: AuthErrorCode
  readonly known: Members
  readonly unknown: Members
  readonly header?: Members
}

const ROWS: readonly Row[] = [
  ...Object.entries({
    'the audience of another issuer': OF_ANOTHER_ISSUER,
    'the audience of the tenants': OF_THE_TENANTS,
    'the audience of another verifier': OF_ANOTHER_VERIFIER,
    'an audience that begins like ours': NEAR_MISS,
  }).map(([name, aud]) => ({
    name,
    code: 'audience_mismatch' as const,
    known: { aud },
    unknown: { aud: UNKNOWN },
  })),
  {
    name: 'an audience of ours in the name of a tenant',
    code: 'audience_mismatch',
    known: { iss: TENANT, aud: FIRST },
    unknown: { iss: TENANT, aud: UNKNOWN },
  },
  {
    name: 'which of our audiences a forged token names',
    code: 'signature_invalid',
    known: { aud: FIRST },
    unknown: { aud: SECOND },
  },
  {
    name: 'which of our audiences an expired token names',
    code: 'token_expired',
    known: { aud: FIRST, exp: PAST },
    unknown: { aud: SECOND, exp: PAST },
  },
  {
    name: 'which of our audiences a token with an unknown kid names',
    code: 'key_unknown',
    known: { aud: FIRST },
    unknown: { aud: SECOND },
    header: { kid: 'none' },
  },
]

describe('among refusals with one code, time does not tell a known audience from an unknown one', () => {
  test.each(ROWS)('$code: $name', async ({ code, known, unknown, header }) => {
    const kinds = [minter(known, header), minter(unknown, header)] as const
    expect(await Promise.all(kinds.map((mint) => codeOf(mint())))).toEqual([code, code])
    expect(await timeTells(check, kinds)).toBe(false)
  })

  test('the audiences that are called known are known', async () => {
    expect(await codeOf(minter({ iss: 'https://second.example', aud: OF_ANOTHER_ISSUER })())).toBe(
      'signature_invalid',
    )
    expect(await codeOf(minter({ aud: OF_ANOTHER_VERIFIER })(), another)).toBe('signature_invalid')
  })
})

test('a tenth more work for a known audience is told', async () => {
  const kinds = [minter({ aud: OF_ANOTHER_ISSUER }), minter({ aud: UNKNOWN })] as const
  expect(await timeTells(leaky(OF_ANOTHER_ISSUER), kinds)).toBe(true)
  expect(await timeTells(leaky('in none of these tokens'), kinds)).toBe(false)
})

function check(token: string): Promise<unknown> {
  return verifier.authenticate(viewOf(token))
}

/** Checks a token, and does a tenth more where it names an audience. */
function leaky(audience: string): typeof check {
  return async (token) => {
    const start = performance.now()
    const share = claimsOf(token)['aud'] === audience ? 1.1 : 1
    const outcome = await check(token)
    const end = start + (performance.now() - start) * share
    while (performance.now() < end);
    return outcome
  }
}

async function codeOf(token: string, by = verifier): Promise<AuthErrorCode | undefined> {
  const outcome = await by.authenticate(viewOf(token))
  return isRefusal(outcome) ? outcome.code : undefined
}

/** Makes tokens of one length, each a text of its own, with a signature that is none but could be one. */
function minter(claims: Members, header: Members = {}): Mint {
  const protectedHeader = JSON.stringify({ ...HEADER, ...header })
  return () =>
    compact(
      protectedHeader,
      JSON.stringify({ ...CLAIMS, jti: randomBytes(16).toString('hex'), ...claims }),
      () => Buffer.concat([Buffer.alloc(1), randomBytes(255)]),
    )
}

function claimsOf(token: string): Members {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Members
}

function viewOf(token: string): RequestView {
  return { method: 'GET', url: '/', values: () => [`Bearer ${token}`] }
}
