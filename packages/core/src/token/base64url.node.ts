import { Buffer, isUtf8 } from 'node:buffer'
import { endsCanonically, type Base64url } from './base64url.js'

// Whatever is decoded here becomes text before anything else is.
const scratch = Buffer.allocUnsafeSlow(16 * 1024)

/** Decodes canonical base64url; `undefined` for anything else. */
export const decodeBase64url: Base64url['decodeBase64url'] = (text) => {
  const bytes = Buffer.from(text, 'base64url')
  return isWhole(text, bytes.length) ? new Uint8Array(bytes) : undefined
}

/** Tells whether text is canonical base64url. */
export const isCanonical: Base64url['isCanonical'] = (text) =>
  isWhole(text, bufferFor(text).write(text, 'base64url'))

/** Decodes canonical base64url of strict UTF-8; `undefined` for anything else. */
export const decodeText: Base64url['decodeText'] = (text) => {
  const buffer = bufferFor(text)
  const length = buffer.write(text, 'base64url')
  if (!isWhole(text, length)) return undefined
  const decoded = buffer.toString('utf8', 0, length)
  // What is no UTF-8 became the replacement character, which may also have been written.
  return decoded.includes('\uFFFD') && !isUtf8(buffer.subarray(0, length)) ? undefined : decoded
}

function bufferFor(text: string): Buffer {
  return text.length > scratch.length ? Buffer.allocUnsafe(text.length) : scratch
}

/**
 * Tells whether a text of which Node decoded so many bytes is canonical. Node passes over what it cannot read, and
 * then has fewer bytes; it reads the other alphabet as well, and of a character beyond Latin-1 the lower half.
 */
function isWhole(text: string, bytes: number): boolean {
  return (
    bytes === Math.floor((text.length * 3) / 4) &&
    endsCanonically(text) &&
    !text.includes('+') &&
    !text.includes('/') &&
    Buffer.byteLength(text) === text.length
  )
}
