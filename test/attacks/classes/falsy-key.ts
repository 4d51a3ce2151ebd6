import { TRUST } from '../../conformance/support/app.js'
import { RSA } from '../../conformance/support/keys.js'
import { CLAIMS, compact, HEADER, hmac, mint } from '../../conformance/support/tokens.js'
import type { Attack, SetUp } from '../attack.js'
import { against } from '../support/target.js'

const PEM = RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const SHORTEST = 's'.repeat(32)
const H = JSON.stringify({ ...HEADER, alg: 'HS256' })
const C = JSON.stringify(CLAIMS)
const shared = against({ jwks: undefined, jwksUri: undefined, secret: SHORTEST })

export const falsyKey: Attack = {
  name: 'falsy-key',
  about: 'a key that is none makes no verifier, so that nothing goes unverified',
  source: 'CWE-347, RFC 7518 §3.2',
  refuses: [],
  setUps: [
    secret('an empty secret', ''),
    secret('a null for a secret', null),
    secret('false for a secret', false),
    secret('the number 0 for a secret', 0),
    secret('no bytes for a secret', new Uint8Array()),
    secret('an empty list of secrets', []),
    secret('a list with an empty secret', ['of at least thirty-two bytes, as it should be', '']),
    secret('a password for a secret', 'password'),
    secret('a public key for a secret', PEM),
    keys('an empty JWKS', { keys: [] }),
    keys('a JWKS without keys', {}),
    keys('a null for a JWKS', null),
    { name: 'an empty URL', options: { ...TRUST, jwks: undefined, jwksUri: '' }, option: /jwksUri/ },
  ],
  accepts: [
    shared.accept('a MAC with a secret that is just long enough', compact(H, C, hmac(256, SHORTEST))),
    against().accept('a signature by a key of a JWKS', mint()),
  ],
}

function secret(name: string, value: unknown): SetUp {
  return { name, options: { ...TRUST, jwks: undefined, secret: value }, option: /secret/ }
}

function keys(name: string, jwks: unknown): SetUp {
  return { name, options: { ...TRUST, jwks }, option: /jwks/ }
}
