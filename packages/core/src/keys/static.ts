import { signatureCheck } from '#crypto'
import { ConfigError } from '../errors.js'
import { refuse } from '../refusal.js'
import { isSymmetric, type Algorithm } from '../signature/algorithms.js'
import type { SignatureCheck } from '../signature/crypto.js'
import type { KeyLookup, KeyQuery, KeySource, SourceStatus } from './key-source.js'
import { isAmong, selectKeys, usableKids, type KeySet } from './key-set.js'
import { parseKeySet } from './parse.js'
import type { Revocations } from './revocations.js'
import type { VerificationKey } from './verification-key.js'

/**
 * Makes the source of keys that are given as the option `jwks`. They are imported on first use, by the same filter
 * as fetched ones; `find` and `ready` then reject with a ConfigError where none can be used.
 */
export function staticKeySource(issuer: string, jwks: unknown, revocations: Revocations): KeySource {
  let keys: KeySet | undefined

  // Look-ups that come together import side by side: no request may wait for the promise of another in an isolate.
  async function importKeys(): Promise<KeySet> {
    const parsed = await parseKeySet(jwks)
    if (!parsed.ok) {
      const fix = 'Pass { keys: [...] } with at least one public key, as the issuer publishes them.'
      throw new ConfigError(`jwks of issuer ${JSON.stringify(issuer)}: ${parsed.reason}. ${fix}`)
    }
    keys ??= parsed.value
    revocations.see(keys)
    return keys
  }

  const select = (set: KeySet, query: KeyQuery): KeyLookup =>
    selectKeys(set, query, revocations) ?? refuse('key_unknown', 'the option jwks has no key under this kid')

  return {
    find(query) {
      return keys === undefined ? importKeys().then((set) => select(set, query)) : select(keys, query)
    },
    holds: (query, key) => keys !== undefined && isAmong(select(keys, query), key),
    suspect: () => undefined,
    async ready() {
      if (keys === undefined) await importKeys()
    },
    refresh: () => Promise.resolve(undefined),
    revoke: (kid) => revocations.revoke(kid, keys),
    status: () => staticStatus(issuer, usableKids(keys, revocations)),
  }
}

/**
 * Makes the source of a `secret` for HMAC. Tokens need no `kid`, and one that they have says nothing: every secret
 * is a candidate, and the `alg` of the token decides.
 */
export function secretKeySource(issuer: string, secrets: readonly Uint8Array[]): KeySource {
  const keys = Object.freeze(secrets.map(secretKey))
  const find = ({ alg }: KeyQuery): KeyLookup =>
    isSymmetric(alg) ? keys : refuse('key_unknown', 'a secret verifies no signature')
  return {
    find,
    holds: (query, key) => isAmong(find(query), key),
    suspect: () => undefined,
    ready: () => Promise.resolve(),
    refresh: () => Promise.resolve(undefined),
    revoke() {
      throw new ConfigError(
        `revokeKey: the keys of issuer ${JSON.stringify(issuer)} are a secret, which has no kid. Take it out of the ` +
          'option secret, and start again.',
      )
    },
    status: () => staticStatus(issuer, []),
  }
}

function secretKey(secret: Uint8Array): VerificationKey {
  const bytes = secret.slice() // what the caller does with its own bytes later is its own affair
  const checks = new Map<Algorithm, SignatureCheck>()
  return Object.freeze({
    kid: undefined,
    thumbprint: undefined,
    alg: undefined,
    forAlgorithm(algorithm: Algorithm) {
      const check = checks.get(algorithm) ?? signatureCheck(bytes, algorithm)
      checks.set(algorithm, check)
      return check
    },
  })
}

function staticStatus(issuer: string, kids: readonly string[]): SourceStatus {
  return {
    issuer,
    state: 'STATIC',
    stateEndsMs: undefined,
    generation: 0,
    kids,
    ageMs: undefined,
    freshForMs: undefined,
    staleUntilMs: undefined,
    failures: 0,
    lastError: undefined,
    fetching: false,
    nextAttemptMs: 0,
  }
}
