import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AccessTokens } from './access-tokens.js'
import type { Client, User } from './accounts.js'
import { checkPassword } from './passwords.js'
import type { RefreshTokens } from './refresh-tokens.js'

export interface LoginOptions {
  /** The URL of this service, and the `iss` of its tokens. */
  readonly issuer: string
  readonly users: readonly User[]
  readonly clients: readonly Client[]
  readonly accessTokens: AccessTokens
  readonly refreshTokens: RefreshTokens
}

/** Makes the login service: a password for a pair of tokens, and the documents that its tokens are checked with. */
export function createLogin({ issuer, users, clients, accessTokens, refreshTokens }: LoginOptions): Hono {
  const app = new Hono().use(bodyLimit({ maxSize: 4096 }))

  app.post('/login', async (c) => {
    const form = await readForm(c)
    const client = clients.find(({ id }) => id === form.get('client_id'))
    if (!client) return refuse(c, 'invalid_client')
    const user = users.find(({ name }) => name === form.get('username'))
    const right = await checkPassword(form.get('password') ?? '', user?.password)
    if (!user || !right) return refuse(c, 'invalid_grant')
    return answer(c, user, client, refreshTokens.begin({ userId: user.id, clientId: client.id }))
  })

  app.post('/token', async (c) => {
    const form = await readForm(c)
    const client = clients.find(({ id }) => id === form.get('client_id'))
    if (!client) return refuse(c, 'invalid_client')
    if (form.get('grant_type') !== 'refresh_token') return refuse(c, 'unsupported_grant_type')
    const renewed = refreshTokens.renew(form.get('refresh_token') ?? '', client.id)
    // Looked up anew: a user who is gone gets no token, and the roles are those of now.
    const user = users.find(({ id }) => id === renewed?.session.userId)
    return renewed && user ? answer(c, user, client, renewed.next) : refuse(c, 'invalid_grant')
  })

  app.get('/jwks', (c) => c.json(accessTokens.jwks()))
  app.get('/.well-known/oauth-authorization-server', (c) =>
    c.json({
      issuer,
      jwks_uri: `${issuer}/jwks`,
      token_endpoint: `${issuer}/token`,
      token_endpoint_auth_methods_supported: ['none'],
      grant_types_supported: ['refresh_token'],
      response_types_supported: [],
    }),
  )

  async function answer(c: Context, user: User, client: Client, refresh_token: string): Promise<Response> {
    const { lifetime: expires_in } = accessTokens
    const access_token = await accessTokens.mint(user, client)
    c.header('Cache-Control', 'no-store')
    return c.json({ access_token, token_type: 'Bearer', expires_in, refresh_token, scope: client.scope })
  }

  return app
}

async function readForm(c: Context): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text())
}

// RFC 6749 §5.2. An unknown user and a wrong password are one answer.
function refuse(c: Context, error: 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type'): Response {
  return c.json({ error }, 400)
}
