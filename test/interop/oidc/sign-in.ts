import { createHash, randomBytes } from 'node:crypto'
import { CLIENT_SECRET, REDIRECT_URI } from './create-provider.js'

interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly resource: string
  readonly scope: string
}

/** What an app has when a user has signed in. */
export interface SignedIn {
  readonly accessToken: string
  /** From the token endpoint: the provider puts a `nonce` into it and no hash. */
  readonly idToken: string
  /** From the redirect, with `nonce` and `c_hash` (OpenID Connect Core §3.3.2.11). */
  readonly frontChannelIdToken: string
}

/** Signs a user in as a browser and an app do together: hybrid flow with PKCE (OpenID Connect Core §3.3). */
export async function signIn({ issuer, clientId, resource, scope }: SignIn): Promise<SignedIn> {
  const verifier = randomBytes(32).toString('base64url')
  const redirect = await authorize(`${issuer}/auth`, {
    client_id: clientId,
    response_type: 'code id_token',
    redirect_uri: REDIRECT_URI,
    scope: `openid ${scope}`,
    resource,
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const tokens = await requestTokens(issuer, clientId, {
    grant_type: 'authorization_code',
    code: read(redirect, 'code'),
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
    resource,
  })
  return {
    accessToken: read(tokens, 'access_token'),
    idToken: read(tokens, 'id_token'),
    frontChannelIdToken: read(redirect, 'id_token'),
  }
}

/** Asks the token endpoint for an access token of the client itself (RFC 6749 §4.4). */
export async function requestAccessToken({ issuer, clientId, resource, scope }: SignIn): Promise<string> {
  const tokens = await requestTokens(issuer, clientId, { grant_type: 'client_credentials', resource, scope })
  return read(tokens, 'access_token')
}

async function requestTokens(
  issuer: string,
  clientId: string,
  parameters: Readonly<Record<string, string>>,
): Promise<URLSearchParams> {
  const credentials = [clientId, CLIENT_SECRET].map(encodeURIComponent).join(':')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams(parameters),
  })
  const body = await response.text()
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}: ${body}`)
  const tokens: Record<string, string> = JSON.parse(body)
  return new URLSearchParams(tokens)
}

function read(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)
  if (!value) throw new Error(`The provider gave no ${name}: ${parameters.toString()}`)
  return value
}

// Follows redirects with a jar of cookies until one leads to the app.
async function authorize(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
): Promise<URLSearchParams> {
  const cookies = new Map<string, string>()
  let url = new URL(`${endpoint}?${new URLSearchParams(parameters).toString()}`)
  while (url.origin === new URL(endpoint).origin) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (!location) throw new Error(`${url.pathname} answered ${response.status}: ${await response.text()}`)
    url = new URL(location, url)
  }
  return new URLSearchParams(url.hash.slice(1) || url.search)
}
