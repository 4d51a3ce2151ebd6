import { Buffer } from 'node:buffer'
import { constants, createHmac, createSecretKey, KeyObject, timingSafeEqual, verify } from 'node:crypto'
import type { CryptoKey } from 'jose'
import { ALGORITHMS, isSymmetric, type Algorithm } from './algorithms.js'
import type { SignatureCheck, SignatureCrypto } from './crypto.js'
import type { Offload } from './options.js'
import { isFirstOfTurn, offloaded } from './thread-pool.node.js'

type Hash = 'sha256' | 'sha384' | 'sha512'
type VerifyKey = Parameters<typeof verify>[2]

/** RSA keys up to so many bits are checked in place: a check by another thread costs this one more. */
const MAX_RSA_BITS_IN_PLACE = 3072

/** Checks signatures with `node:crypto`, in place or in the thread pool. */
export const signatureCheck: SignatureCrypto['signatureCheck'] = (key, algorithm) =>
  // By the algorithm, never by what the key happens to be: a key of the other kind throws.
  isSymmetric(algorithm) ? macCheck(key as Uint8Array, algorithm) : publicCheck(key as CryptoKey, algorithm)

function macCheck(secret: Uint8Array, algorithm: Algorithm): SignatureCheck {
  const hash = hashOf(algorithm)
  const key = createSecretKey(secret)
  return (text, dot) => {
    const mac = createHmac(hash, key).update(text.slice(0, dot), 'latin1').digest()
    const signature = Buffer.from(text.slice(dot + 1), 'base64url')
    return signature.length === mac.length && timingSafeEqual(signature, mac)
  }
}

function publicCheck(cryptoKey: CryptoKey, algorithm: Algorithm): SignatureCheck {
  const key = KeyObject.from(cryptoKey)
  const { kty, crv } = ALGORITHMS[algorithm]
  const hash = kty === 'OKP' ? null : hashOf(algorithm)
  const verifyKey = algorithm.startsWith('PS') ? pss(key) : key
  const size = crv && SIGNATURE_BYTES[crv]
  const inPlace = kty === 'RSA' && (key.asymmetricKeyDetails?.modulusLength ?? 0) <= MAX_RSA_BITS_IN_PLACE

  return (text, dot, offload) => {
    const raw = Buffer.from(text.slice(dot + 1), 'base64url')
    if (size !== undefined && raw.length !== size) return false
    const signature = kty === 'EC' ? derOf(raw) : raw
    if (staysInPlace(offload, inPlace)) return verify(hash, inScratch(text, dot), verifyKey, signature)
    const input = Buffer.from(text.slice(0, dot), 'latin1')
    return offloaded((done) => verify(hash, input, verifyKey, signature, done))
  }
}

function staysInPlace(offload: Offload, inPlace: boolean): boolean {
  if (offload === 'auto') return inPlace || isFirstOfTurn()
  return offload === 'never'
}

/** Without an options object, which some versions of Node take long to read, where none is needed. */
function pss(key: KeyObject): VerifyKey {
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST, // RFC 7518 §3.5
  }
}

function hashOf(algorithm: Algorithm): Hash {
  return `sha${algorithm.slice(-3)}` as Hash
}

/** RFC 7518 §3.4, RFC 8032 §5.1.6. */
const SIGNATURE_BYTES = { 'P-256': 64, 'P-384': 96, 'P-521': 132, Ed25519: 64 }

// As long as the longest token that is looked at.
const scratch = Buffer.allocUnsafeSlow(16 * 1024)

/** Writes the signing input where the next one will overwrite it: for checks that end before that. */
function inScratch(text: string, length: number): Buffer {
  if (length > scratch.length) return Buffer.from(text.slice(0, length), 'latin1')
  scratch.write(text, 0, length, 'latin1')
  return scratch.subarray(0, length)
}

/** Writes the two numbers of an ECDSA signature as OpenSSL reads them: ASN.1 DER, SEQUENCE of two INTEGERs. */
function derOf(raw: Buffer): Buffer {
  const half = raw.length / 2
  const r = firstDigit(raw, 0, half)
  const s = firstDigit(raw, half, raw.length)
  const length = integerLength(raw, r, half) + integerLength(raw, s, raw.length)
  const header = length < 128 ? 2 : 3
  const der = Buffer.allocUnsafe(header + length)
  der[0] = 0x30
  if (header === 3) der[1] = 0x81
  der[header - 1] = length
  const next = writeInteger(der, header, raw, r, half)
  writeInteger(der, next, raw, s, raw.length)
  return der
}

/** Where a number begins to count; the last byte counts also where it is zero. */
function firstDigit(raw: Buffer, start: number, end: number): number {
  let at = start
  while (at < end - 1 && raw[at] === 0) at += 1
  return at
}

// A leading bit would be a sign.
function isNegative(raw: Buffer, at: number): boolean {
  return (raw[at] ?? 0) >= 0x80
}

function integerLength(raw: Buffer, start: number, end: number): number {
  return 2 + (isNegative(raw, start) ? 1 : 0) + end - start
}

function writeInteger(der: Buffer, at: number, raw: Buffer, start: number, end: number): number {
  const digits = integerLength(raw, start, end) - 2
  der[at] = 0x02
  der[at + 1] = digits
  der[at + 2] = 0
  raw.copy(der, at + 2 + digits - (end - start), start, end)
  return at + 2 + digits
}
