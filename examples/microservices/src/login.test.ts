import { decodeJwt } from 'jose'
import { beforeEach, expect, test } from 'vitest'
import { createAccessTokens } from './access-tokens.js'
import { CLIENTS, createUsers, type User } from './accounts.js'
import { createLogin } from './login.js'
import { createRefreshTokens } from './refresh-tokens.js'

const issuer = 'https://login.example'
const everybody = await createUsers()

let users: User[]
let post: (path: string, form: Record<string, string>) => Promise<Record<string, string>>

beforeEach(async () => {
  users = [...everybody]
  const accessTokens = await createAccessTokens({ issuer, lifetime: 300, now: Date.now })
  const refreshTokens = createRefreshTokens(3600, Date.now)
  const app = createLogin({ issuer, users, clients: CLIENTS, accessTokens, refreshTokens })
  post = async (path, form) => {
    const body = new URLSearchParams({ client_id: 'shop-app', ...form })
    const response = await app.request(path, { method: 'POST', body })
    return (await response.json()) as Record<string, string>
  }
})

const SAM = { username: 'sam', password: 'sam-answers-calls' }

test('a renewal gives the roles of now', async () => {
  const { access_token = '', refresh_token = '' } = await post('/login', SAM)
  expect(decodeJwt(access_token)).toMatchObject({ sub: 'user-3', roles: ['support'] })
  users.splice(0, users.length, ...users.map((user) => ({ ...user, roles: [] })))
  const renewed = await post('/token', { grant_type: 'refresh_token', refresh_token })
  expect(decodeJwt(renewed['access_token'] ?? '')).toMatchObject({ sub: 'user-3', roles: [] })
})

test('a user who is gone gets no token, neither by password nor by renewal', async () => {
  const { refresh_token = '' } = await post('/login', SAM)
  users.length = 0
  expect(await post('/login', SAM)).toEqual({ error: 'invalid_grant' })
  expect(await post('/token', { grant_type: 'refresh_token', refresh_token })).toEqual({
    error: 'invalid_grant',
  })
})

test.each([
  ['/login', { client_id: 'no-such-app', ...SAM }, 'invalid_client'],
  ['/token', { client_id: 'no-such-app', grant_type: 'refresh_token' }, 'invalid_client'],
  ['/token', { grant_type: 'password', ...SAM }, 'unsupported_grant_type'],
  ['/token', { grant_type: 'refresh_token', refresh_token: 'no.such' }, 'invalid_grant'],
  ['/login', {}, 'invalid_grant'],
])('%s with %j is refused as %s', async (path, form: Record<string, string>, error) => {
  expect(await post(path, form)).toEqual({ error })
})
