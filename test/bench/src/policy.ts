import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'

/** The algorithms that are measured. */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'HS256'] as const

/** One of the algorithms that are measured. */
export type Algorithm = (typeof ALGORITHMS)[number]

/** What every contender is told to demand: this issuer, this audience, an expiry, and this one algorithm. */
export interface Policy {
  readonly issuer: string
  readonly audience: string
  readonly alg: Algorithm
  readonly key: PolicyKey
}

/** The key of the issuer, in each form that a contender may want. */
interface PolicyKey {
  readonly object: KeyObject
  readonly jwk: JWK
  /** PEM of the public key, or the shared secret. */
  readonly text: string
}

/** A policy, and what signs for it. */
export interface Signer {
  readonly policy: Policy
  readonly privateKey: KeyObject
}

/** Makes a policy and its key: RSA of 2048 bits, P-256, Ed25519, or a secret of 32 bytes. */
export function makeSigner(alg: Algorithm, issuer: string = 'https://login.example'): Signer {
  const { publicKey, privateKey } = makeKeys(alg)
  const jwk: JWK = { ...(publicKey.export({ format: 'jwk' }) as JWK), kid: `key-${alg}`, alg, use: 'sig' }
  const text =
    publicKey.type === 'secret'
      ? publicKey.export().toString('latin1')
      : publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const key = { object: publicKey, jwk, text }
  return { policy: { issuer, audience: 'https://api.example', alg, key }, privateKey }
}

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

function makeKeys(alg: Algorithm): Pair {
  switch (alg) {
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'EdDSA':
      return generateKeyPairSync('ed25519')
    case 'HS256': {
      // As text, so that who takes a string and who takes bytes have the same secret.
      const secret = createSecretKey(randomBytes(32).toString('hex'), 'latin1')
      return { publicKey: secret, privateKey: secret }
    }
  }
}
