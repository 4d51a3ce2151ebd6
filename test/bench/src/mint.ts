import { createHmac, sign, type KeyObject } from 'node:crypto'
import type { Algorithm, Signer } from './policy.js'

/** Characters of a token: what one with a name, scopes and a few roles comes to. */
const LENGTH = 1_500

const HOUR = 3_600

let minted = 0

/** What a token says where it does not say the usual. `undefined` leaves a member out. */
export interface Unusual {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

/** Mints a token that is good for an hour and like no other. */
export function mint({ policy, privateKey }: Signer, { header = {}, claims = {} }: Unusual = {}): string {
  const { alg, key } = policy
  const input = [
    { alg, typ: 'JWT', kid: key.jwk.kid, ...header },
    { ...usualClaims(policy), ...claims },
  ]
  const signed = input.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${signText(alg, signed, privateKey)}`
}

/** Mints many. */
export function mintAll(signer: Signer, count: number, unusual?: Unusual): readonly string[] {
  return Array.from({ length: count }, () => mint(signer, unusual))
}

/** Signs the first two parts of a token. */
export function signText(alg: Algorithm, text: string, key: KeyObject): string {
  if (alg === 'HS256') return createHmac('sha256', key).update(text).digest('base64url')
  const hash = alg === 'EdDSA' ? undefined : 'sha256'
  return sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

const SIGNATURE_LENGTH: Readonly<Record<Algorithm, number>> = { RS256: 342, ES256: 86, EdDSA: 86, HS256: 43 }

function usualClaims({ issuer, audience, alg }: Signer['policy']): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1000)
  minted += 1
  const claims = {
    iss: issuer,
    sub: `user-${String(minted).padStart(9, '0')}`,
    aud: [audience, `${issuer}/userinfo`],
    iat: now,
    nbf: now,
    exp: now + HOUR,
    jti: `${String(minted).padStart(12, '0')}-8c1f-4a55`,
    client_id: 'orders-web',
    azp: 'orders-web',
    sid: '3f0c2d1e-77aa-4b0f-9a63-5b1f1c2e9d10',
    name: 'Margarete Steiff',
    preferred_username: 'm.steiff@customer.example',
    scope: 'openid profile orders:read orders:write invoices:read',
    realm_access: { roles: ['offline_access', 'uma_authorization'] },
    roles: [] as string[],
  }
  const payload = ((LENGTH - 90 - SIGNATURE_LENGTH[alg]) * 3) / 4
  while (JSON.stringify(claims).length < payload) claims.roles.push(`role-${claims.roles.length}-of-the-shop`)
  return claims
}
