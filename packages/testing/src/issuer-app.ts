import { Hono } from 'hono'
import type { JSONWebKeySet } from 'jose'

/** Makes what an issuer serves: its metadata (RFC 8414 §3, OpenID Connect Discovery §4) and its JWKS. */
export function createIssuerApp(issuer: string, jwks: () => Promise<JSONWebKeySet>): Hono {
  const base = issuer.replace(/\/$/, '')
  const path = new URL(issuer).pathname.replace(/\/$/, '')
  const metadata = { issuer, jwks_uri: `${base}/jwks`, response_types_supported: [] }
  return new Hono()
    .get(`/.well-known/oauth-authorization-server${path}`, (c) => c.json(metadata))
    .get(`${path}/.well-known/openid-configuration`, (c) => c.json(metadata))
    .get(`${path}/jwks`, async (c) => {
      const headers = { 'content-type': 'application/jwk-set+json' }
      return c.json(await jwks(), 200, headers)
    })
}
