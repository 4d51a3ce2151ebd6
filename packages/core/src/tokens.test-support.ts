// The type-aware lint reads tests outside of every tsconfig, where nothing else names the types of Node.
/// <reference types="node" />
import { createHmac } from 'node:crypto'
import { isRefusal } from './refusal.js'
import type { RequestView } from './request.js'
import { ALGORITHMS, type Algorithm } from './signature/algorithms.js'
import { decode, type UnverifiedToken } from './token/decode.js'

/** The moment of the tests, in seconds since the epoch. */
export const NOW = 1_700_000_000
export const ISSUER = 'https://login.example'
export const AUDIENCE = 'https://api.example'
export const SECRET = 'a secret of thirty-two bytes or more'

/** Nothing is refused because of its `alg`, but what is none. */
export const EVERY_ALGORITHM: ReadonlySet<Algorithm> = new Set(Object.keys(ALGORITHMS) as Algorithm[])

/** Claims or header parameters: `undefined` takes one away. */
export type Changes = Readonly<Record<string, unknown>>

/** Options of a verifier for the tokens made here. */
export const OPTIONS = {
  issuer: ISSUER,
  audience: AUDIENCE,
  secret: SECRET,
  now: () => NOW * 1000,
} as const

/** The claims of a good token, with changes. */
export function claimsOf(changes: Changes = {}): Readonly<Record<string, unknown>> {
  return { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', exp: NOW + 600, ...changes }
}

/** Bytes or text as a segment of a token. */
export function segment(content: string | Uint8Array): string {
  return Buffer.from(content).toString('base64url')
}

/** A token with these very texts as header and claims set, signed with `SECRET`. */
export function signedText(header: string, claims: string): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}

/** A good token for `OPTIONS`, with changes. */
export function tokenOf(claims: Changes = {}, header: Changes = {}): string {
  return signedText(JSON.stringify({ alg: 'HS256', ...header }), JSON.stringify(claimsOf(claims)))
}

/** A token that was read and not verified. */
export function unverified(claims: Changes = {}, header: Changes = {}): UnverifiedToken {
  const token = decode(tokenOf(claims, header), EVERY_ALGORITHM)
  if (isRefusal(token)) throw new Error(token.detail)
  return token
}

/** A request with header fields; a list is a field that is there more than once. */
export function viewOf(
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  request: Partial<Omit<RequestView, 'values'>> = {},
): RequestView {
  return {
    method: 'GET',
    url: '/orders?page=2',
    ...request,
    values: (name) => [fields[name] ?? []].flat(),
  }
}

/** A request with a bearer token. */
export function bearing(token: string, request: Partial<Omit<RequestView, 'values'>> = {}): RequestView {
  return viewOf({ authorization: `Bearer ${token}` }, request)
}

/** Gives what a function throws; fails where it throws nothing. */
export function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** Gives the message of what a function throws. */
export function messageOf(act: () => unknown): string {
  return (thrownBy(act) as Error).message
}
