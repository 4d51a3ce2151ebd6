import { createHash, generateKeyPairSync } from 'node:crypto'
import {
  ED25519,
  P256,
  P384,
  published,
  RSA,
  SMALL_EXPONENT,
  WEAK_RSA,
  type Pair,
} from '../../conformance/support/keys.js'
import { anHourLater, json, serveDocuments } from '../../conformance/support/issuers.js'
import { protect } from '../../conformance/support/app.js'
import { bearer, each, granted, refusal, type Case, type Expected } from '../../conformance/support/table.js'
import { base64url, ISSUER, mint, withSignature } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const GOOD = mint({ exp: FAR })
const KEYS_URI = 'https://keys.example/jwks'
const LARGE = rsa(3072)

type Answerer = () => Response | Promise<Response>

export const weakKey: Attack = {
  name: 'weak-key',
  about: 'a key that can be broken or was made for something else is no key, whoever publishes it',
  source: 'RFC 7518 §3.3, RFC 8725 §3.5',
  refuses: [
    weak('RSA with 1024 bits', WEAK_RSA.jwk, mint({}, {}, WEAK_RSA)),
    weak('RSA with the exponent 3', SMALL_EXPONENT.jwk, mint({}, {}, SMALL_EXPONENT)),
    weak(
      'RSA with the exponent 1, and the padded hash for a signature',
      published(RSA, { kid: 'one', e: 'AQ' }),
      paddedHash(),
    ),
    weak('RSA with an even exponent', published(RSA, { kid: 'even', e: 'AQAC' }), mint({}, { kid: 'even' })),
    weak('RSA with zeros before a short modulus', withZeros(), mint({}, {}, WEAK_RSA)),
    weak(
      'P-384 that says ES256',
      published(P384, { kid: 'x', alg: 'ES256' }),
      mint({}, { kid: 'x', alg: 'ES256' }, P384),
    ),
    weak('a point off the curve', published(P256, { kid: 'x', y: P256.jwk.x }), mint({}, { kid: 'x' }, P256)),
    weak(
      'the point zero',
      published(P256, { kid: 'x', x: zeros(32), y: zeros(32) }),
      mint({}, { kid: 'x' }, P256),
    ),
    weak(
      'Ed25519 of 31 bytes',
      { kty: 'OKP', crv: 'Ed25519', x: zeros(31), kid: 'x' },
      mint({}, { kid: 'x' }, ED25519),
    ),
    weak('a key to encrypt with', published(P256, { kid: 'x', use: 'enc' }), mint({}, { kid: 'x' }, P256)),
    weak(
      'a key to sign with',
      published(P256, { kid: 'x', use: undefined, key_ops: ['sign'] }),
      mint({}, { kid: 'x' }, P256),
    ),
    weak(
      'a private key',
      { ...P256.privateKey.export({ format: 'jwk' }), kid: 'x' },
      mint({}, { kid: 'x' }, P256),
    ),
  ],
  accepts: [
    against({}, [WEAK_RSA.jwk, SMALL_EXPONENT.jwk, RSA.jwk]).accept('a strong key beside weak ones', mint()),
    against({}, [published(RSA, { e: 'AQAB', ext: true, 'x5t#S256': 'x' })]).accept(
      'a key with more members',
      mint(),
    ),
    against({}, [published(P256, { use: undefined, key_ops: ['verify', 'sign'] })]).accept(
      'key_ops with verify among others',
      mint({}, {}, P256),
    ),
    against({}, [LARGE.jwk]).accept('RSA with 3072 bits', mint({}, {}, LARGE)),
  ],
}

const UNAVAILABLE = refusal('keys_unavailable')

export const keysDown: Attack = {
  name: 'keys-down',
  about: 'whatever the issuer answers, a token whose key cannot be had is 503 and never a way in',
  source: 'CWE-636, RFC 9110 §15.6.4',
  refuses: [
    ...each<Answerer>(
      {
        'a refused connection': () => Promise.reject(new TypeError('fetch failed')),
        'a 500': () => new Response('secret-stack-trace', { status: 500 }),
        'a 500 with a good key in it': () =>
          new Response(JSON.stringify({ keys: [RSA.jwk] }), { status: 500 }),
        'a 203 with a good key in it': () =>
          new Response(JSON.stringify({ keys: [RSA.jwk] }), { status: 203 }),
        'a 401': () => new Response('', { status: 401 }),
        'a redirect to the attacker': () =>
          new Response(null, { status: 302, headers: { Location: 'https://attacker.example/jwks' } }),
        HTML: json({ keys: [RSA.jwk] }, 'text/html'),
        'half a document': () => new Response('{"keys":['),
        'no keys': json({ keys: [] }),
        'a list': json([RSA.jwk]),
        null: json(null),
        'a secret alone': json({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'rsa', alg: 'HS256' }] }),
        'a weak key alone': json({ keys: [WEAK_RSA.jwk] }),
        '300 KiB': json({ keys: [RSA.jwk], pad: 'x'.repeat(300 * 1024) }),
        '501 keys': json({ keys: Array.from({ length: 501 }, () => RSA.jwk) }),
      },
      (name, answer) => served(name, answer, GOOD, UNAVAILABLE),
    ),
    described(
      'metadata of another issuer, which know where the keys are',
      'https://other.example',
      UNAVAILABLE,
    ),
    served(
      'a 500, and a token that has expired',
      () => new Response('', { status: 500 }),
      mint(),
      refusal('token_expired'),
    ),
    served(
      'a 500, and alg none',
      () => new Response('', { status: 500 }),
      mint({ exp: FAR }, { alg: 'none' }),
      refusal('algorithm_rejected'),
    ),
  ],
  accepts: [
    described('metadata of its own', ISSUER, granted()),
    served('keys', json({ keys: [RSA.jwk] }), GOOD, granted()),
    served(
      'keys as application/jwk-set+json',
      json({ keys: [RSA.jwk] }, 'application/jwk-set+json'),
      GOOD,
      granted(),
    ),
    served(
      'keys among rubbish',
      json({ keys: [null, 1, 'x', {}, [], { kty: 'RSA' }, RSA.jwk] }),
      GOOD,
      granted(),
    ),
    served(
      'keys beside members that nobody knows',
      json({ keys: [RSA.jwk], __proto: {}, x: [[]] }),
      GOOD,
      granted(),
    ),
    served('200 KiB', json({ keys: [RSA.jwk], pad: 'x'.repeat(200 * 1024) }), GOOD, granted()),
  ],
}

/** The issuer publishes a key that is none beside a good one. */
function weak(name: string, key: object, token: string): Case {
  return against({}, [key, RSA.jwk]).refuse(name, token, 'key_unknown')
}

/** The keys of the issuer, answered by a function; nothing else is asked for. */
function served(name: string, answer: Answerer, token: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: () => {
      const urls = new Set<string>()
      const fetch = async (url: string): Promise<Response> => {
        urls.add(url)
        return answer()
      }
      const app = protect({ jwks: undefined, jwksUri: KEYS_URI, fetch, now: anHourLater() })
      return { app, sent: bearer(token), also: [() => [...urls].filter((url) => url !== KEYS_URI), []] }
    },
  }
}

/** The keys are where the metadata say, and the metadata say of whom they are. */
function described(name: string, issuer: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: () => {
      const { fetch } = serveDocuments({
        [`${ISSUER}/.well-known/oauth-authorization-server`]: json({ issuer, jwks_uri: `${ISSUER}/jwks` }),
        [`${ISSUER}/jwks`]: json({ keys: [RSA.jwk] }),
      })
      return { app: protect({ jwks: undefined, fetch, now: anHourLater() }), sent: bearer(GOOD) }
    },
  }
}

/** With the exponent 1 a signature is the padded hash itself: anybody can write it. */
function paddedHash(): string {
  const token = mint({}, { kid: 'one' })
  const input = token.slice(0, token.lastIndexOf('.'))
  const prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex') // RFC 8017 §9.2, SHA-256
  const hash = Buffer.concat([prefix, createHash('sha256').update(input).digest()])
  const filling = Buffer.alloc(256 - 3 - hash.length, 0xff)
  return withSignature(token, () => Buffer.concat([Buffer.from([0, 1]), filling, Buffer.alloc(1), hash]))
}

/** A modulus of 1024 bits that is written like one of more than 2048. */
function withZeros(): object {
  const n = Buffer.from(String(WEAK_RSA.jwk.n), 'base64url')
  return published(WEAK_RSA, { n: base64url(Buffer.concat([Buffer.alloc(160), n])) })
}

function zeros(length: number): string {
  return base64url(Buffer.alloc(length))
}

function rsa(modulusLength: number): Pair {
  const keys = generateKeyPairSync('rsa', { modulusLength })
  const members = { kid: 'large', alg: 'RS256', use: 'sig' }
  return {
    ...keys,
    kid: 'large',
    alg: 'RS256',
    jwk: { ...keys.publicKey.export({ format: 'jwk' }), ...members },
  }
}
