import { exportJWK, importJWK } from 'jose'
import { type SigningAlgorithm, type SigningKey, generateSigningKey } from './signing-key.js'

const attackers = new Map<SigningAlgorithm, Promise<SigningKey>>()

/** A key that no issuer publishes, made once for each algorithm: a forged signature needs no fresh one. */
export function attackersKey(algorithm: SigningAlgorithm): Promise<SigningKey> {
  const key = attackers.get(algorithm) ?? generateSigningKey(algorithm, 'attacker')
  attackers.set(algorithm, key)
  return key
}

const OTHER: Readonly<Record<SigningAlgorithm, SigningAlgorithm>> = {
  RS256: 'RS512',
  RS384: 'RS256',
  RS512: 'RS256',
  PS256: 'PS512',
  PS384: 'PS256',
  PS512: 'PS256',
  ES256: 'ES384',
  ES384: 'ES256',
  ES512: 'ES256',
  Ed25519: 'ES256',
  EdDSA: 'ES256',
}

/**
 * The key as if it were one for another algorithm, which is what a token then claims.
 *
 * An RSA key really signs with the other algorithm, so that only the `alg` of its JWK tells against it; a
 * curve has one algorithm, there the signature stays what it was.
 */
export async function underOtherAlgorithm(
  key: SigningKey,
): Promise<{ alg: SigningAlgorithm; key: SigningKey }> {
  const alg = OTHER[key.algorithm]
  if (key.publicJwk.kty !== 'RSA') return { alg, key }
  const privateJwk = { ...(await exportJWK(key.privateKey)), kty: 'RSA' as const }
  return { alg, key: { ...key, algorithm: alg, privateKey: await importJWK(privateJwk, alg) } }
}
