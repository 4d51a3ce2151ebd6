/** A JWS algorithm that a token may be signed with (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519'
  | 'EdDSA'
  | 'HS256'
  | 'HS384'
  | 'HS512'

/** What a JWS `alg` needs of a key (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
export interface AlgorithmRow {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct'
  readonly crv?: 'P-256' | 'P-384' | 'P-521' | 'Ed25519'
  /** Only for `oct`: the least length of the secret in bytes, the output of the hash (RFC 7518 §3.2). */
  readonly secretBytes?: number
}

/** Every algorithm a token may be signed with. There is no `none` to switch on. */
export const ALGORITHMS: Readonly<Record<Algorithm, AlgorithmRow>> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  HS256: { kty: 'oct', secretBytes: 32 },
  HS384: { kty: 'oct', secretBytes: 48 },
  HS512: { kty: 'oct', secretBytes: 64 },
}

/** Tells whether a value names an algorithm of the table, to the letter. */
export function isAlgorithm(value: unknown): value is Algorithm {
  return typeof value === 'string' && Object.hasOwn(ALGORITHMS, value)
}

/** Tells whether an algorithm is a MAC: its key is a secret, never one from a JWKS. */
export function isSymmetric(algorithm: Algorithm): boolean {
  return ALGORITHMS[algorithm].kty === 'oct'
}

/** The default for keys that come from a JWKS: every signature algorithm, never a MAC. */
export const ASYMMETRIC_ALGORITHMS: readonly Algorithm[] = Object.freeze(
  (Object.keys(ALGORITHMS) as Algorithm[]).filter((algorithm) => !isSymmetric(algorithm)),
)
