/** A user who is logged in: sends the access token, and gets a new one where it has run out. */
export interface Session {
  readonly accessToken: string
  readonly refreshToken: string
  /**
   * Like `fetch`. A body must be one that can be sent twice: a string, not a stream.
   *
   * @throws Error where the session is over and the user has to log in again
   */
  fetch(url: string, init?: RequestInit): Promise<Response>
}

export interface Credentials {
  readonly username: string
  readonly password: string
  readonly client_id: string
}

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

/** Logs a user in. @throws Error where name or password is wrong */
export async function logIn(issuer: string, credentials: Credentials): Promise<Session> {
  const { client_id } = credentials
  let tokens = await post(`${issuer}/login`, { ...credentials })
  let renewal: Promise<void> | undefined

  const renew = async (): Promise<void> => {
    const { refresh_token } = tokens
    tokens = await post(`${issuer}/token`, { grant_type: 'refresh_token', refresh_token, client_id })
  }

  const send = (url: string, init: RequestInit | undefined): Promise<Response> => {
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${tokens.access_token}`)
    return fetch(url, { ...init, headers })
  }

  return {
    get accessToken() {
      return tokens.access_token
    },
    get refreshToken() {
      return tokens.refresh_token
    },
    async fetch(url, init) {
      const { access_token: sent } = tokens
      const response = await send(url, init)
      if (!isTokenRefused(response)) return response
      await response.body?.cancel()
      // One renewal for all requests that meet the same refusal: a refresh token is good once.
      if (sent === tokens.access_token) {
        renewal ??= renew().finally(() => (renewal = undefined))
        await renewal
      }
      return send(url, init)
    },
  }
}

// RFC 6750 §3.1: then, and only then, a new token may help. 403 and 503 are about other things.
function isTokenRefused({ status, headers }: Response): boolean {
  return status === 401 && /\berror="invalid_token"/.test(headers.get('www-authenticate') ?? '')
}

async function post(url: string, form: Record<string, string>): Promise<Tokens> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
  if (response.status === 400) throw new Error('log in again')
  if (!response.ok) throw new Error(`the login service answered ${response.status}`)
  return (await response.json()) as Tokens
}
