import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import type { Provider } from 'oidc-provider'
import type { Draft } from '../../../packages/testing/src/token.js'
import { ACCOUNT, type Algorithm, clientIds, createProvider, generateKeys } from './create-provider.js'
import { requestAccessToken, type SignedIn, signIn } from './sign-in.js'

/** Which access token is wanted. */
interface TokenRequest {
  /** The API it is for: becomes `aud` (RFC 8707). Default `https://api.test`. */
  readonly resource?: string
  /** Scopes, separated by spaces. Default `orders:read`. */
  readonly scope?: string
  /** What the provider signs the tokens with. Default `RS256`. */
  readonly alg?: Algorithm
}

/** A real OpenID Provider on loopback. */
export interface OidcProvider {
  readonly issuer: string
  /** An access token of a service: client credentials, no user. */
  accessToken(request?: TokenRequest): Promise<string>
  /** Such an access token, taken apart, with the key that signed it: to make another one with a fault. */
  draft(request?: TokenRequest): Promise<Draft>
  /** What an app gets when a user signs in: an access token, and two ID tokens, whose `aud` is `app-<alg>`. */
  signIn(request?: TokenRequest): Promise<SignedIn>
  /** The ID token of `signIn` that the token endpoint gives. */
  idToken(request?: TokenRequest): Promise<string>
  /** Swaps the provider for one with new keys, behind the same address. */
  rotate(): Promise<void>
  close(): Promise<void>
}

/** Starts a provider on a free port of 127.0.0.1. Its tokens are signed with RS256, ES256 and EdDSA. */
export async function startOidcProvider(): Promise<OidcProvider> {
  const server = createServer((req, res) => void answer(provider, req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The provider has no port.')
  const issuer = `http://127.0.0.1:${address.port}`
  const scopes = new Set(['orders:read'])
  let keys = await generateKeys()
  let provider = await createProvider(issuer, scopes, keys)

  function complete({ resource = 'https://api.test', scope = 'orders:read', alg = 'RS256' }: TokenRequest) {
    for (const name of scope.split(' ')) scopes.add(name)
    return { issuer, resource, scope, ...clientIds(alg) }
  }

  function signUserIn(request: TokenRequest = {}): Promise<SignedIn> {
    const { app, ...wish } = complete(request)
    return signIn({ clientId: app, ...wish })
  }

  async function accessToken(request: TokenRequest = {}): Promise<string> {
    const { service, ...wish } = complete(request)
    return requestAccessToken({ clientId: service, ...wish })
  }

  return {
    issuer,
    accessToken,
    async draft(request = {}) {
      const token = await accessToken(request)
      const key = keys[request.alg ?? 'RS256']
      return { header: { ...decodeProtectedHeader(token) }, claims: decodeJwt(token), key }
    },
    signIn: signUserIn,
    idToken: async (request) => (await signUserIn(request)).idToken,
    async rotate() {
      keys = await generateKeys()
      provider = await createProvider(issuer, scopes, keys)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

// Who is sent to log in is logged in.
async function answer(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (req.url?.startsWith('/interaction/')) {
    await provider.interactionFinished(req, res, { login: { accountId: ACCOUNT } })
  } else {
    await provider.callback()(req, res)
  }
}
