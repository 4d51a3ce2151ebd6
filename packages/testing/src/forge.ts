import { base64url } from 'jose'
import type { Draft, TokenClaims } from './token.js'

const utf8 = new TextEncoder()

/** Changes claims of a draft; `undefined` leaves one out. */
export function withClaims(draft: Draft, claims: TokenClaims): Draft {
  return { ...draft, claims: { ...draft.claims, ...claims } }
}

/** Changes header parameters of a draft; `undefined` leaves one out. */
export function withHeader(draft: Draft, header: Readonly<Record<string, unknown>>): Draft {
  return { ...draft, header: { ...draft.header, ...header } }
}

/** Replaces the signature of a token by what is made of its bytes. */
export function replaceSignature(token: string, make: (signature: Uint8Array) => Uint8Array): string {
  const start = token.lastIndexOf('.') + 1
  return token.slice(0, start) + base64url.encode(make(base64url.decode(token.slice(start))))
}

/** Writes an object as JSON with one more member in front: text that no object can be written as. */
export function startWith(member: string, rest: object): string {
  return `{${member},${JSON.stringify(rest).slice(1)}`
}

/** Encodes a claims set so that its last character has spare bits set: the same bytes, another spelling. */
export function encodeWithSpareBits(claims: TokenClaims): string {
  const text = JSON.stringify(claims)
  // One byte over a multiple of three ends in a character of which four bits are spare.
  const spaces = (4 - (utf8.encode(text).length % 3)) % 3
  const canonical = base64url.encode(text + ' '.repeat(spaces))
  const last = canonical.charCodeAt(canonical.length - 1)
  return canonical.slice(0, -1) + String.fromCharCode(last + 1)
}

/** Writes a claims set with a claim whose text is not UTF-8. */
export function encodeInvalidUtf8(claims: TokenClaims): Uint8Array {
  const bytes = utf8.encode(startWith('"note":"?"', claims))
  bytes[bytes.indexOf('?'.charCodeAt(0))] = 0xff
  return bytes
}

/** Computes the signature of HS256 (RFC 7518 §3.2). */
export async function hmacSha256(secret: string, text: string): Promise<Uint8Array> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), hmac, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign(hmac, key, utf8.encode(text)))
}
