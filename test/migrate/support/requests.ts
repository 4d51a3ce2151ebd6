import type { Fault, TestIssuer } from '@require-jwt/testing'
import type { Sent } from './http.js'

/** What a route asks for beyond a token: nothing, not even that, a scope, a role. */
export type Route = '/me' | '/feed' | '/orders' | '/admin'

/** One request of the comparison. */
export interface RequestRow {
  /** As the pages name it. */
  readonly name: string
  readonly route: Route
  readonly send: (issuer: TestIssuer) => Sent | Promise<Sent>
}

/** One request after something happened to the issuer: it needs an issuer and servers of its own. */
export interface OutageRow {
  readonly name: string
  /** What happens before the request. `settle` sends a good token to both and lets `seconds` pass. */
  readonly before: (issuer: TestIssuer, settle: (seconds: number) => Promise<void>) => Promise<void>
  readonly send: (issuer: TestIssuer) => Sent | Promise<Sent>
}

const QUARTER_HOUR = 900

/** The requests that both libraries get, in order, on a running pair of servers. */
export const REQUESTS: readonly RequestRow[] = [
  me('a good token (`typ: at+jwt`)', (issuer) => bearer(issuer.token())),
  me('a good token (`typ: JWT`)', (issuer) => bearer(issuer.token({}, { header: { typ: 'JWT' } }))),
  me('a good token without `typ`', (issuer) => bearer(issuer.token({}, { header: { typ: undefined } }))),
  me('a token whose `aud` is a list with this API', (issuer) =>
    bearer(issuer.token({ aud: ['https://other-api.test', String(issuer.audience)] })),
  ),
  me('`exp` three seconds ago', (issuer) => bearer(issuer.token({}, { expiresIn: -3 }))),
  me('`iat` two seconds ahead', (issuer) => bearer(issuer.token({ iat: seconds(issuer) + 2 }))),
  faulty('an expired token', 'expired'),
  faulty('a token not yet valid (`nbf`)', 'notYetValid'),
  faulty('`iat` an hour ahead', 'issuedInFuture'),
  faulty('no `exp`', 'missingExpiry'),
  faulty('another audience', 'wrongAudience'),
  faulty('no audience', 'missingAudience'),
  faulty('another issuer', 'wrongIssuer'),
  faulty('the issuer with one slash more', 'nearIssuer'),
  faulty('a tampered signature', 'tamperedSignature'),
  faulty("an attacker's signature", 'foreignKey'),
  faulty('an unknown `kid`', 'unknownKid'),
  faulty('`alg: none`', 'algorithmNone'),
  faulty('HS256 with the public key as secret', 'keyConfusion'),
  faulty('another kind of token (`typ: logout+jwt`)', 'logoutToken'),
  faulty('no JWT at all', 'notAJwt'),
  me('no token', () => ({})),
  me('`Basic` credentials', () => authorization('Basic dXNlcjpwYXNz')),
  me('`Bearer` without a token', () => authorization('Bearer')),
  me('`bearer` in lower case', async (issuer) => authorization(`bearer ${await issuer.token()}`)),
  me('two spaces after `Bearer`', async (issuer) => authorization(`Bearer  ${await issuer.token()}`)),
  me('`Authorization` twice, a good token first', async (issuer) => ({
    headers: ['Authorization', `Bearer ${await issuer.token()}`, 'Authorization', 'Bearer another'],
  })),
  me('a good token in the query (`access_token`)', async (issuer) => ({
    query: `?access_token=${await issuer.token()}`,
  })),
  me('a CORS preflight', () => ({
    method: 'OPTIONS',
    headers: Object.entries({
      Origin: 'https://app.example',
      'Access-Control-Request-Method': 'GET',
      'Access-Control-Request-Headers': 'authorization',
    }).flat(),
  })),
  on('/feed', 'token optional: none', () => ({})),
  on('/feed', 'token optional: an expired token', (issuer) => bearer(issuer.faultyToken('expired'))),
  on('/feed', 'token optional: `Basic` credentials', () => authorization('Basic dXNlcjpwYXNz')),
  on('/orders', 'the scope that the route demands', (issuer) =>
    bearer(issuer.token({ scope: 'orders:read' })),
  ),
  on('/orders', 'another scope', (issuer) => bearer(issuer.token({ scope: 'orders:write' }))),
  on('/orders', 'no scope at all', (issuer) => bearer(issuer.token())),
  on('/orders', 'the scope as a list (`scp`)', (issuer) => bearer(issuer.token({ scp: ['orders:read'] }))),
  on('/orders', 'a scope demanded, no token', () => ({})),
  on('/admin', 'the role that the route demands', (issuer) => bearer(issuer.token({ roles: ['admin'] }))),
  on('/admin', 'another role', (issuer) => bearer(issuer.token({ roles: ['clerk'] }))),
]

/** What happens when the issuer is down or changes its keys. */
export const OUTAGES: readonly OutageRow[] = [
  {
    name: 'a good token, the issuer down from the start',
    before: async (issuer) => issuer.goOffline(),
    send: (issuer) => bearer(issuer.token()),
  },
  {
    name: 'a good token, the issuer down, its keys fetched a minute ago',
    before: async (issuer, settle) => {
      await settle(60)
      issuer.goOffline()
    },
    send: (issuer) => bearer(issuer.token()),
  },
  {
    name: 'a good token, the issuer down, its keys fetched 15 minutes ago',
    before: async (issuer, settle) => {
      await settle(QUARTER_HOUR)
      issuer.goOffline()
    },
    send: (issuer) => bearer(issuer.token()),
  },
  {
    name: 'an unknown `kid`, the issuer down, its keys fetched a minute ago',
    before: async (issuer, settle) => {
      await settle(60)
      issuer.goOffline()
    },
    send: (issuer) => bearer(issuer.faultyToken('unknownKid')),
  },
  {
    name: 'a token of a key that was rotated in a minute ago',
    before: async (issuer, settle) => {
      await settle(0)
      await issuer.rotate()
      issuer.advanceSeconds(60)
    },
    send: (issuer) => bearer(issuer.token()),
  },
]

function on(route: Route, name: string, send: RequestRow['send']): RequestRow {
  return { name, route, send }
}

function me(name: string, send: RequestRow['send']): RequestRow {
  return on('/me', name, send)
}

function faulty(name: string, fault: Fault): RequestRow {
  return me(name, (issuer) => bearer(issuer.faultyToken(fault)))
}

async function bearer(token: Promise<string>): Promise<Sent> {
  return authorization(`Bearer ${await token}`)
}

function authorization(value: string): Sent {
  return { headers: ['Authorization', value] }
}

function seconds(issuer: TestIssuer): number {
  return Math.floor(issuer.now() / 1000)
}
