import { createHmac, randomBytes } from 'node:crypto'

const SECRET = randomBytes(32).toString('hex')

/** The options of a verifier for these tokens: HS256, so that what is counted is ours and not that of a key. */
export const OPTIONS = {
  issuer: 'https://login.example',
  audience: 'https://api.example',
  algorithms: ['HS256'],
  secret: SECRET,
}

/** Mints a token of about 1,500 characters, with what an access token of a large provider says. */
export function mint(number) {
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'HS256', typ: 'JWT' }
  const claims = {
    iss: OPTIONS.issuer,
    sub: `user-${String(number).padStart(9, '0')}`,
    aud: [OPTIONS.audience, `${OPTIONS.issuer}/userinfo`],
    iat: now,
    exp: now + 3_600,
    client_id: 'orders-web',
    scope: 'openid profile orders:read orders:write invoices:read',
    name: 'Margarete Steiff',
    preferred_username: 'm.steiff@customer.example',
    realm_access: { roles: ['offline_access', 'uma_authorization'] },
    roles: Array.from({ length: 24 }, (_, role) => `role-${String(role).padStart(2, '0')}-of-the-shop`),
  }
  const input = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`
}
