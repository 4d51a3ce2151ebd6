/** How a platform reads base64url without padding (RFC 7515 §2). Canonical text only: one token, one spelling. */
export interface Base64url {
  /** Decodes; `undefined` for anything but canonical base64url. */
  readonly decodeBase64url: (text: string) => Uint8Array | undefined
  /** Tells whether text is canonical base64url, which costs less than to decode it. */
  readonly isCanonical: (text: string) => boolean
  /** Decodes what must be strict UTF-8; `undefined` for anything else. A byte order mark stays. */
  readonly decodeText: (text: string) => string | undefined
}

const LAST_OF_TWO = 'AQgw'
const LAST_OF_THREE = 'AEIMQUYcgkosw048'

/**
 * Tells whether text of this length can end so: no lone character, and the spare bits of the last one zero
 * (RFC 4648 §3.5).
 */
export function endsCanonically(text: string): boolean {
  const last = text.charAt(text.length - 1)
  switch (text.length % 4) {
    case 0:
      return true
    case 2:
      return LAST_OF_TWO.includes(last)
    case 3:
      return LAST_OF_THREE.includes(last)
    default:
      return false
  }
}
