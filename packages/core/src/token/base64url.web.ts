import { decode } from 'jose/base64url'
import { endsCanonically, type Base64url } from './base64url.js'

const ALPHABET = /^[A-Za-z0-9_-]*$/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Tells whether text is canonical base64url. */
export const isCanonical: Base64url['isCanonical'] = (text) => endsCanonically(text) && ALPHABET.test(text)

/** Decodes canonical base64url; `undefined` for anything else. */
export const decodeBase64url: Base64url['decodeBase64url'] = (text) =>
  isCanonical(text) ? decode(text) : undefined

/** Decodes canonical base64url of strict UTF-8; `undefined` for anything else. */
export const decodeText: Base64url['decodeText'] = (text) => {
  const bytes = decodeBase64url(text)
  try {
    return bytes && UTF8.decode(bytes)
  } catch {
    return undefined
  }
}
