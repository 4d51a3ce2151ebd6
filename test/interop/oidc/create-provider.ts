import { exportJWK } from 'jose'
import type { Provider } from 'oidc-provider'
import { generateSigningKey, type SigningKey } from '../../../packages/testing/src/keys/signing-key.js'
import { quietly } from './quietly.js'

/** What the provider signs with; each has a client of its own, because the client decides. */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export const REDIRECT_URI = 'https://app.test/callback'
export const ACCOUNT = 'ada'

/** The clients of an algorithm: one is a service (client credentials), one an app (hybrid flow). */
export function clientIds(alg: Algorithm): { readonly service: string; readonly app: string } {
  return { service: `service-${alg}`, app: `app-${alg}` }
}

export const CLIENT_SECRET = 'a secret that guards nothing'

/** What the provider takes DPoP proofs signed with. */
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'Ed25519', 'PS256', 'RS256'] as const

/** What the provider makes its nonces for DPoP proofs of: 32 bytes. */
export const NONCE_SECRET: Buffer = Buffer.from('nonces of a test: 32 bytes long.')

/** What the provider signs with, by algorithm. */
export type Keys = Readonly<Record<Algorithm, SigningKey>>

/** Makes a key for each algorithm. */
export async function generateKeys(): Promise<Keys> {
  const keys = await Promise.all(
    ALGORITHMS.map(
      async (alg) => [alg, await generateSigningKey(alg, `${alg}-${crypto.randomUUID()}`)] as const,
    ),
  )
  return Object.fromEntries(keys) as Keys
}

/** Makes a provider. `scopes` are those that every API (RFC 8707 resource) has. */
export async function createProvider(
  issuer: string,
  scopes: ReadonlySet<string>,
  own: Keys,
): Promise<Provider> {
  const keys = await Promise.all(
    Object.values(own).map(async ({ privateKey, publicJwk }) => ({
      ...publicJwk,
      ...(await exportJWK(privateKey)),
    })),
  )
  return quietly(async () => {
    const { Provider } = await import('oidc-provider')
    return new Provider(issuer, {
      jwks: { keys },
      cookies: { keys: ['signs cookies of a test'] },
      clients: ALGORITHMS.flatMap((alg) => [
        {
          client_id: clientIds(alg).service,
          client_secret: CLIENT_SECRET,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
        {
          client_id: clientIds(alg).app,
          client_secret: CLIENT_SECRET,
          grant_types: ['authorization_code', 'implicit'],
          redirect_uris: [REDIRECT_URI],
          response_types: ['code id_token'],
          id_token_signed_response_alg: alg,
        },
      ]),
      enabledJWA: { idTokenSigningAlgValues: ALGORITHMS, dPoPSigningAlgValues: PROOF_ALGORITHMS },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        // Who sends no proof gets a bearer token, as before; who sends one needs a nonce.
        dPoP: { enabled: true, nonceSecret: NONCE_SECRET, requireNonce: () => true },
        resourceIndicators: {
          enabled: true,
          useGrantedResource: () => true,
          getResourceServerInfo: (_ctx, _resource, { clientId }) => ({
            scope: [...scopes].join(' '),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: ALGORITHMS.find((alg) => clientId.endsWith(alg)) } },
          }),
        },
      },
      findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      // Consent is given before anybody is asked.
      async loadExistingGrant({ oidc }) {
        const { client, session, params } = oidc
        const grant = new oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
        grant.addOIDCScope('openid')
        if (typeof params?.['resource'] === 'string') {
          grant.addResourceScope(params['resource'], [...scopes].join(' '))
        }
        await grant.save()
        return grant
      },
      // A lifetime of our own for each, because the defaults print a notice.
      ttl: {
        AccessToken: 600,
        ClientCredentials: 600,
        Grant: 600,
        IdToken: 600,
        Interaction: 600,
        Session: 600,
      },
    })
  })
}
