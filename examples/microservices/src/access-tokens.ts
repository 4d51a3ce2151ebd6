import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Client, User } from './accounts.js'

/** Makes access tokens, with one key after the other. */
export interface AccessTokens {
  /** Seconds that a token lives. */
  readonly lifetime: number
  mint(user: User, client: Client): Promise<string>
  /** The public halves: of the key that signs, the next one, and those before whose tokens have not all run out. */
  jwks(): { readonly keys: readonly JWK[] }
  /** Signs with the next key from now on. */
  rotate(): Promise<void>
}

export interface AccessTokenOptions {
  readonly issuer: string
  readonly lifetime: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

// The services allow for clocks that differ by seconds: a key is published for longer than its last token lives.
const MARGIN_SECONDS = 60

/** Makes the first two keys: the next one is published long before it signs, so that nobody is surprised by it. */
export async function createAccessTokens({
  issuer,
  lifetime,
  now,
}: AccessTokenOptions): Promise<AccessTokens> {
  let current = await createKey()
  let next = await createKey()
  let retired: readonly { readonly publicJwk: JWK; readonly until: number }[] = []
  const kept = (): typeof retired => retired.filter(({ until }) => now() < until)

  return {
    lifetime,
    // The claims of RFC 9068 §2.2, and the roles of its §2.2.3.1.
    mint({ id, roles }, { id: client_id, audience, scope }) {
      const iat = Math.floor(now() / 1000)
      const who = { iss: issuer, sub: id, aud: [...audience], client_id, scope, roles }
      return new SignJWT({ ...who, iat, exp: iat + lifetime, jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: current.kid })
        .sign(current.privateKey)
    },
    jwks: () => ({ keys: [current, next, ...kept()].map(({ publicJwk }) => publicJwk) }),
    async rotate() {
      const following = await createKey()
      const until = now() + (lifetime + MARGIN_SECONDS) * 1000
      retired = [...kept(), { publicJwk: current.publicJwk, until }]
      current = next
      next = following
    },
  }
}

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

async function createKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: 'ES256', use: 'sig' } }
}
