import { createHash, type JsonWebKey } from 'node:crypto'
import type { Line, Sent } from './http.js'
import { ec, type Pair } from './keys.js'
import { compact, mint, NOW, signer } from './tokens.js'

/** Where the apps of the table say that clients reach them. */
export const BASE = 'https://api.example'

/** The key of a client that has bound tokens. */
export const CLIENT: Pair = ec('client', 'ES256', 'P-256')

type Members = Readonly<Record<string, unknown>>

/** How a proof differs from a good one; members that are `undefined` are left out. */
export interface Unusual {
  readonly header?: Members
  readonly claims?: Members
  readonly key?: Pair
  /** Default: the base of the table and the path of the request. */
  readonly uri?: (path: string) => string
}

let made = 0

/** Makes a DPoP proof for a GET with a token (RFC 9449 §4.2), with a `jti` of its own. */
export function proofFor(token: string, path: string, unusual: Unusual = {}): string {
  const { header = {}, claims = {}, key = CLIENT, uri = (own: string) => `${BASE}${own}` } = unusual
  made += 1
  const usual = { jti: `proof-${made}`, htm: 'GET', htu: uri(path), iat: NOW, ath: hashOf(token) }
  const whole = { ...usual, ...claims }
  const protectedHeader = { typ: 'dpop+jwt', alg: key.alg, jwk: publicOf(key), ...header }
  return compact(JSON.stringify(protectedHeader), JSON.stringify(whole), signer(key.alg, key))
}

/** Sends a token under the scheme DPoP with a proof, which is new each time. */
export function proven(token: string, unusual?: Unusual): Sent {
  return {
    headers: [['Authorization', `DPoP ${token}`]],
    linesFor: (path) => [['DPoP', proofFor(token, path, unusual)]],
  }
}

/** Sends a token with field lines of one's own. */
export function withLines(token: string, linesFor: (path: string) => readonly Line[], scheme = 'DPoP'): Sent {
  return { headers: [['Authorization', `${scheme} ${token}`]], linesFor }
}

/** Mints a token that is bound to the key of a client. */
export function bound(claims: Members = {}, key: Pair = CLIENT): string {
  return mint({ cnf: { jkt: thumbprintOf(key) }, ...claims })
}

/** RFC 7638 §3, written for EC keys. */
export function thumbprintOf(key: Pair): string {
  const { crv, kty, x, y } = publicOf(key)
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}

/** The members of a public key. */
export function publicOf({ publicKey }: Pair): JsonWebKey {
  return publicKey.export({ format: 'jwk' })
}

/** RFC 9449 §4.2: `ath`. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token, 'ascii').digest('base64url')
}
