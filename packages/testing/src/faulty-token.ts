import { CompactEncrypt, base64url, exportSPKI } from 'jose'
import type { Fault } from './faults.js'
import {
  encodeInvalidUtf8,
  encodeWithSpareBits,
  hmacSha256,
  replaceSignature,
  startWith,
  withClaims,
  withHeader,
} from './forge.js'
import { attackersKey, underOtherAlgorithm } from './keys/foreign-keys.js'
import { type Draft, sign, signSegments, signTexts } from './token.js'

const HOUR = 3600
const ATTACKER = 'https://attacker.test'
const THUMBPRINT = base64url.encode(new Uint8Array(32))

/**
 * Makes a token that has one fault, of the draft of a good one.
 *
 * @param now NumericDate, seconds
 */
export function makeFaulty(fault: Fault, good: Draft, now: number): string | Promise<string> {
  return MAKERS[fault](good, now)
}

type Maker = (good: Draft, now: number) => string | Promise<string>

const MAKERS: Readonly<Record<Fault, Maker>> = {
  expired: (good, now) => sign(withClaims(good, { exp: now - HOUR })),
  notYetValid: (good, now) => sign(withClaims(good, { nbf: now + HOUR })),
  issuedInFuture: (good, now) => sign(withClaims(good, { iat: now + HOUR })),
  missingExpiry: (good) => sign(withClaims(good, { exp: undefined })),
  expiryAsText: (good, now) => sign(withClaims(good, { exp: `${now + HOUR}` })),
  endlessExpiry: (good) => signClaims(good, startWith('"exp":1e999', { ...good.claims, exp: undefined })),

  wrongAudience: (good) => sign(withClaims(good, { aud: 'https://other-api.test' })),
  missingAudience: (good) => sign(withClaims(good, { aud: undefined })),
  wrongIssuer: (good) => sign(withClaims(good, { iss: 'https://other-issuer.test' })),
  nearIssuer: (good) => sign(withClaims(good, { iss: toggleTrailingSlash(good.claims['iss']) })),
  issuerList: (good) => sign(withClaims(good, { iss: [good.claims['iss'], ATTACKER] })),
  missingIssuer: (good) => sign(withClaims(good, { iss: undefined })),
  idToken: (good) => {
    const at_hash = base64url.encode(new Uint8Array(16))
    return sign(withHeader(withClaims(good, { nonce: 'n-1', at_hash }), { typ: 'JWT' }))
  },
  logoutToken: (good) => sign(withHeader(good, { typ: 'logout+jwt' })),
  dpopProof: (good) => sign(withHeader(good, { typ: 'dpop+jwt' })),
  boundToKey: (good) => sign(withClaims(good, { cnf: { jkt: THUMBPRINT } })),
  boundToCertificate: (good) => sign(withClaims(good, { cnf: { 'x5t#S256': THUMBPRINT } })),

  tamperedSignature: async (good) =>
    replaceSignature(await sign(good), (bytes) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))),
  zeroSignature: async (good) => replaceSignature(await sign(good), (bytes) => bytes.fill(0)),
  missingSignature: async (good) => replaceSignature(await sign(good), () => NOTHING),
  swappedPayload: async (good) => {
    const segments = (await sign(good)).split('.')
    return segments.with(1, encode({ ...good.claims, sub: 'someone-else' })).join('.')
  },
  foreignKey: async (good) => sign({ ...good, key: await attackersKey(good.key.algorithm) }),
  embeddedKey: async (good) => {
    const key = await attackersKey(good.key.algorithm)
    return sign({ ...withHeader(good, { jwk: key.publicJwk }), key })
  },
  keyUrl: async (good) =>
    sign({ ...withHeader(good, { jku: `${ATTACKER}/jwks` }), key: await attackersKey(good.key.algorithm) }),
  unknownKid: (good) => sign(withHeader(good, { kid: 'never-published' })),
  otherAlgorithm: async (good) => {
    const { alg, key } = await underOtherAlgorithm(good.key)
    return sign({ ...withHeader(good, { alg }), key })
  },
  algorithmNone: async (good) =>
    replaceSignature(await sign(withHeader(good, { alg: 'none' })), () => NOTHING),
  algorithmNoneSigned: (good) => sign(withHeader(good, { alg: 'nOnE' })),
  keyConfusion: async (good) => {
    const token = await sign(withHeader(good, { alg: 'HS256' }))
    // With the line break at its end: the text of the file that a careless API would take for a secret.
    const pem = `${await exportSPKI(good.key.publicKey)}\n`
    const mac = await hmacSha256(pem, token.slice(0, token.lastIndexOf('.')))
    return replaceSignature(token, () => mac)
  },
  unknownCrit: (good) =>
    sign(withHeader(good, { crit: ['urn:example:unknown'], 'urn:example:unknown': true })),
  nestedToken: (good) => sign(withHeader(good, { cty: 'JWT' })),
  unencodedPayload: (good) => sign(withHeader(good, { crit: ['b64'], b64: false })),

  notAJwt: () => 'VGhpcyBpcyBhbiBvcGFxdWUgdG9rZW4',
  encrypted: async (good) =>
    new CompactEncrypt(new TextEncoder().encode(await sign(good)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(crypto.getRandomValues(new Uint8Array(32))),
  fourthSegment: async (good) => `${await sign(good)}.e30`,
  padded: async (good) => `${await sign(good)}=`,
  spareBits: (good) => signSegments(encode(good.header), encodeWithSpareBits(good.claims), good.key),
  kidAsNumber: (good) => sign(withHeader(good, { kid: 1 })),
  duplicateHeader: (good) =>
    signTexts(startWith('"alg":"none"', good.header), JSON.stringify(good.claims), good.key),
  duplicateClaim: (good) => signClaims(good, startWith('"sub":"someone-else"', good.claims)),
  prototypeClaim: (good) => signClaims(good, startWith('"__proto__":{"admin":true}', good.claims)),
  invalidUtf8: (good) => signClaims(good, encodeInvalidUtf8(good.claims)),
  claimsArray: (good) => signClaims(good, JSON.stringify([good.claims])),
  tooLarge: (good) => sign(withClaims(good, { padding: 'x'.repeat(16 * 1024) })),
}

const NOTHING = new Uint8Array()

function signClaims(good: Draft, claims: string | Uint8Array): Promise<string> {
  return signTexts(JSON.stringify(good.header), claims, good.key)
}

function encode(value: object): string {
  return base64url.encode(JSON.stringify(value))
}

function toggleTrailingSlash(issuer: unknown): string {
  const text = String(issuer)
  return text.endsWith('/') ? text.slice(0, -1) : `${text}/`
}
