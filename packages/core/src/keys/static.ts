import { ConfigError } from '../errors.js'
import { refuse } from '../refusal.js'
import { isSymmetric } from '../signature/algorithms.js'
import type { KeyLookup, KeyQuery, KeySource, SourceStatus } from './key-source.js'
import { isAmong, selectKeys, type KeySet } from './key-set.js'
import { parseKeySet } from './parse.js'
import type { VerificationKey } from './verification-key.js'

/**
 * Makes the source of keys that are given as the option `jwks`. They are imported on first use, by the same filter
 * as fetched ones; `find` and `ready` then reject with a ConfigError where none can be used.
 */
export function staticKeySource(issuer: string, jwks: unknown): KeySource {
  let keys: KeySet | undefined
  let importing: Promise<KeySet> | undefined

  async function importKeys(): Promise<KeySet> {
    const parsed = await parseKeySet(jwks)
    if (!parsed.ok) {
      const fix = 'Pass { keys: [...] } with at least one public key, as the issuer publishes them.'
      throw new ConfigError(`jwks of issuer ${JSON.stringify(issuer)}: ${parsed.reason}. ${fix}`)
    }
    keys = parsed.value
    return keys
  }

  return {
    find(query) {
      if (keys !== undefined) return selectStatic(keys, query)
      importing ??= importKeys()
      return importing.then((set) => selectStatic(set, query))
    },
    holds: (query, key) => keys !== undefined && isAmong(selectStatic(keys, query), key),
    async ready() {
      importing ??= importKeys()
      await importing
    },
    status: () => staticStatus(issuer, [...(keys?.byKid.keys() ?? [])]),
  }
}

function selectStatic(keys: KeySet, query: KeyQuery): KeyLookup {
  return selectKeys(keys, query) ?? refuse('key_unknown', 'the option jwks has no key under this kid')
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
    ready: () => Promise.resolve(),
    status: () => staticStatus(issuer, []),
  }
}

function secretKey(secret: Uint8Array): VerificationKey {
  const bytes = secret.slice() // what the caller does with its own bytes later is its own affair
  return Object.freeze({ kid: undefined, thumbprint: undefined, alg: undefined, forAlgorithm: () => bytes })
}

function staticStatus(issuer: string, kids: readonly string[]): SourceStatus {
  return {
    issuer,
    state: 'STATIC',
    generation: 0,
    kids,
    ageMs: undefined,
    freshForMs: undefined,
    staleUntilMs: undefined,
    failures: 0,
    lastError: undefined,
    nextAttemptMs: 0,
  }
}
