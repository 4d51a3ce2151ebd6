import { decodeBase64url } from '#base64url'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { isAlgorithm, type Algorithm } from '../signature/algorithms.js'
import { failure, type Fetched } from './fetch.js'
import { ownMember } from '../own-member.js'
import { identityOf, keySetOf, type KeySet } from './key-set.js'
import { ownAlgorithm, publishedKey, suits, type PublicJwk, type PublishedKey } from './published-key.js'

const MAX_KEYS = 500
const MAX_KID_LENGTH = 256
const MIN_RSA_BITS = 2048 // RFC 7518 §3.3
const MAX_RSA_BITS = 16_384 // more than that no crypto library verifies with
const MIN_RSA_EXPONENT = 65_537

/** Members that only a private or a symmetric key has (RFC 7518 §6): nothing that others verify with. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/**
 * Reads a JWK Set (RFC 7517 §5): filters and imports its members. One that cannot be used is skipped, alone; a set
 * with no usable key at all, or with more than 500 members, is a failure. Keys that `previous` holds keep their
 * object.
 */
export async function parseKeySet(json: unknown, previous?: KeySet): Promise<Fetched<KeySet>> {
  const members = ownMember(json, 'keys')
  if (!Array.isArray(members)) return failure('not a key set')
  if (members.length > MAX_KEYS) return failure('too many keys')
  const read = await Promise.all(members.map((member: unknown) => readKey(member, previous)))
  const keys = read.filter((key) => typeof key === 'object')
  return keys.length > 0 ? { ok: true, value: keySetOf(keys) } : failure(noUsableKey(read))
}

function noUsableKey(reasons: readonly unknown[]): string {
  return reasons.length === 0 ? 'no keys' : `no usable key (${[...new Set(reasons)].join(', ')})`
}

/** Reads one member; a text says why it cannot be used. */
async function readKey(member: unknown, previous: KeySet | undefined): Promise<PublishedKey | string> {
  const jwk = readPublicJwk(member)
  if (typeof jwk === 'string') return jwk
  const kid = ownMember(member, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)) return 'kid'
  const alg = ownMember(member, 'alg')
  if (alg !== undefined && !(isAlgorithm(alg) && suits(alg, jwk))) return 'alg'
  return importKey(jwk, kid, alg, previous)
}

async function importKey(
  jwk: PublicJwk,
  kid: string | undefined,
  alg: Algorithm | undefined,
  previous: KeySet | undefined,
): Promise<PublishedKey | string> {
  const thumbprint = await calculateJwkThumbprint({ ...jwk })
  const known = previous?.byIdentity.get(identityOf({ thumbprint, kid, alg }))
  if (known !== undefined) return known
  const key = publishedKey({ kid, alg, thumbprint, jwk })
  try {
    await key.forAlgorithm(alg ?? ownAlgorithm(jwk))
    return key
  } catch {
    return 'not importable' // a point off its curve, or a curve that this runtime does not have
  }
}

/** Takes the public members of a key to verify signatures with (RFC 7517 §4); a text says why it is none. */
export function readPublicJwk(member: unknown): PublicJwk | string {
  if (PRIVATE_MEMBERS.some((name) => ownMember(member, name) !== undefined)) return 'private or symmetric'
  const use = ownMember(member, 'use')
  if (use !== undefined && use !== 'sig') return 'use'
  const operations = ownMember(member, 'key_ops')
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'key_ops'
  switch (ownMember(member, 'kty')) {
    case 'RSA':
      return readRsa(text(member, 'n'), text(member, 'e'))
    case 'EC':
      return readEc(ownMember(member, 'crv'), text(member, 'x'), text(member, 'y'))
    case 'OKP':
      return readOkp(ownMember(member, 'crv'), text(member, 'x'))
    default:
      return 'kty'
  }
}

function readRsa(n: string | undefined, e: string | undefined): PublicJwk | string {
  if (n === undefined || e === undefined) return 'missing members'
  const bits = bitLength(significantBytes(n))
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) return 'RSA key size'
  return isSafeExponent(significantBytes(e)) ? { kty: 'RSA', n, e } : 'RSA exponent'
}

function isSafeExponent(bytes: Uint8Array): boolean {
  const isOdd = (bytes.at(-1) ?? 0) % 2 === 1
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return isOdd && value >= MIN_RSA_EXPONENT
}

function readEc(crv: unknown, x: string | undefined, y: string | undefined): PublicJwk | string {
  if (crv !== 'P-256' && crv !== 'P-384' && crv !== 'P-521') return 'crv'
  return x === undefined || y === undefined ? 'missing members' : { kty: 'EC', crv, x, y }
}

function readOkp(crv: unknown, x: string | undefined): PublicJwk | string {
  if (crv !== 'Ed25519') return 'crv'
  return x === undefined ? 'missing members' : { kty: 'OKP', crv, x }
}

/** A member in canonical base64url, to the letter: two spellings would be two thumbprints of one key. */
function text(member: unknown, name: string): string | undefined {
  const value = ownMember(member, name)
  return typeof value === 'string' && value !== '' && decodeBase64url(value) ? value : undefined
}

/** The bytes of an unsigned integer without the zeros in front (RFC 7518 §2). */
function significantBytes(base64url: string): Uint8Array {
  const bytes = decodeBase64url(base64url) ?? new Uint8Array()
  const first = bytes.findIndex((byte) => byte !== 0)
  return first === -1 ? new Uint8Array() : bytes.subarray(first)
}

function bitLength(bytes: Uint8Array): number {
  return bytes.length * 8 - (Math.clz32(bytes[0] ?? 0) - 24)
}
