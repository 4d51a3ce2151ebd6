import { decode } from 'jose/base64url'

const ALPHABET = /^[A-Za-z0-9_-]*$/

// The last character of a segment may have spare bits; canonical text has them all zero (RFC 4648 §3.5).
const LAST_OF_TWO = /[AQgw]$/
const LAST_OF_THREE = /[AEIMQUYcgkosw048]$/

/**
 * Decodes canonical base64url without padding (RFC 7515 §2); `undefined` for anything else. Strict, because
 * lenient decoders give one token many spellings.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (!ALPHABET.test(text)) return undefined
  const rest = text.length % 4
  if (rest === 1) return undefined
  if (rest === 2 && !LAST_OF_TWO.test(text)) return undefined
  if (rest === 3 && !LAST_OF_THREE.test(text)) return undefined
  return decode(text)
}
