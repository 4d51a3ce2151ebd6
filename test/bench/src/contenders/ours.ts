import { createVerifier, type RequestView, type Verifier } from '@require-jwt/core'
import type { Contender } from '../contender.js'
import { hasMemo, memoOption } from '../memo.js'
import { ALGORITHMS, type Policy } from '../policy.js'

const PACKAGES = ['@require-jwt/core']

/** Ours without a memo: each token is checked from its first byte to its last. */
const plain: Contender = {
  name: 'require-jwt without memo',
  kind: 'ours',
  packages: PACKAGES,
  setup: '`verifier.verify`, `signatureMemo: false`',
  algorithms: ALGORITHMS,
  kids: true,
  make: async (policy) => byVerify(verifierFor(policy, false)),
}

/** Ours as it comes. */
const remembering: Contender = {
  ...plain,
  name: 'require-jwt',
  setup: '`verifier.verify`, no further option',
  remembers: 10_000,
  make: async (policy) => byVerify(verifierFor(policy, true)),
}

/** Ours as an adapter calls it: a refusal is a value. */
export const byValue: Contender = {
  ...plain,
  name: 'require-jwt by value',
  setup: '`verifier.authenticate`, which resolves a refusal',
  field: true,
  make: async (policy) => {
    const verifier = verifierFor(policy, false)
    return (field) => verifier.authenticate(viewOf(field))
  },
}

/** Ours, in the forms that this version of the core has. */
export const ours: readonly Contender[] = hasMemo() ? [plain, remembering] : [plain]

function verifierFor({ issuer, audience, alg, key }: Policy, memo: boolean): Verifier {
  const keys = alg === 'HS256' ? { secret: key.text } : { jwks: { keys: [key.jwk] } }
  return createVerifier({ issuer, audience, algorithms: [alg], ...keys, ...memoOption(memo) })
}

function byVerify(verifier: Verifier): (token: string) => Promise<unknown> {
  return (token) => verifier.verify(token)
}

function viewOf(field: string): RequestView {
  return { method: 'GET', url: '/', values: (name) => (name === 'authorization' ? [field] : []) }
}
