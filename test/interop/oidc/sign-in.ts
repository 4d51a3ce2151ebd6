import { createHash, randomBytes } from 'node:crypto'
import { CLIENT_SECRET, REDIRECT_URI } from './create-provider.js'

export interface SignIn {
  readonly issuer: string
  readonly clientId: string
  readonly resource: string
  readonly scope: string
}

/** What the token endpoint answers. */
export interface Tokens {
  readonly access_token: string
  readonly id_token: string
}

/** Signs a user in as a browser and an app do together: authorization code with PKCE (RFC 6749 §4.1, RFC 7636). */
export async function signIn({ issuer, clientId, resource, scope }: SignIn): Promise<Tokens> {
  const verifier = randomBytes(32).toString('base64url')
  const code = await authorize(`${issuer}/auth`, {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: `openid ${scope}`,
    resource,
    nonce: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return requestTokens(issuer, clientId, {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT_URI,
    resource,
  })
}

/** Asks the token endpoint. The client authenticates with its secret (RFC 6749 §2.3.1). */
export async function requestTokens(
  issuer: string,
  clientId: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Tokens> {
  const basic = Buffer.from([clientId, CLIENT_SECRET].map(encodeURIComponent).join(':')).toString('base64')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams(parameters),
  })
  if (!response.ok)
    throw new Error(`The token endpoint answered ${response.status}: ${await response.text()}`)
  const tokens: Tokens = JSON.parse(await response.text())
  return tokens
}

// Follows redirects with a jar of cookies until one leads to the app.
async function authorize(endpoint: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const cookies = new Map<string, string>()
  let url = new URL(`${endpoint}?${new URLSearchParams(parameters)}`)
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
  const code = url.searchParams.get('code')
  if (!code) throw new Error(`The provider refused: ${url.search}`)
  return code
}
