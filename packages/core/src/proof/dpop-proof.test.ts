import { constants, createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isRefusal } from '../refusal.js'
import type { Algorithm } from '../signature/algorithms.js'
import { NOW, segment, type Changes } from '../tokens.test-support.js'
import { checkDpopProof, DPOP_ALGORITHMS, type DpopProofInput } from './dpop-proof.js'

type Members = Readonly<Record<string, unknown>>

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const OTHER_P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const P521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const ED25519 = generateKeyPairSync('ed25519')
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const SHORT_RSA = generateKeyPairSync('rsa', { modulusLength: 1024 })

const METHOD = 'POST'
const URI = 'https://api.example/orders'
const TOKEN = 'header.claims.signature'
const JWK = jwkOf(P256)

function jwkOf({ publicKey }: Pair): Members {
  return publicKey.export({ format: 'jwk' })
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** RFC 7638 §3.2: the required members, in the order of their names. */
function thumbprintOf(jwk: Members): string {
  const names = { RSA: ['e', 'kty', 'n'], OKP: ['crv', 'kty', 'x'], EC: ['crv', 'kty', 'x', 'y'] }
  const required = names[jwk['kty'] as keyof typeof names]
  return sha256(JSON.stringify(Object.fromEntries(required.map((name) => [name, jwk[name]]))))
}

/** Signs as `alg` says; none of this is code under test. */
function signatureOf(input: string, alg: string, key: KeyObject): Buffer {
  const bytes = Buffer.from(input)
  if (key.asymmetricKeyType === 'ed25519') return sign(null, bytes, key)
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('PS')) {
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
  }
  return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' })
}

function headerOf(changes: Changes = {}): Members {
  return { typ: 'dpop+jwt', alg: 'ES256', jwk: JWK, ...changes }
}

function claimsOf(changes: Changes = {}): Members {
  return { jti: 'proof-1', htm: METHOD, htu: URI, iat: NOW, ath: sha256(TOKEN), ...changes }
}

/** A proof of these very texts, signed with a key. */
function signedText(header: string, claims: string | Buffer, pair: Pair = P256, alg = 'ES256'): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${segment(signatureOf(input, alg, pair.privateKey))}`
}

/** A good proof, with changes. */
function proofOf(claims: Changes = {}, header: Changes = {}): string {
  return signedText(JSON.stringify(headerOf(header)), JSON.stringify(claimsOf(claims)))
}

function proofBy(pair: Pair, alg: string, jwk: Members = {}): string {
  const header = headerOf({ alg, jwk: { ...jwkOf(pair), ...jwk } })
  return signedText(JSON.stringify(header), JSON.stringify(claimsOf()), pair, alg)
}

function inputOf(proof: string, changes: Partial<DpopProofInput> = {}): DpopProofInput {
  return {
    values: [proof],
    method: METHOD,
    uri: URI,
    token: TOKEN,
    thumbprint: thumbprintOf(JWK),
    algorithms: new Set<string>(DPOP_ALGORITHMS),
    nowSeconds: NOW,
    maxAge: 60,
    maxAhead: 5,
    nonce: undefined,
    ...changes,
  }
}

/** What became of a proof: `holds`, or why it does not; anything but an invalid proof with its code. */
async function verdictOn(proof: string, changes: Partial<DpopProofInput> = {}): Promise<unknown> {
  const checked = await checkDpopProof(inputOf(proof, changes))
  if (!isRefusal(checked)) return 'holds'
  return checked.code === 'dpop_proof_invalid' ? checked.detail : `${checked.code}: ${checked.detail}`
}

describe('a DPoP proof (RFC 9449 §4.3)', () => {
  test('that holds says jti, iat and nonce', async () => {
    const checked = await checkDpopProof(inputOf(proofOf()))
    expect(checked).toEqual({ jti: 'proof-1', iat: NOW, nonce: undefined })
    expect(Object.isFrozen(checked)).toBe(true)
    const withNonce = await checkDpopProof(inputOf(proofOf({ nonce: 'nonce-1', iat: NOW - 1.5 })))
    expect(withNonce).toEqual({ jti: 'proof-1', iat: NOW - 1.5, nonce: 'nonce-1' })
  })

  test('may say more than it has to', async () => {
    const proof = proofOf({ exp: 1, foo: { d: 1 } }, { kid: 5, d: 1, foo: [] })
    expect(await verdictOn(proof)).toBe('holds')
    const jwk = { ...JWK, kid: 'a', use: 'sig', key_ops: ['verify'], ext: true, foo: 1 }
    expect(await verdictOn(proofOf({}, { jwk }))).toBe('holds')
  })

  describe('in the field', () => {
    test('is there', async () => {
      expect(await verdictOn('', { values: [] })).toBe('the request has no DPoP field')
    })

    test('is there once', async () => {
      const values = [proofOf(), proofOf()]
      expect(await verdictOn('', { values })).toBe('the request has more than one DPoP field')
      expect(await verdictOn('', { values: [proofOf(), ''] })).toBe(
        'the request has more than one DPoP field',
      )
    })

    test.each([(proof: string) => `${proof}, ${proof}`, (proof: string) => `${proof},`])(
      'is no list, as Node joins two: %#',
      async (join) => {
        expect(await verdictOn(join(proofOf()))).toBe('the DPoP field is a list')
      },
    )

    test('has at most 8192 characters', async () => {
      const short = proofOf({ foo: '' }).length
      const room = 8192 - short
      // Three bytes are four characters.
      const longest = proofOf({ foo: 'a'.repeat(Math.floor((room * 3) / 4)) })
      expect(longest.length).toBeGreaterThan(8188)
      expect(longest.length).toBeLessThanOrEqual(8192)
      expect(await verdictOn(longest)).toBe('holds')
      const longer = 'a'.repeat(8193)
      expect(await verdictOn(longer)).toBe('the proof is longer than 8192 characters')
      expect(await verdictOn(longer.slice(1))).toBe('the proof is no JWS in compact form: three segments')
    })
  })

  describe('as a JWS', () => {
    test.each(['', 'a', 'a.b', 'a.b.c.d', 'a.b.c.d.e', '{"payload":"a"}'])(
      'has three segments, unlike %j',
      async (text) => {
        expect(await verdictOn(text)).toBe('the proof is no JWS in compact form: three segments')
      },
    )

    test.each([
      ['padding', (proof: string) => `${proof}=`],
      ['a blank', (proof: string) => ` ${proof}`],
      ['padding in the header', (proof: string) => proof.replace('.', '=.')],
      ['padding in the claims set', (proof: string) => proof.replace(/\.([^.]*)\./, '.$1=.')],
      ['spare bits', (proof: string) => proof.replace(/.$/, nextCharacter)],
    ])('is canonical base64url, without %s', async (_, spoil) => {
      expect(await verdictOn(spoil(proofOf()))).toBe('a segment is no canonical base64url')
    })

    test.each([
      '[]',
      '"a"',
      '{',
      '',
      '{"alg":"ES256","alg":"ES256"}',
      '{"__proto__":{}}',
      '{"jwk":{"x":1,"x":2}}',
    ])('has a header that is a strict JSON object, unlike %s', async (header) => {
      const proof = signedText(header, JSON.stringify(claimsOf()))
      expect(await verdictOn(proof)).toBe('the protected header is no strict JSON object')
    })

    test.each(['[]', 'null', '{', '', `{"jti":"a",${JSON.stringify(claimsOf()).slice(1)}`])(
      'has a claims set that is a strict JSON object, unlike %s',
      async (claims) => {
        const proof = signedText(JSON.stringify(headerOf()), claims)
        expect(await verdictOn(proof)).toBe('the claims set is no strict JSON object')
      },
    )

    test('is strict UTF-8', async () => {
      const claims = Buffer.from(JSON.stringify(claimsOf({ foo: '\u00E9' })), 'latin1')
      const proof = signedText(JSON.stringify(headerOf()), claims)
      expect(await verdictOn(proof)).toBe('the claims set is no strict JSON object')
    })
  })

  describe('in its header', () => {
    test.each([
      ['crit', ['exp']],
      ['crit', null],
      ['b64', true],
      ['b64', false],
      ['cty', 'JWT'],
      ['cty', null],
    ])('has no %s: %j', async (name, value) => {
      expect(await verdictOn(proofOf({}, { [name]: value }))).toBe(`the protected header has ${name}`)
    })

    test.each(['dpop+jwt', 'DPoP+JWT', 'application/dpop+jwt', 'Application/dpop+jwt'])(
      'has the typ %s',
      async (typ) => {
        expect(await verdictOn(proofOf({}, { typ }))).toBe('holds')
      },
    )

    test.each([
      undefined,
      null,
      'JWT',
      'at+jwt',
      'dpop',
      'dpop+jwt ',
      'xdpop+jwt',
      'text/dpop+jwt',
      'application/application/dpop+jwt',
      'dpop+jwt; a=b',
      ['dpop+jwt'],
      5,
    ])('has no other typ: %j', async (typ) => {
      expect(await verdictOn(proofOf({}, { typ }))).toBe('typ is not dpop+jwt')
    })

    test.each([undefined, null, 'none', 'es256', 'ES256K', 'toString', ['ES256'], 5])(
      'has an alg that is known, unlike %j',
      async (alg) => {
        const algorithms = new Set([...DPOP_ALGORITHMS, 'none', 'es256', 'ES256K', 'toString'])
        expect(await verdictOn(proofOf({}, { alg }), { algorithms })).toBe(
          'alg is no asymmetric algorithm that is known',
        )
      },
    )

    test('has no alg with a shared secret, not even one of the list', async () => {
      const jwk = { kty: 'oct', k: segment('a secret of thirty-two bytes or more') }
      const input = `${segment(JSON.stringify(headerOf({ alg: 'HS256', jwk })))}.${segment(JSON.stringify(claimsOf()))}`
      const mac = createHmac('sha256', 'a secret of thirty-two bytes or more').update(input)
      const algorithms = new Set(['HS256'])
      expect(await verdictOn(`${input}.${mac.digest('base64url')}`, { algorithms })).toBe(
        'alg is no asymmetric algorithm that is known',
      )
    })

    test('has an alg of the list', async () => {
      const refused = 'alg is not among the algorithms for proofs'
      expect(await verdictOn(proofOf(), { algorithms: new Set(['RS256']) })).toBe(refused)
      expect(await verdictOn(proofBy(P521, 'ES512'))).toBe(refused)
      const thumbprint = thumbprintOf(jwkOf(P521))
      const algorithms = new Set(['ES512'])
      expect(await verdictOn(proofBy(P521, 'ES512'), { thumbprint, algorithms })).toBe('holds')
    })
  })

  describe('by its key', () => {
    test.each<[Algorithm, Pair]>([
      ['ES256', P256],
      ['ES384', P384],
      ['EdDSA', ED25519],
      ['Ed25519', ED25519],
      ['PS256', RSA],
      ['RS256', RSA],
    ])('may be signed with %s', async (alg, pair) => {
      expect(DPOP_ALGORITHMS).toContain(alg)
      expect(await verdictOn(proofBy(pair, alg), { thumbprint: thumbprintOf(jwkOf(pair)) })).toBe('holds')
    })

    test('may be signed with six algorithms, unless somebody says otherwise', () => {
      expect(DPOP_ALGORITHMS).toHaveLength(6)
      expect(Object.isFrozen(DPOP_ALGORITHMS)).toBe(true)
    })

    test.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])(
      'has a public one, without the member %s, whatever that holds',
      async (name) => {
        const refused = 'jwk is no public key to verify with: private or symmetric'
        expect(await verdictOn(proofOf({}, { jwk: { ...JWK, [name]: 'AAAA' } }))).toBe(refused)
        expect(await verdictOn(proofOf({}, { jwk: { ...JWK, [name]: null } }))).toBe(refused)
        expect(await verdictOn(proofOf({}, { jwk: { ...JWK, [`${name}x`]: 'AAAA' } }))).toBe('holds')
      },
    )

    test.each([
      ['none', undefined, 'kty'],
      ['null', null, 'kty'],
      ['a text', JSON.stringify(JWK), 'kty'],
      ['a list', [JWK], 'kty'],
      ['a set', { keys: [JWK] }, 'kty'],
      ['another type', { ...JWK, kty: 'AKP' }, 'kty'],
      ['another curve', { ...JWK, crv: 'secp256k1' }, 'crv'],
      ['no y', { ...JWK, y: undefined }, 'missing members'],
      ['an x with padding', { ...JWK, x: `${JWK['x'] as string}=` }, 'missing members'],
      ['one to encrypt with', { ...JWK, use: 'enc' }, 'use'],
      ['one to sign with', { ...JWK, key_ops: ['sign'] }, 'key_ops'],
    ])('has a usable one, unlike %s', async (_, jwk, reason) => {
      const detail = `jwk is no public key to verify with: ${reason}`
      expect(await verdictOn(proofOf({}, { jwk }))).toBe(detail)
    })

    test('has an RSA key of 2048 bits or more', async () => {
      const thumbprint = thumbprintOf(jwkOf(SHORT_RSA))
      expect(await verdictOn(proofBy(SHORT_RSA, 'RS256'), { thumbprint })).toBe(
        'jwk is no public key to verify with: RSA key size',
      )
    })

    test.each<[string, Pair]>([
      ['ES256', P384],
      ['ES384', P256],
      ['RS256', P256],
      ['ES256', RSA],
      ['EdDSA', P256],
      ['ES256', ED25519],
    ])('has one that fits its alg: %s', async (alg, pair) => {
      const header = headerOf({ alg, jwk: jwkOf(pair) })
      const proof = signedText(JSON.stringify(header), JSON.stringify(claimsOf()))
      expect(await verdictOn(proof, { thumbprint: thumbprintOf(jwkOf(pair)) })).toBe('jwk is no key for alg')
    })

    test('has the one that the token is bound to', async () => {
      const mismatch = 'proof_mismatch: the token is bound to another key than that of the proof'
      expect(await verdictOn(proofBy(OTHER_P256, 'ES256'))).toBe(mismatch)
      expect(await verdictOn(proofOf(), { thumbprint: thumbprintOf(jwkOf(OTHER_P256)) })).toBe(mismatch)
      expect(await verdictOn(proofOf(), { thumbprint: '' })).toBe(mismatch)
      const thumbprint = thumbprintOf(jwkOf(OTHER_P256))
      expect(await verdictOn(proofBy(OTHER_P256, 'ES256'), { thumbprint })).toBe('holds')
    })

    test('has one that is a point of its curve', async () => {
      const jwk = { ...JWK, y: JWK['x'] }
      expect(await verdictOn(proofOf({}, { jwk }), { thumbprint: thumbprintOf(jwk) })).toBe(
        'jwk is no key that can be imported',
      )
    })
  })

  describe('in its claims', () => {
    test.each([undefined, null, '', 5, ['a'], {}])('has a jti that is a text, unlike %j', async (jti) => {
      expect(await verdictOn(proofOf({ jti }))).toBe('jti is no string, or empty')
    })

    test('has a jti of at most 256 characters', async () => {
      expect(await verdictOn(proofOf({ jti: 'a'.repeat(256) }))).toBe('holds')
      expect(await verdictOn(proofOf({ jti: 'a'.repeat(257) }))).toBe('jti is longer than 256 characters')
    })

    test.each([undefined, null, 'GET', 'post', 'Post', 'POST ', '', ['POST']])(
      'has the method of the request, to the letter, unlike %j',
      async (htm) => {
        expect(await verdictOn(proofOf({ htm }))).toBe('htm is not the method of the request')
      },
    )

    test('has a method in lower case where the request has it', async () => {
      expect(await verdictOn(proofOf({ htm: 'post' }), { method: 'post' })).toBe('holds')
    })

    test.each([URI, 'HTTPS://API.example:443/orders', 'https://api.example/./%6Frders'])(
      'has the URI of the request, in any spelling: %s',
      async (htu) => {
        expect(await verdictOn(proofOf({ htu }))).toBe('holds')
      },
    )

    test.each([
      undefined,
      null,
      '',
      [URI],
      '/orders',
      'https://api.example/orders/',
      'https://api.example//orders',
      'https://api.example/orders?page=2',
      'https://api.example/orders#a',
      'https://other.example/orders',
      'http://api.example/orders',
      'https://api.example:8443/orders',
      'https://api.example@other.example/orders',
    ])('has no other URI: %j', async (htu) => {
      expect(await verdictOn(proofOf({ htu }))).toBe(
        'htu is not the URI of the request without query and fragment',
      )
    })

    test.each([
      [NOW - 60, 'holds'],
      [NOW - 60.5, 'iat is too long ago'],
      [NOW - 61, 'iat is too long ago'],
      [0, 'iat is too long ago'],
      [NOW + 5, 'holds'],
      [NOW + 5.5, 'iat is in the future'],
      [NOW + 6, 'iat is in the future'],
      [NOW * 1000, 'iat is in the future'],
    ])('is made at a time near to now: %d', async (iat, verdict) => {
      expect(await verdictOn(proofOf({ iat }))).toBe(verdict)
    })

    test.each([
      [NOW - 299, 'holds'],
      [NOW - 301, 'iat is too long ago'],
      [NOW + 299, 'holds'],
      [NOW + 301, 'iat is in the future'],
    ])('is near enough within 300 seconds, if somebody says so: %d', async (iat, verdict) => {
      expect(await verdictOn(proofOf({ iat }), { maxAge: 300, maxAhead: 300 })).toBe(verdict)
    })

    test.each([undefined, null, String(NOW), [NOW], true])('has a time, unlike %j', async (iat) => {
      expect(await verdictOn(proofOf({ iat }))).toBe('iat is no number')
    })

    test('has a time that is finite', async () => {
      const claims = JSON.stringify(claimsOf()).replace(`"iat":${NOW}`, '"iat":1e999')
      expect(await verdictOn(signedText(JSON.stringify(headerOf()), claims))).toBe('iat is in the future')
    })

    test.each([
      ['none', undefined],
      ['null', null],
      ['an empty one', ''],
      ['that of another token', sha256('another.token.entirely')],
      ['one with padding', `${sha256(TOKEN)}=`],
      ['one in hexadecimal', createHash('sha256').update(TOKEN).digest('hex')],
      ['one in a list', [sha256(TOKEN)]],
      ['the token itself', TOKEN],
    ])('has the hash of the token, unlike %s', async (_, ath) => {
      expect(await verdictOn(proofOf({ ath }))).toBe('ath is not the hash of the token')
    })

    test('has the hash of the token, as RFC 9449 §7.1 shows it', async () => {
      const token = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
      const ath = 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo'
      expect(await verdictOn(proofOf({ ath }), { token })).toBe('holds')
      expect(await verdictOn(proofOf({ ath }), { token: `${token}A` })).toBe(
        'ath is not the hash of the token',
      )
    })

    test.each([null, 5, ['a'], {}, false])('has a nonce that is a text, unlike %j', async (nonce) => {
      expect(await verdictOn(proofOf({ nonce }))).toBe('nonce is no string')
    })
  })

  describe('in its signature', () => {
    const refused = 'the signature is not that of the key in jwk'

    test('is signed with its key', async () => {
      const [header, claims] = proofOf().split('.')
      const forged = signedText(JSON.stringify(headerOf()), JSON.stringify(claimsOf()), OTHER_P256)
      expect(await verdictOn(forged)).toBe(refused)
      expect(await verdictOn(`${header}.${claims}.`)).toBe(refused)
      expect(await verdictOn(`${header}.${claims}.${segment(new Uint8Array(64))}`)).toBe(refused)
    })

    test('is of these very claims', async () => {
      const [header, , signature] = proofOf({ jti: 'another' }).split('.')
      const [, claims] = proofOf().split('.')
      expect(await verdictOn(`${header}.${claims}.${signature}`)).toBe(refused)
    })
  })

  describe('with a nonce (RFC 9449 §9)', () => {
    const none = 'dpop_nonce_required: the proof has no nonce'
    const old = 'dpop_nonce_required: the nonce of the proof is none that is accepted now'

    test.each([
      ['at once', isGood],
      ['later', async (nonce: string) => isGood(nonce)],
    ])('is asked for one that is accepted, told %s', async (_, nonce) => {
      expect(await verdictOn(proofOf({ nonce: 'good' }), { nonce })).toBe('holds')
      expect(await verdictOn(proofOf({ nonce: 'old' }), { nonce })).toBe(old)
      expect(await verdictOn(proofOf({ nonce: '' }), { nonce })).toBe(old)
      expect(await verdictOn(proofOf(), { nonce })).toBe(none)
    })

    test('may have any where none is demanded', async () => {
      expect(await verdictOn(proofOf({ nonce: 'whatever' }))).toBe('holds')
    })

    test('has it looked at only when everything else holds', async () => {
      const asked: string[] = []
      const nonce = (value: string): boolean => {
        asked.push(value)
        return false
      }
      const [header, claims] = proofOf({ nonce: 'old' }).split('.')
      const input = { nonce }
      expect(await verdictOn(`${header}.${claims}.`, input)).not.toBe(old)
      expect(await verdictOn(proofOf({ nonce: 'old', htm: 'GET' }), input)).not.toBe(old)
      expect(await verdictOn(proofOf({ nonce: 'old', ath: 'a' }), input)).not.toBe(old)
      expect(await verdictOn(proofOf({ nonce: 'old' }), { nonce, thumbprint: 'a' })).not.toBe(old)
      const [bare, unsigned] = proofOf().split('.')
      expect(await verdictOn(`${bare}.${unsigned}.`, input)).not.toBe(none)
      expect(asked).toEqual([])
      expect(await verdictOn(proofOf({ nonce: 'old' }), input)).toBe(old)
      expect(asked).toEqual(['old'])
    })
  })

  describe('is refused cheaply', () => {
    test('for its key before its signature is looked at, and for its claims before that', async () => {
      const [header, claims] = proofBy(OTHER_P256, 'ES256').split('.')
      expect(await verdictOn(`${header}.${claims}.`)).toMatch(/^proof_mismatch/)
      expect(await verdictOn(`${header}.${claims}.`, { method: 'GET' })).toBe(
        'htm is not the method of the request',
      )
    })

    test('without a word of what was sent', async () => {
      const secret = 'a-value-of-the-sender'
      const proofs = [
        secret,
        `${secret}.${secret}.${secret}`,
        ...['jti', 'htm', 'htu', 'iat', 'ath', 'nonce'].map((name) => proofOf({ [name]: [secret] })),
        ...['htm', 'htu', 'ath'].map((name) => proofOf({ [name]: secret })),
        ...['typ', 'alg', 'jwk', 'crit'].map((name) => proofOf({}, { [name]: secret })),
        ...['kty', 'crv', 'x', 'd'].map((name) => proofOf({}, { jwk: { ...JWK, [name]: `${secret}=` } })),
        proofOf({ nonce: secret }),
      ]
      for (const proof of proofs) {
        // One after the other, so that a failure names its proof.
        // oxlint-disable-next-line no-await-in-loop
        const verdict = await verdictOn(proof, { nonce: () => false })
        expect(verdict).not.toBe('holds')
        expect(verdict).not.toContain(secret)
      }
    })
  })
})

/** The next character of the alphabet: the same bytes where only spare bits differ. */
function nextCharacter(last: string): string {
  return String.fromCodePoint((last.codePointAt(0) ?? 0) + 1)
}

function isGood(nonce: string): boolean {
  return nonce === 'good'
}
