import type { FetchLike, TenantsOptions } from '@require-jwt/core'
import { protectTenants, type App } from '../../conformance/support/app.js'
import { anHourLater, json, serveDocuments } from '../../conformance/support/issuers.js'
import { P256, published, RSA, STRANGER } from '../../conformance/support/keys.js'
import { bearer, each, granted, refusal, type Case, type Expected } from '../../conformance/support/table.js'
import { ISSUER, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'

type Options = Omit<TenantsOptions, 'audience'>

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const UNAVAILABLE = refusal('keys_unavailable')
const ANYBODY: Options = { allow: () => true }
const SECOND = 'https://second.example'
/** How long a request waits for keys here, in milliseconds: not long, but longer than a busy machine needs. */
const WAIT_MS = 250

const KEYS = { keys: [RSA.jwk] }

export const tenantKeys: Attack = {
  name: 'tenant-keys',
  about: 'a tenant names no place for its keys but one of its own, and none that is inside',
  source: 'CWE-918, RFC 8725 §3.10',
  refuses: [
    ...each(
      {
        'on another host': 'https://keys.example/jwks',
        'on a host below its own': 'https://keys.issuer.example/jwks',
        'on a host that begins like its own': `${ISSUER}.attacker.example/jwks`,
        'on another port': `${ISSUER}:8443/jwks`,
        'over http': 'http://issuer.example/jwks',
        'behind a user name': 'https://issuer.example@attacker.example/jwks',
        'at the metadata of a cloud machine': 'http://169.254.169.254/latest/meta-data',
        'on this machine': 'https://localhost/jwks',
        'in a file': 'file:///etc/passwd',
      },
      (name, uri) => pointing(`keys ${name}`, uri, ANYBODY, UNAVAILABLE),
    ),
    ...each<readonly string[]>(
      {
        'an address inside': ['10.0.0.1'],
        'the address of this machine': ['127.0.0.1'],
        'that address in IPv6': ['::ffff:127.0.0.1'],
        'an address inside beside a public one': ['93.184.216.34', '169.254.169.254'],
        'no address': [],
      },
      (name, addresses) =>
        pointing(`a host with ${name}`, `${ISSUER}/jwks`, resolving(addresses), UNAVAILABLE),
    ),
  ],
  accepts: [
    pointing('keys on its own host', `${ISSUER}/jwks`, ANYBODY, granted()),
    pointing(
      'keys on a host of the options',
      'https://keys.example/jwks',
      { ...ANYBODY, jwksOrigins: ['https://keys.example'] },
      granted(),
    ),
    pointing('a host with a public address', `${ISSUER}/jwks`, resolving(['93.184.216.34']), granted()),
  ],
}

const OWN = mint({ exp: FAR })
const OF_SECOND = mint({ iss: SECOND, exp: FAR }, {}, P256)

export const tenantNeighbours: Attack = {
  name: 'tenant-neighbours',
  about: 'a tenant that hangs, lies or is attacked harms itself, and no other',
  source: 'CWE-400, CVE-2025-59936',
  refuses: [
    crowded('a tenant that hangs', 1, mint({ iss: hangingName(0), exp: FAR }), UNAVAILABLE),
    crowded('the ninth tenant without keys, while eight hang', 8, OF_SECOND, UNAVAILABLE),
    crowded(
      'a forged token of a neighbour of eight that hang',
      8,
      mint({ exp: FAR }, {}, STRANGER),
      refusal('signature_invalid'),
    ),
    crowded("a neighbour's name, its own key", 0, mint({ exp: FAR }, {}, P256), refusal('key_unknown')),
    crowded(
      "a neighbour's name and kid, its own key",
      0,
      mint({ exp: FAR }, { kid: 'rsa' }, P256),
      refusal('key_unknown'),
    ),
    lying('the metadata of a neighbour', { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }),
    lying("a neighbour's name in its own metadata", { issuer: ISSUER, jwks_uri: `${SECOND}/jwks` }),
    lying("a neighbour's keys for its own", { issuer: SECOND, jwks_uri: `${ISSUER}/jwks` }),
  ],
  accepts: [
    crowded('a tenant with keys, while eight hang', 8, OWN, granted({ issuer: ISSUER })),
    crowded('a tenant without keys, while one hangs', 1, OF_SECOND, granted({ issuer: SECOND })),
    {
      name: 'a tenant with keys, after sixty invented kids for another',
      expected: granted({ issuer: ISSUER }),
      scene: async () => {
        const app = await crowd(0)
        const invented = Array.from({ length: 60 }, (_, index) =>
          mint({ iss: SECOND, exp: FAR }, { kid: `none-${index}` }, STRANGER),
        )
        await Promise.allSettled(invented.map((token) => verifyWith(app, token)))
        return { app, sent: bearer(OWN) }
      },
    },
  ],
}

/** A tenant whose metadata say where its keys are. Nothing but these two places is ever asked. */
function pointing(name: string, jwksUri: string, options: Options, expected: Expected): Case {
  const documents = { ...metadata(ISSUER, { issuer: ISSUER, jwks_uri: jwksUri }), [jwksUri]: json(KEYS) }
  const allowed = expected.ran ? Object.keys(documents) : Object.keys(documents).slice(0, 1)
  return {
    name,
    expected,
    scene: () => {
      const { fetch, requests } = serveDocuments(documents)
      const app = protectTenants(options, { fetch, now: anHourLater() })
      const look = (): unknown => requests.filter((url) => !allowed.includes(url))
      return { app, sent: bearer(OWN), also: [look, []] }
    },
  }
}

function resolving(addresses: readonly string[]): Options {
  return { ...ANYBODY, resolveHost: async () => addresses }
}

/** The second tenant says something that is another's. */
function lying(name: string, document: object): Case {
  return {
    name,
    expected: UNAVAILABLE,
    scene: () => {
      const documents = {
        ...metadata(SECOND, document),
        [`${ISSUER}/jwks`]: json(KEYS),
        [`${SECOND}/jwks`]: json(KEYS),
      }
      const { fetch } = serveDocuments(documents)
      const app = protectTenants({ allow: [ISSUER, SECOND] }, { fetch, now: anHourLater() })
      return { app, sent: bearer(mint({ iss: SECOND, exp: FAR })) }
    },
  }
}

function crowded(name: string, hanging: number, token: string, expected: Expected): Case {
  return { name, expected, scene: async () => ({ app: await crowd(hanging), sent: bearer(token) }) }
}

/** Two tenants, of which the first has been asked for its keys, and some that never answer. */
async function crowd(hanging: number): Promise<App> {
  const names = Array.from({ length: hanging }, (_, index) => hangingName(index))
  const documents = {
    ...metadata(ISSUER, { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }),
    ...metadata(SECOND, { issuer: SECOND, jwks_uri: `${SECOND}/jwks` }),
    [`${ISSUER}/jwks`]: json(KEYS),
    [`${SECOND}/jwks`]: json({ keys: [published(P256)] }),
  }
  const { fetch: answer } = serveDocuments(documents)
  const fetch: FetchLike = (url, init) =>
    names.includes(new URL(url).origin) ? new Promise(() => undefined) : answer(url, init)
  const app = protectTenants(
    { allow: [ISSUER, SECOND, ...names], keySet: { waitMs: WAIT_MS } },
    { fetch, now: anHourLater() },
  )
  await verifyWith(app, OWN)
  // They are answered in the end; what they asked for hangs on.
  await Promise.allSettled(names.map((iss) => verifyWith(app, mint({ iss, exp: FAR }))))
  return app
}

function verifyWith({ verifiers }: App, token: string): Promise<unknown> {
  return Promise.all(verifiers.map((verifier) => verifier.verify(token)))
}

function hangingName(index: number): string {
  return `https://hangs-${index}.example`
}

function metadata(issuer: string, document: object): Readonly<Record<string, () => Response>> {
  return { [`${issuer}/.well-known/oauth-authorization-server`]: json(document) }
}
