import { base64url } from 'jose'
import { type SigningKey, signBytes } from './keys/signing-key.js'

/** The claims set of a token. A claim that is `undefined` is left out. */
export type TokenClaims = Readonly<Record<string, unknown>>

/** A token before it is signed: the one place that a fault changes. */
export interface Draft {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: TokenClaims
  readonly key: SigningKey
}

const utf8 = new TextEncoder()

/** Signs a draft with its key, in compact form (RFC 7515 §3.1). What is `undefined` is left out. */
export function sign(draft: Draft): Promise<string> {
  return signTexts(JSON.stringify(draft.header), JSON.stringify(draft.claims), draft.key)
}

/** Signs a header and a claims set given as text or bytes, whatever they say. */
export function signTexts(
  header: string | Uint8Array,
  claims: string | Uint8Array,
  key: SigningKey,
): Promise<string> {
  return signSegments(base64url.encode(header), base64url.encode(claims), key)
}

/** Signs two segments as they are, also where they are not canonical base64url. */
export async function signSegments(header: string, payload: string, key: SigningKey): Promise<string> {
  const input = `${header}.${payload}`
  const signature = await signBytes(key.algorithm, key.privateKey, utf8.encode(input))
  return `${input}.${base64url.encode(signature)}`
}
