import { TRUST } from '../../conformance/support/app.js'
import { ED25519, P256, P384, published, RSA } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import { CLAIMS, compact, HEADER, hmac, mint } from '../../conformance/support/tokens.js'
import type { Attack, SetUp } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const onlyEcdsa = against({ algorithms: ['ES256'] })
const onlyOldName = against({ algorithms: ['EdDSA'] })
const rsaForPs = against({}, [published(RSA, { alg: 'PS256' })])
const ecForAny = against({}, [published(P256, { alg: undefined })])
const rsaForAny = against({}, [published(RSA, { alg: undefined })])
const C = JSON.stringify(CLAIMS)

export const algorithmList: Attack = {
  name: 'algorithm-list',
  about: 'an algorithm is on the list and is that of the key, or nothing is checked with it',
  source: 'RFC 8725 §3.1, CVE-2022-23539',
  refuses: [
    ...each({ RS384: 1, RS512: 2, PS256: 3, PS384: 4, PS512: 5 }, (alg) =>
      api.refuse(`${alg} by a key for RS256`, mint({}, { alg }), 'key_unknown'),
    ),
    onlyEcdsa.refuse('RS256, which is not listed', mint(), 'algorithm_rejected'),
    onlyEcdsa.refuse('ES384, which is not listed', mint({}, {}, P384), 'algorithm_rejected'),
    onlyEcdsa.refuse('Ed25519, which is not listed', mint({}, {}, ED25519), 'algorithm_rejected'),
    onlyEcdsa.refuse('es256 in small letters', mint({}, { alg: 'es256' }, P256), 'algorithm_rejected'),
    onlyEcdsa.refuse('ES256 with a space behind it', mint({}, { alg: 'ES256 ' }, P256), 'algorithm_rejected'),
    api.refuse('ES256K, which nobody here has', mint({}, { alg: 'ES256K' }, P256), 'algorithm_rejected'),
    api.refuse('RS1', mint({}, { alg: 'RS1' }), 'algorithm_rejected'),
    api.refuse('the name of a hash', mint({}, { alg: 'SHA256' }), 'algorithm_rejected'),
    ecForAny.refuse(
      'ES384 by a key of P-256 that says nothing',
      mint({}, { alg: 'ES384' }, P256),
      'key_unknown',
    ),
    api.refuse('ES384 by the key for ES256', mint({}, { alg: 'ES384' }, P256), 'key_unknown'),
    onlyOldName.refuse(
      'EdDSA by a key for Ed25519, which is not listed',
      mint({}, { alg: 'EdDSA' }, ED25519),
      'key_unknown',
    ),
    rsaForPs.refuse('RS256 by a key for PS256', mint(), 'key_unknown'),
    rsaForAny.refuse('PS256 by an RSA key that says nothing', mint({}, { alg: 'PS256' }), 'key_unknown'),
  ],
  accepts: [
    rsaForPs.accept('PS256 by a key for PS256', mint({}, { alg: 'PS256' })),
    rsaForAny.accept('RS256 by an RSA key that says nothing', mint()),
    onlyEcdsa.accept('ES256, which is listed', mint({}, {}, P256)),
    api.accept('EdDSA by the key for Ed25519, which is the same', mint({}, { alg: 'EdDSA' }, ED25519)),
    api.accept('ES384 by a key for it', mint({}, {}, P384)),
  ],
}

const plain = against({ algorithms: undefined })

export const missingAlgorithms: Attack = {
  name: 'missing-algorithms',
  about: 'without a list of algorithms only signatures count, and a list is never empty or mixed',
  source: 'CVE-2020-15084, RFC 8725 §3.1',
  refuses: [
    plain.refuse('none', mint({}, { alg: 'none' }), 'algorithm_rejected'),
    ...each({ HS256: 256, HS384: 384, HS512: 512 } as const, (alg, bits) =>
      plain.refuse(
        alg,
        compact(JSON.stringify({ ...HEADER, alg }), C, hmac(bits, 'x'.repeat(64))),
        'algorithm_rejected',
      ),
    ),
    plain.refuse('no alg', mint({}, { alg: undefined }), 'algorithm_rejected'),
    plain.refuse('dir', mint({}, { alg: 'dir' }), 'algorithm_rejected'),
  ],
  setUps: [
    listed('an empty list', []),
    listed('none', ['none']),
    listed('none beside another', ['RS256', 'none']),
    listed('a MAC for public keys', ['HS256']),
    listed('both kinds', ['RS256', 'HS256']),
    listed('a text', 'RS256'),
    listed('null', null),
    listed('a wildcard', ['*']),
    listed('a pattern', [/RS/]),
  ],
  accepts: [
    plain.accept('RS256', mint()),
    plain.accept('ES256', mint({}, {}, P256)),
    plain.accept('Ed25519', mint({}, {}, ED25519)),
  ],
}

function listed(name: string, algorithms: unknown): SetUp {
  return { name: `${name} for algorithms`, options: { ...TRUST, algorithms }, option: /algorithms/ }
}
