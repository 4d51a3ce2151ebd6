import { describe, expect, test } from 'vitest'
import { checkFapi } from './fapi.js'
import type { ProofMethod } from './proof/proof-method.js'
import type { Algorithm } from './signature/algorithms.js'
import { messageOf } from './tokens.test-support.js'

type Parts = Parameters<typeof checkFapi>[0]
type Issuer = Parts['issuers'][number]

function issuerOf(profile: 'jwt' | 'fapi2', algorithms: readonly Algorithm[] = ['PS256']): Issuer {
  const claims = { audience: new Set(['api']), clientId: undefined, authorizedParty: undefined, profile }
  return { claims, algorithms: new Set(algorithms), keys: { kind: 'discovery' } }
}

const method: ProofMethod = {
  kind: 'dpop',
  scheme: 'DPoP',
  member: 'jkt',
  algorithms: new Set(['ES256']),
  required: false,
  challenge: [],
  check: () => ({ fields: undefined }),
}
const GOOD: Parts = {
  issuers: [issuerOf('fapi2')],
  proofs: [method],
  tokenSources: undefined,
  maxTokenAge: 3600,
}

const problem = (change: Partial<Parts>): string => messageOf(() => checkFapi({ ...GOOD, ...change }))

describe('the profile fapi2', () => {
  test('is content where every rule is set', () => {
    expect(() => checkFapi(GOOD)).not.toThrow()
    expect(() => checkFapi({ ...GOOD, proofs: [{ ...method, algorithms: undefined }] })).not.toThrow()
  })

  test('says nothing of issuers with another profile', () => {
    const other = {
      issuers: [issuerOf('jwt', ['RS256'])],
      proofs: [],
      tokenSources: [],
      maxTokenAge: Infinity,
    }
    expect(() => checkFapi(other)).not.toThrow()
  })

  test.each<[string, Partial<Parts>, RegExp]>([
    ['no proofs', { proofs: [] }, /^proofs: got undefined\. The profile fapi2 demands tokens that are bound/],
    ['token sources', { tokenSources: [] }, /^tokenSources: got an empty array\. .* leave it out\.$/],
    ['no maxTokenAge', { maxTokenAge: Infinity }, /^maxTokenAge: got Infinity\. /],
    ['tokens that live longer than an hour', { maxTokenAge: 3601 }, /^maxTokenAge: got 3601\. .* 3600 s/],
    ['RS256', { issuers: [issuerOf('fapi2', ['PS256', 'RS256'])] }, /^algorithms: got \["RS256"\]\. /],
    [
      'one issuer of several with RS256',
      { issuers: [issuerOf('jwt', ['RS256']), issuerOf('fapi2', ['RS256'])] },
      /^algorithms: got \["RS256"\]\. /,
    ],
    [
      'a secret',
      { issuers: [{ ...issuerOf('fapi2', ['HS256']), keys: { kind: 'secret', secrets: [] } }] },
      /^secret: the profile fapi2 knows signatures only/,
    ],
    [
      'proofs with RS256',
      { proofs: [{ ...method, algorithms: new Set(['ES256', 'RS256']) }] },
      /^dpop\.algorithms: got \["RS256"\]\. .*PS256, ES256, EdDSA, Ed25519/,
    ],
  ])('refuses %s', (_, change, message) => {
    expect(problem(change)).toMatch(message)
  })
})
