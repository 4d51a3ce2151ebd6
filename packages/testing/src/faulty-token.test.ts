import { isUtf8 } from 'node:buffer'
import { constants, createHmac, createPublicKey, verify } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, importJWK, type JWK, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTestIssuer, type Fault, FAULTS, type SigningAlgorithm, type TestIssuer } from './index.js'

const NOW = 1_800_000_000

interface Read {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** Whether the issuer's key signed exactly these segments. */
  readonly signed: boolean
}

function text(segment: string | undefined): string {
  return Buffer.from(segment ?? '', 'base64url').toString()
}

async function read(issuer: TestIssuer, token: string, algorithm: SigningAlgorithm): Promise<Read> {
  const [header, payload, signature] = token.split('.')
  const [jwk] = (await issuer.jwks()).keys
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  const padding = algorithm.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : undefined
  return {
    header: JSON.parse(text(header)),
    claims: JSON.parse(text(payload)),
    signed: verify(
      algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(-3)}`,
      Buffer.from(`${header}.${payload}`),
      { key, dsaEncoding: 'ieee-p1363', ...(padding && { padding }) },
      Buffer.from(signature ?? '', 'base64url'),
    ),
  }
}

function changed(good: Read['claims'], bad: Read['claims']): string[] {
  const names = new Set([...Object.keys(good), ...Object.keys(bad)])
  return [...names].filter((name) => JSON.stringify(good[name]) !== JSON.stringify(bad[name])).toSorted()
}

interface Difference {
  readonly header?: readonly string[]
  readonly claims?: readonly string[]
  readonly signed: boolean
}

/**
 * What differs from a good token: header parameters, claims, and whether the signature holds; `undefined` where
 * that is not a plain matter, which is tried below.
 */
const DIFFERENCES: Readonly<Record<Fault, Difference | undefined>> = {
  expired: { claims: ['exp'], signed: true },
  notYetValid: { claims: ['nbf'], signed: true },
  issuedInFuture: { claims: ['iat'], signed: true },
  missingExpiry: { claims: ['exp'], signed: true },
  expiryAsText: { claims: ['exp'], signed: true },
  endlessExpiry: { claims: ['exp'], signed: true },
  wrongAudience: { claims: ['aud'], signed: true },
  missingAudience: { claims: ['aud'], signed: true },
  wrongIssuer: { claims: ['iss'], signed: true },
  nearIssuer: { claims: ['iss'], signed: true },
  issuerList: { claims: ['iss'], signed: true },
  missingIssuer: { claims: ['iss'], signed: true },
  idToken: { header: ['typ'], claims: ['at_hash', 'nonce'], signed: true },
  logoutToken: { header: ['typ'], signed: true },
  dpopProof: { header: ['typ'], signed: true },
  nestedToken: { header: ['cty'], signed: true },
  boundToKey: { claims: ['cnf'], signed: true },
  boundToCertificate: { claims: ['cnf'], signed: true },
  tamperedSignature: { signed: false },
  zeroSignature: { signed: false },
  missingSignature: { signed: false },
  swappedPayload: { claims: ['sub'], signed: false },
  foreignKey: { signed: false },
  embeddedKey: { header: ['jwk'], signed: false },
  keyUrl: { header: ['jku'], signed: false },
  unknownKid: { header: ['kid'], signed: true },
  algorithmNone: { header: ['alg'], signed: false },
  algorithmNoneSigned: { header: ['alg'], signed: true },
  keyConfusion: { header: ['alg'], signed: false },
  unknownCrit: { header: ['crit', 'urn:example:unknown'], signed: true },
  unencodedPayload: { header: ['b64', 'crit'], signed: true },
  spareBits: { signed: true },
  kidAsNumber: { header: ['kid'], signed: true },
  duplicateHeader: { signed: true },
  duplicateClaim: { signed: true },
  prototypeClaim: { claims: ['__proto__'], signed: true },
  invalidUtf8: { claims: ['note'], signed: true },
  otherAlgorithm: undefined,
  notAJwt: undefined,
  encrypted: undefined,
  fourthSegment: undefined,
  padded: undefined,
  claimsArray: undefined,
  tooLarge: { claims: ['padding'], signed: true },
}

describe.each<SigningAlgorithm>(['RS256', 'ES512', 'Ed25519'])('with %s', async (algorithm) => {
  const issuer = await createTestIssuer({ audience: 'https://api.test', algorithm, now: NOW * 1000 })
  const claims = { jti: 'same', scope: 'orders:read' }
  const good = await read(issuer, await issuer.token(claims), algorithm)

  test('the token that the faults start from is good', () => {
    expect(good.signed).toBe(true)
  })

  test.each(FAULTS.filter(({ name }) => DIFFERENCES[name]))('$name changes one thing', async ({ name }) => {
    const bad = await read(issuer, await issuer.faultyToken(name, claims), algorithm)
    expect({
      header: changed(good.header, bad.header),
      claims: changed(good.claims, bad.claims),
      signed: bad.signed,
    }).toEqual({ header: [], claims: [], ...DIFFERENCES[name] })
  })

  test('otherAlgorithm names an algorithm that the key is not for', async () => {
    const token = await issuer.faultyToken('otherAlgorithm', claims)
    const { header } = await read(issuer, token, algorithm)
    expect(changed(good.header, header)).toEqual(['alg'])
    await expect(jwtVerify(token, createLocalJWKSet(await issuer.jwks()))).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
  })
})

describe('the values', async () => {
  const issuer = await createTestIssuer({ audience: 'https://api.test', algorithm: 'ES256', now: NOW * 1000 })
  const segments = async (fault: Fault): Promise<string[]> =>
    (await issuer.faultyToken(fault, { jti: 'same' })).split('.')

  test.each<[Fault, object]>([
    ['expired', { exp: NOW - 3600 }],
    ['notYetValid', { nbf: NOW + 3600 }],
    ['issuedInFuture', { iat: NOW + 3600 }],
    ['endlessExpiry', { exp: Infinity }],
    ['expiryAsText', { exp: `${NOW + 3600}` }],
    ['nearIssuer', { iss: 'https://issuer.test/' }],
    ['issuerList', { iss: ['https://issuer.test', 'https://attacker.test'] }],
  ])('%s', async (fault, claims) => {
    expect(decodeJwt(await issuer.faultyToken(fault))).toMatchObject(claims)
  })

  test('nearIssuer loses the slash of an issuer that has one', async () => {
    const slashed = await createTestIssuer({
      audience: 'a',
      algorithm: 'ES256',
      issuer: 'https://issuer.test/',
    })
    expect(decodeJwt(await slashed.faultyToken('nearIssuer')).iss).toBe('https://issuer.test')
  })

  test('algorithmNone has an empty signature', async () => {
    expect((await segments('algorithmNone'))[2]).toBe('')
  })

  test('zeroSignature has the right length', async () => {
    expect(Buffer.from((await segments('zeroSignature'))[2] ?? '', 'base64url')).toEqual(Buffer.alloc(64))
  })

  test('keyConfusion is what a verifier computes that takes the public PEM for a secret', async () => {
    const rsa = await createTestIssuer({ audience: 'https://api.test' })
    const [header, payload, signature] = (await rsa.faultyToken('keyConfusion')).split('.')
    const [jwk] = (await rsa.jwks()).keys
    const pem = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    const mac = createHmac('sha256', String(pem)).update(`${header}.${payload}`).digest('base64url')
    expect(signature).toBe(mac)
  })

  test('embeddedKey verifies with the key that it brings along', async () => {
    const token = await issuer.faultyToken('embeddedKey')
    const header: { jwk: JWK } = JSON.parse(text(token.split('.')[0]))
    const options = { currentDate: new Date(NOW * 1000) }
    await expect(jwtVerify(token, await importJWK(header.jwk, 'ES256'), options)).resolves.toBeDefined()
  })

  test('otherAlgorithm is really signed with the other algorithm where the key is RSA', async () => {
    const rsa = await createTestIssuer({ audience: 'https://api.test' })
    const token = await rsa.faultyToken('otherAlgorithm')
    const [jwk] = (await rsa.jwks()).keys
    await expect(jwtVerify(token, await importJWK({ ...jwk, alg: 'RS512' }))).resolves.toBeDefined()
  })

  test('duplicateHeader and duplicateClaim have the member twice', async () => {
    expect(text((await segments('duplicateHeader'))[0]).match(/"alg":/g)).toHaveLength(2)
    expect(text((await segments('duplicateClaim'))[1]).match(/"sub":/g)).toHaveLength(2)
  })

  test('spareBits has a payload that no encoder writes', async () => {
    const [, payload = ''] = await segments('spareBits')
    expect(Buffer.from(payload, 'base64url').toString('base64url')).not.toBe(payload)
  })

  test('invalidUtf8 has a byte that UTF-8 does not know', async () => {
    expect(isUtf8(Buffer.from((await segments('invalidUtf8'))[1] ?? '', 'base64url'))).toBe(false)
  })

  test('claimsArray holds the claims in an array', async () => {
    expect(JSON.parse(text((await segments('claimsArray'))[1]))).toMatchObject([{ sub: 'user-1' }])
  })

  test.each<[Fault, number]>([
    ['notAJwt', 1],
    ['fourthSegment', 4],
    ['encrypted', 5],
  ])('%s has %i segments', async (fault, count) => {
    expect(await segments(fault)).toHaveLength(count)
  })

  test('padded ends in =', async () => {
    expect(await issuer.faultyToken('padded')).toMatch(/[^=]=$/)
  })

  test('tooLarge is longer than 16 KiB', async () => {
    expect((await issuer.faultyToken('tooLarge')).length).toBeGreaterThan(16_384)
  })
})
