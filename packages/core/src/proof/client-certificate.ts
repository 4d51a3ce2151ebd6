import { decodeBase64url } from '#base64url'
import { sha256 } from './sha256.js'

/**
 * How a proxy writes a client certificate into a field: `rfc9440` is the byte sequence of `Client-Cert` (RFC 9440
 * §2.2), `xfcc` is `Cert` in Envoy's `X-Forwarded-Client-Cert`, `pem-escaped` nginx's `$ssl_client_escaped_cert`,
 * `pem-url` `X-Amzn-Mtls-Clientcert-Leaf` of AWS.
 */
export type CertificateFormat = 'rfc9440' | 'xfcc' | 'pem-escaped' | 'pem-url'

/** A longer field is not read. */
const MAX_LENGTH = 16 * 1024

const BYTE_SEQUENCE = /^:([A-Za-z0-9+/=]+):$/
const URL_ENCODED = /^[\w\-.~+/=%]+$/
const PEM =
  /^[\t\n\r ]*-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\t\n\r ]+)-----END CERTIFICATE-----[\t\n\r ]*$/
/** A pair of Envoy's field, and what follows on it. */
const PAIR = /([A-Za-z]+)=("(?:[^"\\]|\\.)*"|[^",;]*)(;|,|$)/y

/**
 * Reads a client certificate from all values of a field into DER; does not look inside the certificate. Trust is not
 * decided here: who else than a proxy could send the field is for the caller to know (RFC 9440 §4).
 *
 * @returns the bytes; `undefined` where the field is absent, is empty or, for `xfcc`, holds no `Cert`; `malformed`
 *   where it is there twice, holds two certificates, is longer than 16 KiB or is not what the format says.
 */
export function readClientCertificate(
  values: readonly string[],
  format: CertificateFormat,
): Uint8Array | undefined | 'malformed' {
  const [value, second] = values
  if (second !== undefined) return 'malformed'
  if (value === undefined || value === '') return undefined
  if (value.length > MAX_LENGTH) return 'malformed'
  const text = format === 'xfcc' ? certOf(value) : value
  if (text === undefined || text === 'malformed') return text
  const der = format === 'rfc9440' ? decodeBase64(BYTE_SEQUENCE.exec(text)?.[1]) : decodePem(text)
  return der !== undefined && isWholeSequence(der) ? der : 'malformed'
}

/** Gives the SHA-256 thumbprint of a certificate in base64url: what `x5t#S256` holds (RFC 8705 §3.1). */
export function certificateThumbprint(der: Uint8Array): Promise<string> {
  return sha256(der)
}

/** Finds `Cert` in the only element of Envoy's field; names are case-insensitive there, and values may be quoted. */
function certOf(value: string): string | undefined {
  let cert: string | undefined
  PAIR.lastIndex = 0
  for (;;) {
    const [, name = '', text = '', end] = PAIR.exec(value) ?? []
    // A comma ends the element of one proxy and begins that of another: which of them can be trusted is not said.
    if (end === undefined || end === ',') return 'malformed'
    if (name.toLowerCase() === 'cert') {
      if (cert !== undefined) return 'malformed'
      cert = text.startsWith('"') ? text.slice(1, -1) : text
    }
    if (end === '') return cert
  }
}

/** Decodes exactly one URL-encoded certificate (RFC 7468 §5). A `+` is a `+`: this is no form. */
function decodePem(text: string): Uint8Array | undefined {
  if (!URL_ENCODED.test(text)) return undefined
  try {
    return decodeBase64(PEM.exec(decodeURIComponent(text))?.[1]?.replaceAll(/[\t\n\r ]/g, ''))
  } catch {
    return undefined
  }
}

/** Decodes base64 with its padding; `undefined` for anything but the one spelling of the bytes. */
function decodeBase64(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || text.length % 4 !== 0) return undefined
  return decodeBase64url(
    text
      .replace(/={1,2}$/, '')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
}

/** Tells whether bytes are one DER SEQUENCE, with nothing after it (X.690 §8.1, §10.1). */
function isWholeSequence(der: Uint8Array): boolean {
  const [tag, first = 0] = der
  if (tag !== 0x30) return false
  if (first < 0x80) return der.length === 2 + first
  // What follows on the length of the length.
  const more = der.subarray(2, 2 + first - 0x80)
  const length = more.reduce((sum, byte) => sum * 256 + byte, 0)
  const isShortest = length >= 0x80 && more[0] !== 0
  return isShortest && der.length === 2 + more.length + length
}
