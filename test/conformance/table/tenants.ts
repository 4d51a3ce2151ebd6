import type { TenantsOptions } from '@require-jwt/core'
import { protectTenants } from '../support/app.js'
import { anHourLater, json, serveDocuments } from '../support/issuers.js'
import { RSA } from '../support/keys.js'
import { bearer, granted, refusal, type Case, type Row, type Scene } from '../support/table.js'
import { ISSUER, mint } from '../support/tokens.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const UNKNOWN = refusal('issuer_unknown')
const JWKS = { keys: [RSA.jwk] }
const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`
const ANY = (): boolean => true

/** Section "Keys and discovery": issuers that are chosen per tenant. */
export const tenants: readonly Row[] = [
  {
    rules: ['KEY-06', 'JWT-21'],
    about: 'a tenant is one of the list, to the letter; nothing is fetched for any other issuer',
    refuses: [
      untouched('another issuer', 'https://attacker.example', [ISSUER]),
      untouched('a slash at the end', `${ISSUER}/`, [ISSUER]),
      untouched('another case', 'https://ISSUER.example', [ISSUER]),
      untouched('a host that begins alike', `${ISSUER}.attacker.example`, [ISSUER]),
      untouched('http on a loopback host', 'http://localhost', [ISSUER]),
      untouched('a list that has it', [ISSUER], [ISSUER]),
      untouched('no issuer', undefined, [ISSUER]),
    ],
    accepts: [
      tenant('the only tenant', ISSUER, { allow: [ISSUER] }),
      tenant('one of several', ISSUER, { allow: ['https://login.other.example', ISSUER] }),
      tenant('one on a host inside that the list names', 'https://idp.internal', {
        allow: ['https://idp.internal'],
      }),
    ],
  },
  {
    rules: ['KEY-06'],
    about: 'a function admits by true alone, and is asked about public hosts only; else nothing is fetched',
    refuses: [
      untouched('false', ISSUER, () => false),
      untouched('what is only truthy', ISSUER, () => 'true' as never),
      untouched('a promise of what is only truthy', ISSUER, () => Promise.resolve(1 as never)),
      untouched('http on a loopback host', 'http://localhost', ANY),
      untouched('loopback by name', 'https://localhost', ANY),
      untouched('loopback by address', 'https://127.0.0.1', ANY),
      untouched('loopback by another spelling of it', 'https://0x7f.1', ANY),
      untouched('loopback in IPv6', 'https://[::1]', ANY),
      untouched('the metadata of a cloud machine', 'https://169.254.169.254/latest', ANY),
      untouched('a public address', 'https://8.8.8.8', ANY),
      untouched('a single label', 'https://idp', ANY),
      untouched('a name under internal, with a dot at the end', 'https://metadata.google.internal.', ANY),
      untouched('a name under local', 'https://idp.svc.cluster.local', ANY),
      untouched('a user name', 'https://issuer.example@127.0.0.1', ANY),
      untouched('a query', `${ISSUER}?a`, ANY),
      untouched('a fragment', `${ISSUER}#a`, ANY),
      untouched('the default port, written out', `${ISSUER}:443`, ANY),
      untouched('dot segments', `${ISSUER}/a/../b`, ANY),
      untouched('an encoded slash', `${ISSUER}/a%2fb`, ANY),
      untouched('a backslash', 'https:\\\\issuer.example', ANY),
      untouched('a letter that a parser maps to another', 'https://ｉssuer.example', ANY),
      untouched('a line break', `${ISSUER}\n`, ANY),
    ],
    accepts: [
      tenant('what gives true', ISSUER, { allow: (iss) => iss === ISSUER }),
      tenant('what promises true', ISSUER, { allow: (iss) => Promise.resolve(iss === ISSUER) }),
      tenant('a port and a path', `${ISSUER}:8443/realms/a`, { allow: ANY }),
      tenant('a public name with a local label in it', 'https://internal.issuer.example', { allow: ANY }),
    ],
  },
  {
    rules: ['KEY-06'],
    about: 'the keys of a tenant come from its own origin, or one of the options, at a public address',
    refuses: [
      unavailable('a jwks_uri elsewhere', { allow: [ISSUER] }, 'https://keys.example/jwks'),
      unavailable('a jwks_uri on another port', { allow: [ISSUER] }, `${ISSUER}:8443/jwks`),
      unavailable('a host with a private address', { allow: ANY, resolveHost: at('10.0.0.1') }),
      unavailable('a host with a private address beside a public one', {
        allow: ANY,
        resolveHost: at('93.184.216.34', '::ffff:169.254.169.254'),
      }),
      unavailable('a host without an address', { allow: ANY, resolveHost: at() }),
    ],
    accepts: [
      tenant('its own origin', ISSUER, { allow: [ISSUER] }),
      tenant(
        'an origin of the options',
        ISSUER,
        { allow: [ISSUER], jwksOrigins: ['https://keys.example'] },
        'https://keys.example/jwks',
      ),
      tenant('a host with public addresses', ISSUER, {
        allow: ANY,
        resolveHost: at('93.184.216.34', '2606:4700::1'),
      }),
    ],
  },
]

type Options = Omit<TenantsOptions, 'audience'>

function at(...addresses: readonly string[]): () => Promise<readonly string[]> {
  return () => Promise.resolve(addresses)
}

/** An issuer that is no tenant: nothing is fetched, although the predicate may say `true`. */
function untouched(name: string, iss: unknown, allow: Options['allow']): Case {
  return { name, expected: UNKNOWN, scene: () => remote(iss, { allow }, {}, []) }
}

/** A tenant, whose keys are where its metadata say. */
function tenant(name: string, iss: string, options: Options, jwksUri = `${iss}/jwks`): Case {
  const { origin, pathname } = new URL(iss)
  const place = `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
  const documents = { [place]: json({ issuer: iss, jwks_uri: jwksUri }), [jwksUri]: json(JWKS) }
  return {
    name,
    expected: granted({ issuer: iss }),
    scene: () => remote(iss, options, documents, [place, jwksUri]),
  }
}

/** A tenant whose keys are not fetched: with a `jwksUri` its metadata are, without one nothing is. */
function unavailable(name: string, options: Options, jwksUri?: string): Case {
  const uri = jwksUri ?? `${ISSUER}/jwks`
  const documents = { [OAUTH]: json({ issuer: ISSUER, jwks_uri: uri }), [uri]: json(JWKS) }
  const asked = jwksUri === undefined ? [] : [OAUTH]
  return {
    name,
    expected: refusal('keys_unavailable'),
    scene: () => remote(ISSUER, options, documents, asked),
  }
}

/** Checks that these documents were asked for, in this order, and no others. */
function remote(
  iss: unknown,
  options: Options,
  documents: Readonly<Record<string, () => Response>>,
  asked: readonly string[],
): Scene {
  const { fetch, requests } = serveDocuments(documents)
  const app = protectTenants(options, { fetch, now: anHourLater() })
  return { app, sent: bearer(mint({ iss, exp: FAR })), also: [() => requests, asked] }
}
