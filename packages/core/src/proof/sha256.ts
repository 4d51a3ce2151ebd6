import { encode } from 'jose/base64url'

/** Gives the SHA-256 digest of bytes, or of the UTF-8 of a text, in base64url. */
export async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
  return encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
