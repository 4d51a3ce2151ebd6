import { constants, createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A key that tokens are signed with, and its public half as a JWK Set has it. */
export interface Signer {
  readonly alg: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'PS256' | 'Ed25519'
  readonly privateKey: KeyObject
  readonly jwk: Readonly<Record<string, unknown>>
}

function signer(alg: Signer['alg'], pair: { publicKey: KeyObject; privateKey: KeyObject }): Signer {
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: alg.toLowerCase(), use: 'sig' }
  return { alg, privateKey: pair.privateKey, jwk: { ...jwk, alg } }
}

/** One signer of each kind. The keys are new in each run: nothing that is looked for depends on them. */
export const SIGNERS: readonly Signer[] = [
  signer('ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  signer('ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  signer('RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
  signer('Ed25519', generateKeyPairSync('ed25519')),
]

/** Of the other kinds: their signatures are written in another way. */
export const MORE_SIGNERS: readonly Signer[] = [
  signer('ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })),
  signer('PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })),
]

/** A private JWK, which an issuer must never publish. */
export const PRIVATE_JWK: Readonly<Record<string, unknown>> = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
}).privateKey.export({ format: 'jwk' })

/** The claims set of a usual access token. */
export const CLAIMS: Readonly<Record<string, unknown>> = {
  iss: 'https://idp.example/',
  sub: 'us:er "7" \\',
  aud: ['https://api.example', 'é😀'],
  exp: 1_900_000_000,
  scope: 'read write',
  address: { city: 'a:b', lines: [{ n: 1 }, { n: 2.5e3 }] },
}

/** Writes a segment of a token: bytes, one character each. */
export function segment(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('base64url')
}

/** Signs a token over a header and a claims set of any form: bytes, one character each. */
export function signToken(header: string, claims: string, { alg, privateKey }: Signer): string {
  const input = `${segment(header)}.${segment(claims)}`
  const hash = alg === 'Ed25519' ? undefined : `sha${alg.slice(2)}`
  const signature = sign(hash, Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(alg === 'PS256' && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  })
  return `${input}.${signature.toString('base64url')}`
}

/** Writes the same with a MAC by HS256. */
export function macToken(header: string, claims: string, secret: Uint8Array): string {
  const input = `${segment(header)}.${segment(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** The RFC 7638 thumbprint of a public JWK of which only the members that make the key are given. */
export function slowThumbprint(jwk: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(jwk).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url')
}
