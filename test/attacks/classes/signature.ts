import { constants, createHash, sign } from 'node:crypto'
import { ED25519, P256, P384, P521, published, RSA, STRANGER } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import {
  base64url,
  CLAIMS,
  compact,
  HEADER,
  hmac,
  mint,
  withSignature,
  type Signer,
} from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const SECRET = 'of at least sixty-four bytes, that nobody would guess in a lifetime.'

const api = against()
const pool = against({ offload: 'always' })
const salted = against({}, [published(RSA, { alg: 'PS256' })])
const shared = against({ jwks: undefined, jwksUri: undefined, secret: SECRET })
const CLAIMS_INPUT = base64url(JSON.stringify(CLAIMS))

// The orders of P-256 and of the base point of Ed25519 (RFC 8032 §5.1, the latter with its lowest byte first).
const N = hex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const L = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** The neutral point of Ed25519, and one of order 8. */
const NEUTRAL = hex(`01${'00'.repeat(31)}`)
const SMALL_ORDER = hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')

type Change = (bytes: Buffer) => Buffer

export const signature: Attack = {
  name: 'signature',
  about: 'a signature is the numbers that the key makes of this input, all of them and nothing else',
  source: 'CVE-2022-21449, RFC 7518 §3.4, RFC 8032 §5.1.7',
  refuses: [
    ...each<Change>(
      {
        'r and s zero': () => Buffer.alloc(64),
        'r zero': (bytes) => Buffer.concat([Buffer.alloc(32), bytes.subarray(32)]),
        's zero': (bytes) => Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)]),
        'r and s one': () => Buffer.concat([one(), one()]),
        'r and s the order': () => Buffer.concat([N, N]),
        'r plus the order': (bytes) => Buffer.concat([plus(bytes.subarray(0, 32), N), bytes.subarray(32)]),
        's plus the order': (bytes) => Buffer.concat([bytes.subarray(0, 32), plus(bytes.subarray(32), N)]),
        'all bits set': () => Buffer.alloc(64, 0xff),
        'r and s exchanged': (bytes) => Buffer.concat([bytes.subarray(32), bytes.subarray(0, 32)]),
        DER: toDer,
        'one byte less': (bytes) => bytes.subarray(0, 63),
        'one byte more': (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
        'a zero before each number': (bytes) =>
          Buffer.concat([Buffer.alloc(1), bytes.subarray(0, 32), Buffer.alloc(1), bytes.subarray(32)]),
        'the length of ES384': (bytes) => Buffer.concat([bytes, Buffer.alloc(32)]),
        'twice the same': (bytes) => Buffer.concat([bytes, bytes]),
        nothing: () => Buffer.alloc(0),
      },
      (name, change) =>
        api.refuse(`ES256: ${name}`, withSignature(mint({}, {}, P256), change), 'signature_invalid'),
    ),
    ...each<Change>(
      {
        's plus the order': (bytes) =>
          Buffer.concat([bytes.subarray(0, 32), plusLittle(bytes.subarray(32), L)]),
        'the neutral point and zero': () => Buffer.concat([NEUTRAL, Buffer.alloc(32)]),
        'a point of order 8 and zero': () => Buffer.concat([SMALL_ORDER, Buffer.alloc(32)]),
        'all zeros': () => Buffer.alloc(64),
        'half of it': (bytes) => bytes.subarray(0, 32),
        'the length of Ed448': (bytes) => Buffer.concat([bytes, Buffer.alloc(50)]),
      },
      (name, change) =>
        api.refuse(`Ed25519: ${name}`, withSignature(mint({}, {}, ED25519), change), 'signature_invalid'),
    ),
    ...each<Change>(
      {
        nothing: () => Buffer.alloc(0),
        'all zeros': (bytes) => Buffer.alloc(bytes.length),
        'the number one': (bytes) => Buffer.from(bytes.map((_, at) => (at === bytes.length - 1 ? 1 : 0))),
        'the modulus': () => Buffer.from(String(RSA.jwk.n), 'base64url'),
        'a padding and no hash': (bytes) => padded(bytes.length, Buffer.alloc(0)),
        'the padded hash, which is what exponent 1 takes': (bytes) =>
          padded(bytes.length, createHash('sha256').update(CLAIMS_INPUT).digest()),
        'a zero before it': (bytes) => Buffer.concat([Buffer.alloc(1), bytes]),
        'without its first byte': (bytes) => bytes.subarray(1),
        'one bit changed': (bytes) => Buffer.from(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte))),
        'its bytes in reverse': (bytes) => Buffer.from(bytes.toReversed()),
      },
      (name, change) => api.refuse(`RS256: ${name}`, withSignature(mint(), change), 'signature_invalid'),
    ),
    ...each<Change>(
      {
        nothing: () => Buffer.alloc(0),
        'its first byte': (bytes) => bytes.subarray(0, 1),
        'its first half': (bytes) => bytes.subarray(0, 16),
        'one byte more': (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
        'one bit of its last byte changed': (bytes) =>
          Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
        'all zeros': (bytes) => Buffer.alloc(bytes.length),
      },
      (name, change) => shared.refuse(`HS256: ${name}`, withSignature(hs256(), change), 'signature_invalid'),
    ),
    ...each(
      { 'no salt': 0, 'a salt of 20 bytes': 20, 'the longest salt': constants.RSA_PSS_SALTLEN_MAX_SIGN },
      (name, saltLength) => salted.refuse(`PS256: ${name}`, ps256(saltLength), 'signature_invalid'),
    ),
    pool.refuse(
      'RS256: by a stranger, checked in the thread pool',
      mint({}, {}, STRANGER),
      'signature_invalid',
    ),
    api.refuse('RS256: by a stranger under the same kid', mint({}, {}, STRANGER), 'signature_invalid'),
    api.refuse('RS256: other claims under a good signature', swapped(1), 'signature_invalid'),
    api.refuse('RS256: another header under a good signature', swapped(0), 'signature_invalid'),
  ],
  accepts: [
    api.accept('ES256', mint({}, {}, P256)),
    api.accept('ES256: the twin (r, n − s), which is as good', withSignature(mint({}, {}, P256), twin)),
    ...each({ 'r begins': 0, 's begins': 32 }, (name, at) =>
      api.accept(`ES256: ${name} with a zero`, beginningWithZero(at)),
    ),
    api.accept('ES384, with its own length', mint({}, {}, P384)),
    api.accept('ES512, whose numbers are the longest', mint({}, {}, P521)),
    api.accept('Ed25519', mint({}, {}, ED25519)),
    api.accept('RS256', mint()),
    pool.accept('RS256, checked in the thread pool', mint()),
    salted.accept('PS256, with a salt as long as the hash', ps256(32)),
    shared.accept('HS256', hs256()),
  ],
}

/** A good token, one segment of which is that of another good token. */
function swapped(at: 0 | 1): string {
  const segments = mint().split('.')
  segments[at] = mint({ sub: 'admin' }, { typ: 'JWT' }).split('.')[at] ?? ''
  return segments.join('.')
}

function hs256(): string {
  return compact(JSON.stringify({ ...HEADER, alg: 'HS256' }), JSON.stringify(CLAIMS), hmac(256, SECRET))
}

/** Salts the signature with so many bytes. */
function ps256(saltLength: number): string {
  const key = { key: RSA.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  const make: Signer = (input) => sign('sha256', Buffer.from(input), key)
  return compact(JSON.stringify({ ...HEADER, alg: 'PS256' }), JSON.stringify(CLAIMS), make)
}

/** A number begins with a zero that no sign needs: one in 512 does. */
function beginningWithZero(at: number): string {
  for (;;) {
    const token = mint({}, {}, P256)
    const bytes = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')
    if (bytes[at] === 0 && (bytes[at + 1] ?? 0) < 0x80) return token
  }
}

function twin(bytes: Buffer): Buffer {
  const s = BigInt(`0x${N.toString('hex')}`) - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  return Buffer.concat([bytes.subarray(0, 32), hex(s.toString(16).padStart(64, '0'))])
}

/** Adds two numbers and keeps 32 bytes of the sum. */
function plus(a: Buffer, b: Buffer): Buffer {
  const sum = BigInt(`0x${a.toString('hex')}`) + BigInt(`0x${b.toString('hex')}`)
  return hex(BigInt.asUintN(256, sum).toString(16).padStart(64, '0'))
}

/** The same for numbers with their lowest byte first. */
function plusLittle(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(plus(Buffer.from(a.toReversed()), Buffer.from(b.toReversed())).toReversed())
}

/** Pads as RFC 8017 §9.2 does, without saying which hash it is. */
function padded(length: number, hash: Buffer): Buffer {
  return Buffer.concat([hex('0001'), Buffer.alloc(length - hash.length - 3, 0xff), Buffer.alloc(1), hash])
}

/** Writes two numbers the way that certificates have them. */
function toDer(bytes: Buffer): Buffer {
  const numbers = [bytes.subarray(0, 32), bytes.subarray(32)].map((number) =>
    Buffer.concat([hex('022100'), number]),
  )
  return Buffer.concat([hex('3046'), ...numbers])
}

function one(): Buffer {
  return hex('01'.padStart(64, '0'))
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
