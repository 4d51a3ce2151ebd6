import type { TLSSocket } from 'node:tls'
import { exportJWK } from 'jose'
import type { ClientMetadata, KoaContextWithOIDC, Provider } from 'oidc-provider'
import { generateSigningKey } from '../../../packages/testing/src/keys/signing-key.js'
import type { Identity } from './certificates.js'
import { listenTls } from './listen-tls.js'
import type { TlsClient } from './tls-client.js'
import { quietly } from '../oidc/quietly.js'

/** Scope and API of every token. */
const SCOPE = 'orders:read'

/** Who may ask for tokens: who shows a certificate of the authority with this common name (RFC 8705 §2.1). */
interface RegisteredClient {
  readonly id: string
  /** Its tokens are bound to the certificate (RFC 8705 §3). */
  readonly isBound: boolean
}

/** What an authorization server is started with. */
export interface MtlsProviderOptions {
  readonly server: Identity
  /** The authority that signed the certificates of the clients, in PEM. */
  readonly ca: string
  readonly clients: readonly RegisteredClient[]
}

/** A token, and what the token endpoint calls it. */
interface IssuedToken {
  readonly token: string
  readonly tokenType: string
}

/** A real OpenID Provider on loopback, over TLS. */
export interface MtlsProvider {
  readonly issuer: string
  /** Gets a token of a client for an API (RFC 6749 §4.4): the certificate is what it is authenticated by. */
  issue(clientId: string, resource: string, connection: TlsClient): Promise<IssuedToken>
  close(): Promise<void>
}

/** Starts a provider on a free port of 127.0.0.1. Its access tokens are JWTs, signed with RS256. */
export async function startMtlsProvider({ server, ca, clients }: MtlsProviderOptions): Promise<MtlsProvider> {
  const listening = await listenTls(server, ca)
  const issuer = listening.origin
  const provider = await createProvider(issuer, clients)
  const answer = provider.callback()
  listening.server.on('request', (req, res) => void answer(req, res))
  return {
    issuer,
    async issue(clientId, resource, connection) {
      const parameters = { grant_type: 'client_credentials', client_id: clientId, resource, scope: SCOPE }
      const { status, body } = await connection.send(`${issuer}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(parameters).toString(),
      })
      if (status !== 200) throw new Error(`The token endpoint answered ${status}: ${body}`)
      const { access_token: token, token_type: tokenType } = JSON.parse(body) as Record<string, string>
      if (!token || !tokenType) throw new Error('The token endpoint gave no token.')
      return { token, tokenType }
    },
    close: () => listening.close(),
  }
}

async function createProvider(issuer: string, clients: readonly RegisteredClient[]): Promise<Provider> {
  const { privateKey, publicJwk } = await generateSigningKey('RS256', 'rsa')
  const key = { ...publicJwk, ...(await exportJWK(privateKey)) }
  return quietly(async () => {
    const { Provider } = await import('oidc-provider')
    return new Provider(issuer, {
      jwks: { keys: [key] },
      cookies: { keys: ['signs cookies of a test'] },
      clients: clients.map(metadataOf),
      clientAuthMethods: ['tls_client_auth'],
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          tlsClientAuth: true,
          getCertificate: (ctx) => socketOf(ctx).getPeerX509Certificate(),
          certificateAuthorized: (ctx) => socketOf(ctx).authorized,
          certificateSubjectMatches: (ctx, _property, expected) =>
            socketOf(ctx).getPeerX509Certificate()?.subject === expected,
        },
        resourceIndicators: {
          enabled: true,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: SCOPE,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      // A lifetime of our own, because the default prints a notice.
      ttl: { ClientCredentials: 600 },
    })
  })
}

function metadataOf({ id, isBound }: RegisteredClient): ClientMetadata {
  return {
    client_id: id,
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: `CN=${id}`,
    tls_client_certificate_bound_access_tokens: isBound,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
}

function socketOf(ctx: KoaContextWithOIDC): TLSSocket {
  return ctx.socket as TLSSocket
}
