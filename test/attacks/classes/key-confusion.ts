import { ED25519, JWKS, P256, RSA } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, hmac, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const C = JSON.stringify(CLAIMS)
const SECRET = 'of at least sixty-four bytes, that nobody would guess in a lifetime.'
const withOct = against({}, [{ kty: 'oct', k: base64url(SECRET), kid: 'oct', alg: 'HS256' }, RSA.jwk])
const shared = against({ jwks: undefined, jwksUri: undefined, secret: SECRET })

const SPKI = pem(RSA)
const KEYS: Readonly<Record<string, string | Buffer>> = {
  'the PEM': SPKI,
  'the PEM without its last line break': SPKI.trimEnd(),
  'the PEM with CRLF': SPKI.replaceAll('\n', '\r\n'),
  'the PEM after a byte order mark': `\uFEFF${SPKI}`,
  'the PEM after a line break': `\n${SPKI}`,
  'the PEM without line breaks': SPKI.replaceAll('\n', ''),
  'the PEM of PKCS#1': RSA.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'the DER': RSA.publicKey.export({ type: 'spki', format: 'der' }),
  'the DER in base64': RSA.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  'the JWK': JSON.stringify(RSA.jwk),
  'the JWKS': JSON.stringify(JWKS),
  'the modulus': Buffer.from(String(RSA.jwk.n), 'base64url'),
  'the text of the modulus': String(RSA.jwk.n),
  'the exponent': String(RSA.jwk.e),
  'the kid': RSA.kid,
}

export const keyConfusion: Attack = {
  name: 'key-confusion',
  about: 'what everybody can read is no secret to sign with',
  source: 'RFC 8725 §2.1, CVE-2015-9235, CVE-2016-10555',
  refuses: [
    ...each(KEYS, (name, secret) =>
      api.refuse(`HS256 with ${name}`, forged(256, 'rsa', secret), 'algorithm_rejected'),
    ),
    api.refuse('HS384 with the PEM', forged(384, 'rsa', SPKI), 'algorithm_rejected'),
    api.refuse('HS512 with the PEM', forged(512, 'rsa', SPKI), 'algorithm_rejected'),
    api.refuse('HS256 with the PEM of the EC key', forged(256, 'p256', pem(P256)), 'algorithm_rejected'),
    api.refuse(
      'HS256 with x of the Ed25519 key',
      forged(256, 'ed25519', Buffer.from(String(ED25519.jwk.x), 'base64url')),
      'algorithm_rejected',
    ),
    api.refuse('HS256 in small letters', mac('hs256', hmac(256, SPKI)), 'algorithm_rejected'),
    api.refuse('RS256 with a MAC for a signature', mac('RS256', hmac(256, SPKI)), 'signature_invalid'),
    api.refuse('ES256 that names the RSA key', mint({}, { alg: 'ES256', kid: 'rsa' }, P256), 'key_unknown'),
    api.refuse('Ed25519 that names the EC key', mint({}, { kid: 'p256' }, ED25519), 'key_unknown'),
    withOct.refuse('HS256 with a secret that the JWKS has', forged(256, 'oct', SECRET), 'algorithm_rejected'),
    shared.refuse('RS256, where only a secret is configured', mint(), 'algorithm_rejected'),
  ],
  accepts: [
    withOct.accept('RS256 by the key beside a secret', mint()),
    shared.accept('HS256 with the secret that is configured', forged(256, 'any', SECRET)),
    api.accept('ES256 by the EC key', mint({}, {}, P256)),
  ],
}

function pem({ publicKey }: typeof RSA): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString()
}

function forged(bits: 256 | 384 | 512, kid: string, secret: string | Buffer): string {
  return compact(JSON.stringify({ ...HEADER, alg: `HS${bits}`, kid }), C, hmac(bits, secret))
}

function mac(alg: string, make: ReturnType<typeof hmac>): string {
  return compact(JSON.stringify({ ...HEADER, alg }), C, make)
}
