import { createApp, protect, TRUST } from '../support/app.js'
import {
  ec,
  ED25519,
  JWKS,
  P256,
  P384,
  published,
  RSA,
  SMALL_EXPONENT,
  STRANGER,
  WEAK_RSA,
  type Pair,
} from '../support/keys.js'
import { each, on, type Cases, type Row } from '../support/table.js'
import { base64url, CLAIMS, compact, HEADER, hmac, ISSUER, mint, withSignature } from '../support/tokens.js'

const GOOD = mint()
const [HEADER_PART = '', , SIGNATURE_PART = ''] = GOOD.split('.')
const C = JSON.stringify(CLAIMS)

const SECRET = 'a secret of at least sixty-four bytes, that nobody would ever guess.'
const PEM = RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** The order of the curve P-256. */
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')

const SECOND = { iss: 'https://second.example', aud: 'second-api' }
const THIRD = { iss: 'https://third.example', aud: 'third-api' }
const TWIN = ec('twin', 'ES256', 'P-256')
const FIVE = [
  P256,
  TWIN,
  ec('c', 'ES256', 'P-256'),
  ec('d', 'ES256', 'P-256'),
  ec('e', 'ES256', 'P-256'),
] as const
const [FIRST_OF_FIVE, , , FOURTH_OF_FIVE, FIFTH_OF_FIVE] = FIVE

const api = on(protect())
const shared = on(protect({ jwks: undefined, secret: SECRET }))
const onlyEcdsa = on(protect({ algorithms: ['ES256'] }))
const withOct = withKeys({ kty: 'oct', k: base64url(SECRET), kid: 'oct', alg: 'HS256' })
const withoutAlg = on(protect({ jwks: { keys: [published(RSA, { alg: undefined })] } }))
const manyUnderOneKid = on(protect({ jwks: { keys: FIVE.map((key) => published(key, { kid: 'shared' })) } }))
const several = on(
  createApp((verify) => {
    const verifier = verify({
      now: TRUST.now,
      issuers: [
        { issuer: ISSUER, audience: TRUST.audience, jwks: sharing(RSA), algorithms: ['RS256'] },
        { issuer: SECOND.iss, audience: SECOND.aud, jwks: sharing(P256), algorithms: ['ES256'] },
        { issuer: THIRD.iss, audience: THIRD.aud, jwks: sharing(TWIN) },
      ],
    })
    return { steps: ({ requireJwt }) => [requireJwt(verifier)] }
  }),
)

/** Keys that no API can use, each for a reason of its own, and one that it can. */
const UNUSABLE: readonly object[] = [
  published(P256, { kid: 'x', use: 'enc' }),
  published(P256, { kid: 'x', key_ops: ['sign'], use: undefined }),
  published(P256, { kid: 'x', y: P256.jwk.x }),
  published(P256, { kid: 'x', kty: 'ECX' }),
  published(P256, { kid: 1 }),
  { kty: 'oct', k: 'AAAA' },
  { kty: 'RSA', n: 'AQAB' },
  WEAK_RSA.jwk,
  ...([null, 'text', 1, [], {}] as unknown as object[]),
  RSA.jwk,
]

const SIGN_NONE = (): Buffer => Buffer.alloc(0)

/** Section "Tokens": algorithms, keys and signatures. */
export const signatures: readonly Row[] = [
  {
    rules: ['JWT-05', 'JWT-06'],
    about: 'alg is one of the list, to the letter, and none is no member of any list',
    refuses: [
      ...each(
        {
          none: 'none',
          noNe: 'noNe',
          NONE: 'NONE',
          nOnE: 'nOnE',
          'none with a space': 'none ',
          'a long-tailed none': 'n\u043Ene',
        },
        (name, alg) =>
          api.refuse(
            `${name}, with an empty signature`,
            compact(JSON.stringify({ ...HEADER, alg }), C, SIGN_NONE),
            'algorithm_rejected',
          ),
      ),
      ...each(
        {
          'none, signed': 'none',
          'nOnE, signed': 'nOnE',
          rs256: 'rs256',
          'RS256 with a space': 'RS256 ',
          'a list': ['RS256'],
          null: null,
          'a number': 256,
          'a name of Object.prototype': 'toString',
          'the name of every prototype': '__proto__',
          nothing: undefined,
          ES256K: 'ES256K',
          'an encryption algorithm': 'RSA-OAEP',
        },
        (name, alg) => api.refuse(name, mint({}, { alg }), 'algorithm_rejected'),
      ),
    ],
    accepts: [api.accept('RS256', GOOD)],
  },
  {
    rules: ['JWT-05', 'JWT-07'],
    about: 'an algorithm outside the list of the options is refused, though key and signature are right',
    refuses: [
      onlyEcdsa.refuse('RS256', GOOD, 'algorithm_rejected'),
      onlyEcdsa.refuse('ES384', mint({}, {}, P384), 'algorithm_rejected'),
      onlyEcdsa.refuse('Ed25519', mint({}, {}, ED25519), 'algorithm_rejected'),
    ],
    accepts: [
      onlyEcdsa.accept('ES256', mint({}, {}, P256)),
      api.accept('ES384, where the list has it', mint({}, {}, P384)),
    ],
  },
  {
    rules: ['JWT-07'],
    about: 'a key is used with its own algorithm only',
    refuses: [
      api.refuse('PS256 by a key for RS256', mint({}, { alg: 'PS256' }), 'key_unknown'),
      api.refuse('RS512 by a key for RS256', mint({}, { alg: 'RS512' }), 'key_unknown'),
      api.refuse('ES256 that names an RSA key', mint({}, { alg: 'ES256', kid: 'rsa' }, P256), 'key_unknown'),
      api.refuse('Ed25519 that names a P-256 key', mint({}, { kid: 'p256' }, ED25519), 'key_unknown'),
      withoutAlg.refuse('PS256 by an RSA key without alg', mint({}, { alg: 'PS256' }), 'key_unknown'),
    ],
    accepts: [
      api.accept('RS256', GOOD),
      api.accept('ES256', mint({}, {}, P256)),
      on(protect({ jwks: { keys: [published(RSA, { alg: 'PS256' })] } })).accept(
        'PS256 by a key for PS256',
        mint({}, { alg: 'PS256' }),
      ),
      withoutAlg.accept('RS256 by an RSA key without alg', GOOD),
      on(protect({ algorithms: ['PS256'], jwks: { keys: [published(RSA, { alg: undefined })] } })).accept(
        'PS256 by an RSA key without alg, where the list has no other for RSA',
        mint({}, { alg: 'PS256' }),
      ),
    ],
  },
  {
    rules: ['JWT-08'],
    about: 'a published key is never a secret',
    refuses: each(
      {
        PEM: PEM,
        'PEM without its last line break': PEM.trim(),
        'PEM with CRLF': PEM.replaceAll('\n', '\r\n'),
        'PEM of PKCS#1': RSA.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
        DER: RSA.publicKey.export({ type: 'spki', format: 'der' }),
        'the JWK': JSON.stringify(RSA.jwk),
        'the JWKS': JSON.stringify(JWKS),
        'the modulus': Buffer.from(String(RSA.jwk.n), 'base64url'),
        'an empty secret': '',
        undefined: 'undefined',
        'zero bytes': Buffer.alloc(32),
      },
      (name, secret) =>
        api.refuse(
          `HS256 with ${name}`,
          compact(JSON.stringify({ ...HEADER, alg: 'HS256' }), C, hmac(256, secret)),
          'algorithm_rejected',
        ),
    ),
    accepts: [api.accept('RS256', GOOD)],
  },
  {
    rules: ['JWT-08', 'JWT-15'],
    about: 'a secret in a JWKS is no key',
    refuses: [
      withOct.refuse('HS256 by it', hs256({ kid: 'oct' }), 'algorithm_rejected'),
      withOct.refuse('RS256 that names it', mint({}, { kid: 'oct' }), 'key_unknown'),
    ],
    accepts: [withOct.accept('RS256 by the key beside it', GOOD)],
  },
  {
    rules: ['JWT-08', 'JWT-05'],
    about: 'with a secret, only its HMAC is accepted',
    refuses: [
      shared.refuse(
        'another secret',
        compact(JSON.stringify({ ...HEADER, alg: 'HS256' }), C, hmac(256, `${SECRET}.`)),
        'signature_invalid',
      ),
      shared.refuse('RS256', GOOD, 'algorithm_rejected'),
      shared.refuse(
        'HS512, which the list has not',
        compact(JSON.stringify({ ...HEADER, alg: 'HS512' }), C, hmac(512, SECRET)),
        'algorithm_rejected',
      ),
      shared.refuse(
        'none',
        compact(JSON.stringify({ ...HEADER, alg: 'none' }), C, SIGN_NONE),
        'algorithm_rejected',
      ),
      shared.refuse(
        'an empty signature',
        compact(JSON.stringify({ ...HEADER, alg: 'HS256' }), C, SIGN_NONE),
        'signature_invalid',
      ),
      shared.refuse(
        'half a signature',
        compact(JSON.stringify({ ...HEADER, alg: 'HS256' }), C, (input) =>
          hmac(256, SECRET)(input).subarray(0, 16),
        ),
        'signature_invalid',
      ),
    ],
    accepts: [
      shared.accept('HS256', hs256({ kid: undefined })),
      shared.accept('HS256 with a kid', hs256({ kid: 'any' })),
    ],
  },
  {
    rules: ['JWT-10'],
    about: 'weak keys are no keys',
    refuses: [
      withKeys(WEAK_RSA.jwk).refuse('RSA with 1024 bits', mint({}, {}, WEAK_RSA), 'key_unknown'),
      withKeys(SMALL_EXPONENT.jwk).refuse(
        'RSA with the exponent 3',
        mint({}, {}, SMALL_EXPONENT),
        'key_unknown',
      ),
      withKeys(published(P384, { kid: 'mixed', alg: 'ES256' })).refuse(
        'P-384 for ES256',
        mint({}, { kid: 'mixed', alg: 'ES256' }, P384),
        'key_unknown',
      ),
    ],
    accepts: [
      withKeys(WEAK_RSA.jwk).accept('RSA with 2048 bits beside it', GOOD),
      api.accept('P-384 for ES384', mint({}, {}, P384)),
    ],
  },
  {
    rules: ['JWT-10'],
    about: 'a signature holds as a whole or not at all',
    refuses: [
      ...each(
        {
          'all zeros': (bytes) => Buffer.alloc(bytes.length),
          'r zero': (bytes) => Buffer.concat([Buffer.alloc(32), bytes.subarray(32)]),
          's zero': (bytes) => Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(32)]),
          'r the order of the curve': (bytes) => Buffer.concat([ORDER, bytes.subarray(32)]),
          'r and s the order of the curve': () => Buffer.concat([ORDER, ORDER]),
          DER: toDer,
          'one byte short': (bytes) => bytes.subarray(0, 63),
          'one byte long': (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
          'one bit changed': (bytes) => Buffer.from(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte))),
          empty: SIGN_NONE,
        } satisfies Record<string, (bytes: Buffer) => Buffer>,
        (name, make) =>
          api.refuse(`ES256: ${name}`, withSignature(mint({}, {}, P256), make), 'signature_invalid'),
      ),
      api.refuse(
        'RS256: one bit changed',
        withSignature(GOOD, (bytes) => Buffer.from(bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)))),
        'signature_invalid',
      ),
      api.refuse('RS256: empty', withSignature(GOOD, SIGN_NONE), 'signature_invalid'),
      api.refuse(
        'RS256: all zeros',
        withSignature(GOOD, (bytes) => Buffer.alloc(bytes.length)),
        'signature_invalid',
      ),
      api.refuse(
        'RS256: that of other claims',
        `${HEADER_PART}.${base64url(JSON.stringify({ ...CLAIMS, sub: 'admin' }))}.${SIGNATURE_PART}`,
        'signature_invalid',
      ),
      api.refuse(
        'Ed25519: all zeros',
        withSignature(mint({}, {}, ED25519), (bytes) => Buffer.alloc(bytes.length)),
        'signature_invalid',
      ),
      api.refuse('RS256: by a stranger under the same kid', mint({}, {}, STRANGER), 'signature_invalid'),
    ],
    accepts: [
      api.accept('ES256', mint({}, {}, P256)),
      api.accept('RS256', GOOD),
      api.accept('Ed25519', mint({}, {}, ED25519)),
    ],
  },
  {
    rules: ['JWT-12'],
    about: 'a key that a token brings along is not read',
    refuses: each<Readonly<Record<string, unknown>>>(
      {
        jwk: { jwk: STRANGER.jwk },
        jku: { jku: 'https://attacker.example/jwks' },
        x5u: { x5u: 'https://attacker.example/chain.pem' },
        x5c: { x5c: [base64url('no certificate')] },
        'jwk without kid': { jwk: STRANGER.jwk, kid: undefined },
      },
      (name, header) =>
        api.refuse(`a stranger's key in ${name}`, mint({}, header, STRANGER), 'signature_invalid'),
    ),
    accepts: [
      api.accept("the issuer's signature with a stranger's key in jwk", mint({}, { jwk: STRANGER.jwk })),
      api.accept(
        "the issuer's signature with a foreign jku",
        mint({}, { jku: 'https://attacker.example/jwks' }),
      ),
    ],
  },
  {
    rules: ['JWT-14', 'JWT-07'],
    about: 'keys, audiences and algorithms belong to one issuer, also where a kid is shared',
    refuses: [
      several.refuse(
        "the first issuer's token by the second one's key",
        mint({}, { kid: 'shared' }, P256),
        'algorithm_rejected',
      ),
      several.refuse(
        "the second issuer's token by the first one's key",
        mint(SECOND, { kid: 'shared' }),
        'algorithm_rejected',
      ),
      several.refuse(
        "the second issuer's token by the third one's key",
        mint(SECOND, { kid: 'shared' }, TWIN),
        'signature_invalid',
      ),
      several.refuse(
        "the third issuer's token by the second one's key",
        mint(THIRD, { kid: 'shared' }, P256),
        'signature_invalid',
      ),
      several.refuse(
        "the second issuer's token for the first one's audience",
        mint({ iss: SECOND.iss }, { kid: 'shared' }, P256),
        'audience_mismatch',
      ),
      several.refuse(
        "the first issuer's token for the second one's audience",
        mint({ aud: SECOND.aud }, { kid: 'shared' }),
        'audience_mismatch',
      ),
      several.refuse(
        'a list of both issuers',
        mint({ iss: [ISSUER, SECOND.iss] }, { kid: 'shared' }),
        'issuer_unknown',
      ),
    ],
    accepts: [
      several.accept('a token of the first issuer', mint({}, { kid: 'shared' }), { issuer: ISSUER }),
      several.accept('a token of the second issuer', mint(SECOND, { kid: 'shared' }, P256), {
        issuer: SECOND.iss,
      }),
      several.accept('a token of the third issuer', mint(THIRD, { kid: 'shared' }, TWIN), {
        issuer: THIRD.iss,
      }),
    ],
  },
  {
    rules: ['JWT-15'],
    about: 'keys that cannot be used are skipped, one by one',
    refuses: each(
      {
        'use enc': published(P256, { kid: 'x', use: 'enc' }),
        'key_ops without verify': published(P256, { kid: 'x', use: undefined, key_ops: ['sign'] }),
        'a private key': { ...P256.privateKey.export({ format: 'jwk' }), kid: 'x', alg: 'ES256' },
        'a point off the curve': published(P256, { kid: 'x', y: P256.jwk.x }),
        'a missing member': published(P256, { kid: 'x', y: undefined }),
        'an unknown kty': published(P256, { kid: 'x', kty: 'ECX' }),
        'an alg of another kind': published(P256, { kid: 'x', alg: 'ECDH-ES' }),
        'an unknown curve': published(P256, { kid: 'x', crv: 'P-257' }),
      },
      (name, key) => withKeys(key).refuse(name, mint({}, { kid: 'x' }, P256), 'key_unknown'),
    ),
    accepts: [
      on(protect({ jwks: { keys: UNUSABLE } })).accept('the one good key among all of that', GOOD),
      withKeys(published(P256, { kid: 'x' })).accept(
        'the same key as it should be',
        mint({}, { kid: 'x' }, P256),
      ),
      withKeys(published(P256, { kid: 'x', use: undefined, key_ops: ['verify'] })).accept(
        'key_ops with verify',
        mint({}, { kid: 'x' }, P256),
      ),
      withKeys(published(P256, { kid: 'x', use: undefined, alg: undefined, extra: 1 })).accept(
        'members left out, and unknown ones',
        mint({}, { kid: 'x' }, P256),
      ),
    ],
  },
  {
    rules: ['JWT-16'],
    about: 'without kid the one key that fits is meant; a kid may stand for up to four',
    refuses: [
      on(protect({ jwks: { keys: [P256.jwk, TWIN.jwk] } })).refuse(
        'no kid, two keys that fit',
        mint({}, { kid: undefined }, P256),
        'key_unknown',
      ),
      on(protect({ jwks: { keys: [RSA.jwk] } })).refuse(
        'no kid, no key that fits',
        mint({}, { kid: undefined }, P256),
        'key_unknown',
      ),
      on(protect({ jwks: { keys: [P256.jwk, RSA.jwk] } })).refuse(
        'no kid, the one key that fits is another',
        mint({}, { kid: undefined }, TWIN),
        'signature_invalid',
      ),
      manyUnderOneKid.refuse(
        'a kid with five keys, by the fifth',
        mint({}, { kid: 'shared' }, FIFTH_OF_FIVE),
        'signature_invalid',
      ),
      api.refuse('a kid that no key has, though one would fit', mint({}, { kid: 'unknown' }), 'key_unknown'),
    ],
    accepts: [
      api.accept('no kid, one key that fits', mint({}, { kid: undefined })),
      on(protect({ jwks: { keys: [P256.jwk, RSA.jwk] } })).accept(
        'no kid, one key that fits among others',
        mint({}, { kid: undefined }, P256),
      ),
      manyUnderOneKid.accept(
        'a kid with five keys, by the first',
        mint({}, { kid: 'shared' }, FIRST_OF_FIVE),
      ),
      manyUnderOneKid.accept(
        'a kid with five keys, by the fourth',
        mint({}, { kid: 'shared' }, FOURTH_OF_FIVE),
      ),
      on(
        protect({ jwks: { keys: [published(RSA, { kid: 'shared' }), published(P256, { kid: 'shared' })] } }),
      ).accept('a kid with two kinds of key', mint({}, { kid: 'shared' }, P256)),
    ],
  },
  {
    rules: ['JWT-30', 'JWT-05'],
    about: 'Ed25519 and EdDSA name one algorithm where the list has both',
    refuses: [
      on(protect({ algorithms: ['Ed25519'] })).refuse(
        'EdDSA, where the list has only Ed25519',
        mint({}, { alg: 'EdDSA' }, ED25519),
        'algorithm_rejected',
      ),
      on(protect({ algorithms: ['EdDSA'] })).refuse(
        'Ed25519, where the list has only EdDSA',
        mint({}, { alg: 'Ed25519' }, ED25519),
        'algorithm_rejected',
      ),
      on(protect({ algorithms: ['Ed25519'], jwks: { keys: [published(ED25519, { alg: 'EdDSA' })] } })).refuse(
        'a key for EdDSA, where the list has only Ed25519',
        mint({}, {}, ED25519),
        'key_unknown',
      ),
    ],
    accepts: [
      on(protect({ algorithms: ['Ed25519'] })).accept('Ed25519 alone', mint({}, {}, ED25519)),
      ...(['Ed25519', 'EdDSA', undefined] as const).flatMap((own) =>
        (['Ed25519', 'EdDSA'] as const).map((alg) =>
          on(protect({ jwks: { keys: [published(ED25519, { alg: own })] } })).accept(
            `${alg} by a key ${own === undefined ? 'without alg' : `for ${own}`}`,
            mint({}, { alg }, ED25519),
          ),
        ),
      ),
    ],
  },
]

/** The issuer publishes a key under the kid that others use as well. */
function sharing(key: Pair): { keys: object[] } {
  return { keys: [published(key, { kid: 'shared' })] }
}

/** The issuer publishes these keys beside its own. */
function withKeys(...keys: readonly object[]): Cases {
  return on(protect({ jwks: { keys: [...keys, RSA.jwk] } }))
}

function hs256(header: Readonly<Record<string, unknown>>): string {
  return compact(JSON.stringify({ ...HEADER, alg: 'HS256', ...header }), C, hmac(256, SECRET))
}

/** Writes R and S the way certificates do, which no JWS does (RFC 7518 §3.4). */
function toDer(signature: Buffer): Buffer {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((number) => {
    const digits = number.subarray(number.findIndex((byte) => byte !== 0))
    const positive = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits
    return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
  }) as [Buffer, Buffer]
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s])
}
