import type { VerifierOptions } from '@require-jwt/core'
import { protect } from '../support/app.js'
import type { Sent } from '../support/http.js'
import { anHourLater, fetching, json, sentBy, serveDocuments, type Fetching } from '../support/issuers.js'
import { P256, published, RSA, STRANGER, WEAK_RSA } from '../support/keys.js'
import { bearer, granted, refusal, type Case, type Expected, type Row, type Scene } from '../support/table.js'
import { ISSUER, mint } from '../support/tokens.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const GOOD = mint({ exp: FAR })
const KEYS_URI = 'https://keys.example/jwks'
const JWKS = { keys: [RSA.jwk] }
const POINTING = mint(
  { exp: FAR },
  { jku: 'https://attacker.example/jwks', x5u: 'https://attacker.example/x', jwk: STRANGER.jwk },
)
const UNAVAILABLE = refusal('keys_unavailable')

const UNUSABLE: Expected = {
  status: 500,
  challenge: undefined,
  body: /ConfigError: jwks of issuer .*no usable key.*Pass/,
  code: undefined,
  ran: false,
}

const OAUTH = `${ISSUER}/.well-known/oauth-authorization-server`
const OIDC = `${ISSUER}/.well-known/openid-configuration`

/** Section "Keys and discovery". What the options say about URLs is in `start-up.ts`. */
export const keys: readonly Row[] = [
  {
    rules: ['KEY-01'],
    about: 'metadata cannot open what the options did not',
    refuses: [
      discovered('a jwks_uri over http', { jwks_uri: 'http://issuer.example/jwks' }, UNAVAILABLE),
      discovered(
        'a jwks_uri over http on a loopback host',
        { jwks_uri: 'http://127.0.0.1:9/jwks' },
        UNAVAILABLE,
      ),
      discovered('a jwks_uri of another scheme', { jwks_uri: 'file:///etc/passwd' }, UNAVAILABLE),
      discovered('a jwks_uri with a password', { jwks_uri: 'https://a:b@keys.example/jwks' }, UNAVAILABLE),
      discovered('a jwks_uri that is no URL', { jwks_uri: '/jwks' }, UNAVAILABLE),
      discovered('no jwks_uri', { jwks_uri: undefined }, UNAVAILABLE),
    ],
    accepts: [discovered('a jwks_uri over https, also of another host', {}, granted())],
  },
  {
    rules: ['KEY-02'],
    about: 'metadata of another issuer do not count',
    refuses: [
      discovered('a slash at the end', { issuer: `${ISSUER}/` }, UNAVAILABLE),
      discovered('another case', { issuer: 'https://ISSUER.example' }, UNAVAILABLE),
      discovered('another host', { issuer: 'https://attacker.example' }, UNAVAILABLE),
      discovered('a list', { issuer: [ISSUER] }, UNAVAILABLE),
      discovered('nothing', { issuer: undefined }, UNAVAILABLE),
    ],
    accepts: [discovered('the issuer of the options', {}, granted())],
  },
  {
    rules: ['KEY-03'],
    about: 'metadata are looked for in three places, in order',
    refuses: [
      placed(
        'RFC 8414 metadata at the end of the path',
        'https://login.example/tenant/.well-known/oauth-authorization-server',
        UNAVAILABLE,
      ),
      placed(
        'metadata of the host for an issuer with a path',
        'https://login.example/.well-known/openid-configuration',
        UNAVAILABLE,
      ),
    ],
    accepts: [
      placed(
        'RFC 8414, between host and path',
        'https://login.example/.well-known/oauth-authorization-server/tenant',
        granted(),
      ),
      placed(
        'OpenID Connect, between host and path',
        'https://login.example/.well-known/openid-configuration/tenant',
        granted(),
      ),
      placed(
        'OpenID Connect, at the end of the path',
        'https://login.example/tenant/.well-known/openid-configuration',
        granted(),
      ),
      served('an issuer without a path: RFC 8414', { [OAUTH]: metadata() }, granted(), [OAUTH, KEYS_URI]),
      served('an issuer without a path: OpenID Connect', { [OIDC]: metadata() }, granted(), [
        OAUTH,
        OIDC,
        KEYS_URI,
      ]),
    ],
  },
  {
    rules: ['KEY-04', 'JWT-13'],
    about: 'a key that is not known is asked for, and not again and again',
    refuses: [
      withKeysKnown('a kid that the issuer does not have', refusal('key_unknown'), async ({ issuer }) => {
        const sent = await sentBy(issuer.faultyToken('unknownKid'))
        return { sent, also: [() => jwksRequests(issuer), 2] }
      }),
      withKeysKnown('many of them', refusal('key_unknown'), async ({ issuer }) => {
        const tokens = Array.from({ length: 20 }, (_, index) =>
          issuer.token({}, { header: { kid: `../${index}` } }),
        )
        const earlier = (await Promise.all(tokens)).map((token) => bearer(token))
        const sent = await sentBy(issuer.faultyToken('unknownKid'))
        return { earlier, sent, also: [() => jwksRequests(issuer) <= 3, true] }
      }),
      withKeysKnown(
        'a key that was withdrawn, when the keys are old',
        refusal('key_unknown'),
        async ({ issuer }) => {
          const sent = await sentBy(issuer.token({ exp: FAR }))
          await issuer.rotate()
          issuer.advanceSeconds(2 * 600 + 1)
          return { sent }
        },
      ),
    ],
    accepts: [
      withKeysKnown('a key that the issuer just got', granted(), async ({ issuer }) => {
        await issuer.rotate()
        return { sent: await sentBy(issuer.token()) }
      }),
      withKeysKnown('a key that is known, without asking again', granted(), async ({ issuer }) => {
        return { sent: await sentBy(issuer.token()), also: [() => jwksRequests(issuer), 1] }
      }),
    ],
  },
  {
    rules: ['KEY-04', 'ERR-06'],
    about: 'known keys outlive an outage, for a bounded time',
    refuses: [
      withKeysKnown('when the time is over', refusal('keys_unavailable'), async ({ issuer }) => {
        const sent = await sentBy(issuer.token({ exp: FAR }))
        down(issuer, 600 + 3600 + 1)
        return { sent }
      }),
    ],
    accepts: [
      withKeysKnown('while the keys are fresh', granted(), async ({ issuer }) => {
        down(issuer, 60)
        return { sent: await sentBy(issuer.token({ exp: FAR })) }
      }),
      withKeysKnown('when the keys are old', granted(), async ({ issuer }) => {
        down(issuer, 600 + 3600 - 1)
        return { sent: await sentBy(issuer.token({ exp: FAR })) }
      }),
    ],
  },
  {
    rules: ['KEY-04'],
    about: 'nothing is fetched before a token needs it, and one fetch serves all',
    refuses: [
      untouched('a request without a token', refusal('token_missing'), () => Promise.resolve({})),
      untouched('an expired token', refusal('token_expired'), ({ issuer }) =>
        sentBy(issuer.faultyToken('expired')),
      ),
      untouched('a token by another issuer', refusal('issuer_unknown'), ({ issuer }) =>
        sentBy(issuer.faultyToken('wrongIssuer')),
      ),
    ],
    accepts: [
      {
        name: 'twenty at once',
        scene: async () => {
          const { app, issuer } = await fetching()
          const sent = await sentBy(issuer.token())
          return {
            app,
            together: Array.from({ length: 19 }, () => sent),
            sent,
            also: [() => jwksRequests(issuer), 1],
          }
        },
        expected: granted(),
      },
    ],
  },
  {
    rules: ['JWT-10', 'JWT-15'],
    about: 'keys in the options of which none can be used are a mistake of the set-up',
    refuses: [
      given('a weak key alone', WEAK_RSA.jwk, UNUSABLE),
      given('a secret alone', { kty: 'oct', k: 'AAAA', kid: 'rsa' }, UNUSABLE),
      given('a private key alone', { ...RSA.privateKey.export({ format: 'jwk' }), kid: 'rsa' }, UNUSABLE),
    ],
    accepts: [given('a key of 2048 bits alone', RSA.jwk, granted())],
  },
  {
    rules: ['KEY-05', 'JWT-12'],
    about: 'a fetch goes where the options say, takes what a key set is, and gives nothing away',
    refuses: [
      fetched('a redirect', () => redirect('http://169.254.169.254/latest/meta-data'), UNAVAILABLE),
      fetched('a redirect to the same host', () => redirect('https://keys.example/other'), UNAVAILABLE),
      fetched('HTML', json(JWKS, 'text/html'), UNAVAILABLE),
      fetched('another status', () => new Response(JSON.stringify(JWKS), { status: 203 }), UNAVAILABLE),
      fetched('a list', json([RSA.jwk]), UNAVAILABLE),
      fetched('no keys', json({ keys: [] }), UNAVAILABLE),
      fetched(
        'no key that can be used',
        json({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'rsa' }] }),
        UNAVAILABLE,
      ),
      fetched('what is no JSON', () => new Response('{"keys":['), UNAVAILABLE),
      endless(),
    ],
    accepts: [
      fetched('a key set', json(JWKS, 'application/jwk-set+json'), granted()),
      fetched('a key set that calls itself text', json(JWKS, 'text/plain; charset=utf-8'), granted()),
      fetched('a key set that calls itself bytes', json(JWKS, 'application/octet-stream'), granted()),
      fetched(
        'a key set with keys of other kinds',
        json({ keys: [{ kty: 'oct', k: 'AAAA' }, null, published(P256, { use: 'enc' }), RSA.jwk] }),
        granted(),
      ),
      fetched('a token that points elsewhere, and never goes there', json(JWKS), granted(), POINTING),
    ],
  },
]

function metadata(more: Readonly<Record<string, unknown>> = {}): () => Response {
  return json({ issuer: ISSUER, jwks_uri: KEYS_URI, ...more })
}

type Documented = Readonly<Record<string, () => Response>>

/** An app that finds its keys among documents. Checks that it asked for these, in this order, and no others. */
function remote(
  documents: Documented,
  sent: Sent,
  requests: readonly string[],
  options: Partial<VerifierOptions>,
): Scene {
  const { fetch, requests: asked, inits } = serveDocuments(documents)
  const app = protect({ jwks: undefined, fetch, now: anHourLater(), ...options })
  const look = (): unknown => ({
    asked,
    redirects: new Set(inits.map((init) => init.redirect)),
    fields: new Set(inits.flatMap(({ headers }) => Object.keys(headers).map((name) => name.toLowerCase()))),
  })
  const expected = { asked: requests, redirects: new Set(['manual']), fields: new Set(['accept']) }
  return { app, sent, also: [look, expected] }
}

/** The one key that the options have. */
function given(name: string, key: object, expected: Expected): Case {
  const app = protect({ jwks: { keys: [key] } }, {}, { ownErrors: true })
  return { name, scene: () => ({ app, sent: bearer(mint()) }), expected }
}

/** The metadata say something else than they should. What they name is there to be fetched. */
function discovered(name: string, more: Readonly<Record<string, unknown>>, expected: Expected): Case {
  const documents = {
    [OAUTH]: metadata(more),
    [KEYS_URI]: json(JWKS),
    [String(more['jwks_uri'])]: json(JWKS),
  }
  // Metadata that are none of this issuer's count as absent: the next place is asked.
  const requests = expected.ran ? [OAUTH, KEYS_URI] : 'issuer' in more ? [OAUTH, OIDC] : [OAUTH]
  return { name, scene: () => remote(documents, bearer(GOOD), requests, {}), expected }
}

/** The metadata of an issuer with a path are in one place only. */
function placed(name: string, url: string, expected: Expected): Case {
  const issuer = 'https://login.example/tenant'
  const places = [
    'https://login.example/.well-known/oauth-authorization-server/tenant',
    'https://login.example/.well-known/openid-configuration/tenant',
    'https://login.example/tenant/.well-known/openid-configuration',
  ]
  const asked = expected.ran ? [...places.slice(0, places.indexOf(url) + 1), KEYS_URI] : places
  const documents = { [url]: metadata({ issuer }), [KEYS_URI]: json(JWKS) }
  return {
    name,
    scene: () => remote(documents, bearer(mint({ iss: issuer, exp: FAR })), asked, { issuer }),
    expected,
  }
}

function served(name: string, documents: Documented, expected: Expected, requests: readonly string[]): Case {
  const all = { ...documents, [KEYS_URI]: json(JWKS) }
  return { name, scene: () => remote(all, bearer(GOOD), requests, {}), expected }
}

function fetched(name: string, answer: () => Response, expected: Expected, token: string = GOOD): Case {
  const scene = (): Scene => remote({ [KEYS_URI]: answer }, bearer(token), [KEYS_URI], { jwksUri: KEYS_URI })
  return { name, scene, expected }
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location } })
}

/** A body without end, of which no more is read than a key set may have. */
function endless(): Case {
  let bytes = 0
  const chunk = new TextEncoder().encode(' '.repeat(64 * 1024))
  const body = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull(controller) {
        bytes += chunk.length
        controller.enqueue(chunk)
      },
    })
  const { scene, ...rest } = fetched('a body without end', () => new Response(body()), UNAVAILABLE)
  return {
    ...rest,
    scene: () => {
      bytes = 0
      return { ...(scene() as Scene), also: [() => bytes < 1024 * 1024, true] }
    },
  }
}

/** The keys were fetched; then something happens. In an outage nobody waits, so that the table is quick. */
function withKeysKnown(
  name: string,
  expected: Expected,
  then: (after: Fetching) => Promise<Omit<Scene, 'app'>>,
): Case {
  return {
    name,
    expected,
    scene: async () => {
      const made = await fetching()
      await made.app.ready()
      return { app: made.app, ...(await then(made)) }
    },
  }
}

function untouched(name: string, expected: Expected, send: (made: Fetching) => Promise<Sent>): Case {
  return {
    name,
    expected,
    scene: async () => {
      const made = await fetching()
      return { app: made.app, sent: await send(made), also: [() => made.issuer.requests, []] }
    },
  }
}

function down(issuer: Fetching['issuer'], seconds: number): void {
  issuer.goOffline()
  issuer.advanceSeconds(seconds)
}

function jwksRequests(issuer: Fetching['issuer']): number {
  return issuer.requests.filter((url) => url.endsWith('/jwks')).length
}
