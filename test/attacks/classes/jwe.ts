import { constants, createCipheriv, pbkdf2Sync, publicEncrypt, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { RSA } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const strict = against({ profile: 'at+jwt' })
const GOOD = mint()
const UNSIGNED = compact('{"alg":"none"}', JSON.stringify(CLAIMS), () => Buffer.alloc(0))

const CONTENTS: Readonly<Record<string, string | Buffer>> = {
  'an unsigned token': UNSIGNED,
  'a good token': GOOD,
  'bare claims': JSON.stringify(CLAIMS),
  'another encrypted token': forPublicKey(GOOD),
  nothing: '',
}

export const jweWrapping: Attack = {
  name: 'jwe-wrapping',
  about: 'that something is encrypted for a key says nothing about who wrote it',
  source: 'CVE-2026-29000, RFC 8725 §3.6',
  refuses: [
    ...each(CONTENTS, (name, content) =>
      api.refuse(`${name}, encrypted for the public key`, forPublicKey(content), 'token_malformed', {
        detail: /encrypted/,
      }),
    ),
    ...each(CONTENTS, (name, content) =>
      api.refuse(
        `${name}, encrypted directly`,
        encrypted({ alg: 'dir', enc: 'A128GCM', kid: 'rsa' }, content),
        'token_malformed',
      ),
    ),
    api.refuse(
      'cty JWT in a signed token',
      compact(JSON.stringify({ ...HEADER, cty: 'JWT' }), GOOD),
      'type_rejected',
    ),
    api.refuse(
      'an encryption algorithm in a signed token',
      mint({}, { alg: 'RSA-OAEP', enc: 'A128GCM' }),
      'algorithm_rejected',
    ),
    strict.refuse('a good token, encrypted, in the profile at+jwt', forPublicKey(GOOD), 'token_malformed'),
  ],
  accepts: [
    api.accept('the signed token inside', GOOD),
    api.accept(
      'a signed token with enc and zip, which mean nothing there',
      mint({}, { enc: 'A128GCM', zip: 'DEF' }),
    ),
    api.accept('a claim that is an encrypted token', mint({ wrapped: forPublicKey('x') })),
  ],
}

export const jweCost: Attack = {
  name: 'jwe-cost',
  about: 'nothing is decrypted, derived or unpacked',
  source: 'CVE-2024-28176, CVE-2023-52428, RFC 7518 §8.1',
  refuses: [
    api.refuse('a bomb of 64 MiB', bomb(2 ** 26), 'token_too_large'),
    api.refuse('a bomb of 4 MiB', bomb(2 ** 22), 'token_malformed'),
    ...each(
      { 'two thousand million': 2_000_000_000, 'a million': 1_000_000, zero: 0, 'minus one': -1 },
      (name, p2c) =>
        api.refuse(
          `a password with ${name} iterations`,
          encrypted({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'AAAAAAAAAAA', p2c }, GOOD),
          'token_malformed',
        ),
    ),
    api.refuse('a password, at a normal price', password(), 'token_malformed'),
    api.refuse('an ephemeral key off the curve', encrypted(offCurve(), GOOD), 'token_malformed'),
    api.refuse(
      'RSA1_5, which answers by its time',
      encrypted({ alg: 'RSA1_5', enc: 'A128CBC-HS256' }, GOOD),
      'token_malformed',
    ),
    api.refuse('five empty segments', '....', 'token_malformed'),
  ],
  accepts: [
    api.accept(
      'p2c in a signed token, where it means nothing',
      mint({}, { p2c: 2_000_000_000, p2s: 'AAAA' }),
    ),
    api.accept('a long claim', mint({ note: 'x'.repeat(10_000) })),
  ],
}

function forPublicKey(content: string | Buffer): string {
  const key = randomBytes(16)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const sealed = publicEncrypt({ key: RSA.publicKey, padding }, key)
  return encrypted({ alg: 'RSA-OAEP', enc: 'A128GCM', cty: 'JWT', kid: 'rsa' }, content, key, sealed)
}

/** Writes a JWE in compact serialization (RFC 7516 §3.1), encrypted with AES-128 in GCM. */
function encrypted(
  header: object,
  content: string | Buffer,
  key: Buffer = Buffer.alloc(16, 1),
  sealed: Buffer = Buffer.alloc(0),
): string {
  const first = base64url(JSON.stringify(header))
  const iv = Buffer.alloc(12, 2)
  const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(Buffer.from(first))
  const text = Buffer.concat([cipher.update(content), cipher.final()])
  return [first, ...[sealed, iv, text, cipher.getAuthTag()].map(base64url)].join('.')
}

function bomb(bytes: number): string {
  return encrypted({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' }, deflateRawSync(Buffer.alloc(bytes)))
}

function password(): string {
  const key = pbkdf2Sync('password', 'salt', 1000, 16, 'sha256')
  return encrypted({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'c2FsdA', p2c: 1000 }, GOOD, key)
}

function offCurve(): object {
  return { alg: 'ECDH-ES', enc: 'A128GCM', epk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } }
}
