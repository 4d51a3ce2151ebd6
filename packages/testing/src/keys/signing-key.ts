import { type CryptoKey, type JWK, exportJWK, generateKeyPair } from 'jose'

/** What WebCrypto wants to be told to sign with an algorithm (RFC 7518 §3.3 to §3.5, RFC 8037 §3.1). */
const SIGNING = {
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
  RS384: { name: 'RSASSA-PKCS1-v1_5' },
  RS512: { name: 'RSASSA-PKCS1-v1_5' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  PS384: { name: 'RSA-PSS', saltLength: 48 },
  PS512: { name: 'RSA-PSS', saltLength: 64 },
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', hash: 'SHA-384' },
  ES512: { name: 'ECDSA', hash: 'SHA-512' },
  Ed25519: { name: 'Ed25519' },
  EdDSA: { name: 'Ed25519' },
} as const

/** An algorithm the test issuer can sign with: every asymmetric one that an API accepts by default. */
export type SigningAlgorithm = keyof typeof SIGNING

/** The names of all of them, for a message. */
export const SIGNING_ALGORITHMS: readonly string[] = Object.freeze(Object.keys(SIGNING))

/** Tells whether a value names an algorithm of the table, to the letter. */
export function isSigningAlgorithm(value: unknown): value is SigningAlgorithm {
  return typeof value === 'string' && Object.hasOwn(SIGNING, value)
}

/** A key pair of the issuer; `publicJwk` is what its JWKS lists. */
export interface SigningKey {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
  readonly publicJwk: JWK
}

/** Generates a key pair. RSA has 2048 bits and takes a tenth of a second or more; the others are quick. */
export async function generateSigningKey(algorithm: SigningAlgorithm, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }
  return { kid, algorithm, privateKey, publicKey, publicJwk }
}

/** Signs bytes as a JWS does: the raw signature, `R || S` for ECDSA (RFC 7518 §3.4). */
export async function signBytes(
  algorithm: SigningAlgorithm,
  privateKey: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING[algorithm], privateKey, bytes))
}
