import { ED25519, P256, published, RSA, STRANGER } from '../../conformance/support/keys.js'
import { bearer, each, granted, on, refusal, type Case } from '../../conformance/support/table.js'
import { base64url, ISSUER, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { ATTACKER } from '../support/attacker.js'
import { against, discovering, tenants } from '../support/target.js'

const api = against()
const found = on(discovering())
const chosen = tenants({ allow: [ISSUER] })
const trusting = on(tenants({ allow: () => true }))
const vague = on(tenants({ allow: () => 'yes' as unknown as boolean }))

type Header = Readonly<Record<string, unknown>>

const POINTERS: Readonly<Record<string, Header>> = {
  jwk: { jwk: STRANGER.jwk },
  'jwk, with the kid of the issuer in it': { jwk: published(STRANGER, { kid: 'rsa' }) },
  jku: { jku: `${ATTACKER}/jwks` },
  'jku with the issuer before an at sign': { jku: `${ATTACKER.replace('//', `//${ISSUER.slice(8)}@`)}/jwks` },
  'jku that redirects in its query': { jku: `${ISSUER}/redirect?to=${ATTACKER}/jwks` },
  x5u: { x5u: `${ATTACKER}/chain.pem` },
  x5c: { x5c: [STRANGER.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')] },
  'x5t and x5c': { x5t: base64url('x'.repeat(20)), x5c: [base64url('no certificate')] },
  'all of them': { jwk: STRANGER.jwk, jku: `${ATTACKER}/jwks`, x5u: `${ATTACKER}/x`, x5c: [''] },
}

export const embeddedKey: Attack = {
  name: 'embedded-key',
  about: 'a token names no key of its own, and nothing that it points to is fetched',
  source: 'CVE-2018-0114, RFC 8725 §3.10',
  refuses: [
    ...each(POINTERS, (name, header) =>
      api.refuse(`a key in ${name}`, mint({}, header, STRANGER), 'signature_invalid'),
    ),
    found.refuse(
      'a key in jwk, where keys are discovered',
      mint({}, { jwk: STRANGER.jwk }, STRANGER),
      'signature_invalid',
    ),
    api.refuse('a URL for a kid', mint({}, { kid: `${ATTACKER}/jwks` }, STRANGER), 'key_unknown'),
    api.refuse(
      'no kid beside the key in jwk',
      mint({}, { kid: undefined, jwk: STRANGER.jwk }, STRANGER),
      'signature_invalid',
    ),
    found.refuse(
      'an issuer with metadata of its own',
      mint({ iss: ATTACKER }, {}, STRANGER),
      'issuer_unknown',
    ),
    found.refuse(
      'an issuer that is a path under the right one',
      mint({ iss: `${ISSUER}/../${ATTACKER}` }, {}, STRANGER),
      'issuer_unknown',
    ),
    tenant('a tenant that is not on the list', ATTACKER),
    tenant('a tenant at an address inside', 'http://169.254.169.254'),
    ...each<unknown>(
      {
        'at an address': 'https://169.254.169.254',
        'at an address in another spelling': 'https://0xa9.254.43518',
        'at this machine': 'https://localhost',
        'in a network of our own': 'https://keys.internal',
        'over http': 'http://issuer.example',
        'with a user name': 'https://issuer.example@attacker.example',
        'with a query': `${ISSUER}?to=${ATTACKER}`,
        'with a path that goes back': `${ISSUER}/a/../b`,
        'with a name of 600 characters': `${ISSUER}/${'a'.repeat(600)}`,
        'in a list': [ISSUER],
      },
      (name, iss) =>
        trusting.refuse(`a tenant ${name}, where any will do`, mint({ iss }, {}, STRANGER), 'issuer_unknown'),
    ),
    vague.refuse('a tenant of which the app says neither yes nor no', mint(), 'issuer_unknown'),
    api.refuse(
      'a jwk with a private key',
      mint({}, { jwk: { ...STRANGER.privateKey.export({ format: 'jwk' }) } }, STRANGER),
      'signature_invalid',
    ),
    api.refuse(
      'a jwk with a secret',
      mint({}, { jwk: { kty: 'oct', k: 'AAAA' } }, STRANGER),
      'signature_invalid',
    ),
  ],
  accepts: [
    ...each(POINTERS, (name, header) =>
      api.accept(`the issuer's signature beside a foreign key in ${name}`, mint({}, header)),
    ),
    api.accept('ES256 with a foreign jku', mint({}, { jku: `${ATTACKER}/jwks` }, P256)),
    api.accept('Ed25519 with a foreign jwk', mint({}, { jwk: RSA.jwk }, ED25519)),
    api.accept('claims that are URLs', mint({ picture: `${ATTACKER}/a.png`, profile: ATTACKER })),
    trusting.accept('a tenant that a function lets in', mint()),
    found.accept('keys that are discovered', mint({}, { jku: `${ATTACKER}/jwks` })),
    {
      name: 'a tenant that is on the list',
      scene: () => ({ app: chosen, sent: bearer(mint()) }),
      expected: granted(),
    },
  ],
}

function tenant(name: string, iss: string): Case {
  return {
    name,
    scene: () => ({ app: chosen, sent: bearer(mint({ iss }, {}, STRANGER)) }),
    expected: refusal('issuer_unknown'),
  }
}
