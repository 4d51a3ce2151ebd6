import { each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, hmac } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const SECRET = 'of at least sixty-four bytes, that nobody would guess in a lifetime.'
const NEXT = 'another one, for a rotation, as long as the one that came before it.'
const C = JSON.stringify(CLAIMS)

const api = against()
const shared = against({ jwks: undefined, jwksUri: undefined, secret: SECRET })
const rotating = against({ jwks: undefined, jwksUri: undefined, secret: [SECRET, NEXT] })
const strong = against({ jwks: undefined, jwksUri: undefined, secret: SECRET, algorithms: ['HS512'] })

const GUESSES: Readonly<Record<string, string | Buffer>> = {
  'an empty text': '',
  undefined: 'undefined',
  null: 'null',
  '[object Object]': '[object Object]',
  secret: 'secret',
  '32 zeros': Buffer.alloc(32),
  '64 zeros': Buffer.alloc(64),
  'one zero': Buffer.alloc(1),
  'the kid': 'rsa',
  'the issuer': String(CLAIMS['iss']),
}

export const guessableSecret: Attack = {
  name: 'guessable-secret',
  about: 'a MAC with a key that anybody can guess is no signature',
  source: 'RFC 8725 §2.2, CVE-2019-20933',
  refuses: [
    ...each(GUESSES, (name, secret) =>
      shared.refuse(`${name}, where a secret is configured`, hs256(secret), 'signature_invalid'),
    ),
    ...each(GUESSES, (name, secret) =>
      api.refuse(`${name}, where public keys are configured`, hs256(secret), 'algorithm_rejected'),
    ),
    api.refuse('an empty secret and a kid of nobody', hs256('', 'nobody'), 'algorithm_rejected'),
    shared.refuse('the first half of the secret', hs256(SECRET.slice(0, 32)), 'signature_invalid'),
    shared.refuse('the secret and a line break', hs256(`${SECRET}\n`), 'signature_invalid'),
    shared.refuse('the secret in base64url', hs256(base64url(SECRET)), 'signature_invalid'),
    rotating.refuse('both secrets, one after the other', hs256(SECRET + NEXT), 'signature_invalid'),
  ],
  accepts: [
    shared.accept('the secret', hs256(SECRET)),
    shared.accept('the secret, under a kid of nobody', hs256(SECRET, 'nobody')),
    rotating.accept('the second of two secrets', hs256(NEXT)),
    shared.accept('the secret as bytes', hs256(Buffer.from(SECRET))),
    strong.accept(
      'HS512, where the list says so',
      compact(JSON.stringify({ ...HEADER, alg: 'HS512' }), C, hmac(512, SECRET)),
    ),
  ],
}

function hs256(secret: string | Buffer, kid?: string): string {
  return compact(JSON.stringify({ ...HEADER, alg: 'HS256', kid }), C, hmac(256, secret))
}
