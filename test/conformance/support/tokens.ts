import { constants, createHmac, sign, type KeyObject } from 'node:crypto'
import { RSA, type Pair } from './keys.js'

/** The moment at which every app of the table stands, in seconds: 2026-01-01T00:00:00Z. */
export const NOW = 1_767_225_600

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'https://api.example'

/** The header and the claims set of the token that everything else differs from in one thing. */
export const HEADER: Members = { alg: 'RS256', typ: 'at+jwt', kid: 'rsa' }
export const CLAIMS: Members = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user-1',
  client_id: 'client-1',
  iat: NOW - 60,
  exp: NOW + 240,
  jti: 'id-1',
}

const KNOWN = /^(?:(?:RS|PS|ES)(?:256|384|512)|Ed25519|EdDSA)$/

type Members = Readonly<Record<string, unknown>>

/** Makes a signature of the signing input. */
export type Signer = (input: string) => Buffer

/** Mints a token; members that are `undefined` are left out. */
export function mint(claims: Members = {}, header: Members = {}, key: Pair = RSA): string {
  const own = { alg: key.alg, kid: key.kid }
  const whole = { ...HEADER, ...own, ...header }
  const alg = typeof whole.alg === 'string' ? whole.alg : key.alg
  return compact(JSON.stringify(whole), JSON.stringify({ ...CLAIMS, ...claims }), signer(alg, key))
}

/** Writes and signs header and claims set as they are given, whatever they say. */
export function compact(
  header: string | Buffer,
  claims: string | Buffer,
  make: Signer = signer('RS256', RSA),
): string {
  const input = `${base64url(header)}.${base64url(claims)}`
  return `${input}.${base64url(make(input))}`
}

/** Signs as an algorithm says; with what the key can do, where the algorithm is none that we know. */
export function signer(alg: string, { privateKey, alg: own }: Pair): Signer {
  return (input) => signatureOf(KNOWN.test(alg) ? alg : own, privateKey, Buffer.from(input))
}

/** Signs with a secret (RFC 7518 §3.2). */
export function hmac(bits: 256 | 384 | 512, secret: string | Buffer): Signer {
  return (input) => createHmac(`sha${bits}`, secret).update(input).digest()
}

/** Replaces the signature of a token by other bytes. */
export function withSignature(token: string, make: (bytes: Buffer) => Buffer): string {
  const start = token.lastIndexOf('.') + 1
  return token.slice(0, start) + base64url(make(Buffer.from(token.slice(start), 'base64url')))
}

/** Encodes text or bytes as base64url without padding. */
export function base64url(value: string | Buffer): string {
  return Buffer.from(value).toString('base64url')
}

/** Writes an object as JSON with one more member in front: text that no object can be written as. */
export function startingWith(member: string, rest: object): string {
  return `{${member},${JSON.stringify(rest).slice(1)}`
}

function signatureOf(alg: string, key: KeyObject, input: Buffer): Buffer {
  const kind = alg.slice(0, 2)
  if (kind === 'ES') return sign(hashOf(alg), input, { key, dsaEncoding: 'ieee-p1363' })
  if (kind === 'PS') {
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    return sign(hashOf(alg), input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
  }
  return sign(kind === 'RS' ? hashOf(alg) : null, input, key)
}

function hashOf(alg: string): string {
  return `sha${alg.slice(2)}`
}
