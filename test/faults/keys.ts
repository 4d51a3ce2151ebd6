import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT, type JWK } from 'jose'

/** What every contender is told to expect as `aud`. */
export const AUDIENCE = 'https://api.example'

/** A key of the issuer. */
export interface Key {
  readonly kid: string
  /** As it is published. */
  readonly jwk: JWK
  readonly privateKey: KeyObject
}

let made = 0

/** Makes a key for ES256, which every contender knows. */
export function makeKey(kid: string = `key-${(made += 1)}`): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, jwk: publish(publicKey, kid), privateKey }
}

function publish(key: KeyObject, kid: string): JWK {
  return { ...(key.export({ format: 'jwk' }) as JWK), kid, alg: 'ES256', use: 'sig' }
}

/** Mints a token that is good for an hour from now; `kid` is what it says, where that is not the key's. */
export function mint(key: Key, issuer: string, kid: string = key.kid): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ client_id: 'client', scope: 'orders:read' })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(AUDIENCE)
    .setSubject('user')
    .setJti(`token-${(made += 1)}`)
    .setIssuedAt(now)
    .setExpirationTime(now + 3600)
    .sign(key.privateKey)
}
