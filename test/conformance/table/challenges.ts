import type { AuthErrorCode } from '@require-jwt/core'
import { guarded, protect, type App } from '../support/app.js'
import { valuesOf, type Sent } from '../support/http.js'
import { fetching, sentBy, type Fetching } from '../support/issuers.js'
import { STRANGER } from '../support/keys.js'
import {
  authorization,
  bearer,
  each,
  granted,
  missing,
  on,
  refusal,
  type Case,
  type Expected,
  type Row,
  type Scene,
} from '../support/table.js'
import { CLAIMS, compact, HEADER, mint, NOW, startingWith } from '../support/tokens.js'

const GOOD = mint()
const EXPIRED = mint({ exp: NOW - 3600 })
const BAD = mint({}, {}, STRANGER)
const INVALID_TOKEN = 'error="invalid_token", error_description="The access token is not valid here"'

const api = on(protect())
const scoped = on(guarded(({ requireScope }) => requireScope('orders:read', 'orders:write')))
const named = on(
  protect(
    {},
    {
      realm: 'orders, a=b',
      scope: ['orders:read', 'orders:write'],
      resourceMetadata: 'https://api.example/.well-known/oauth-protected-resource',
    },
  ),
)

const aging = protect({ maxTokenAge: 3600 })
const missingRole = guarded(({ requireRole }) => requireRole('a'))

/** What other middlewares set before ours. */
const BEFORE = {
  'Cache-Control': 'public, max-age=3600',
  'WWW-Authenticate': 'Basic realm="staff"',
  'X-Trace': 'abc',
}
const CORS = {
  'Access-Control-Allow-Origin': 'https://app.example',
  'Access-Control-Expose-Headers': 'X-Trace',
}
const beside = on(protect({}, {}, { before: BEFORE }))
const besideCors = on(protect({}, {}, { before: { ...BEFORE, ...CORS } }))
const forwardedBeside = on(protect({}, { errors: 'forward' }, { before: BEFORE, ownErrors: true }))
const forwardedBesideCors = on(
  protect({}, { errors: 'forward' }, { before: { ...BEFORE, ...CORS }, ownErrors: true }),
)
const KEPT = { 'Cache-Control': 'no-store', 'X-Trace': 'abc' }

/** Whatever the handler makes of it: what counts is status, challenge and `Cache-Control`. */
const FORWARDED: Partial<Expected> = { body: /./, headers: { 'Content-Type': /./ } }
const MISSING_SCOPES = missing('orders:read orders:write')

const forwarded = on(protect({}, { errors: 'forward' }))
const oauth = on(protect({}, { body: 'oauth' }))
const ownBody = on(protect({}, { body: (error) => ({ fault: error.code, status: error.status }) }))
const textBody = on(protect({}, { body: () => 'no entry' }))
const noBody = on(protect({}, { body: () => undefined }))

/** Section "Challenges and errors". */
export const challenges: readonly Row[] = [
  {
    rules: ['ERR-02', 'ERR-08', 'ERR-09'],
    about: 'without credentials the challenge says what is configured, and no error',
    refuses: [
      api.refuse('with the default realm', {}, 'token_missing', { challenge: 'Bearer realm="api"' }),
      named.refuse('with what is configured', {}, 'token_missing', { challenge: namedChallenge('') }),
      named.refuse(
        'another scheme the same way',
        { headers: [['Authorization', 'Basic dXNlcjpwYXNz']] },
        'token_missing',
        { challenge: namedChallenge('') },
      ),
    ],
    accepts: [api.accept('credentials', GOOD), named.accept('credentials, with what is configured', GOOD)],
  },
  {
    rules: ['ERR-01', 'ERR-03', 'ERR-08', 'ERR-09'],
    about: 'a token that does not hold is invalid_token, 401, in a challenge with what is configured',
    refuses: [
      api.refuse('an expired token', EXPIRED, 'token_expired'),
      api.refuse('one signed by a stranger', BAD, 'signature_invalid'),
      api.refuse('one for another API', mint({ aud: 'https://other.example' }), 'audience_mismatch'),
      api.refuse('one by another issuer', mint({ iss: 'https://other.example' }), 'issuer_unknown'),
      api.refuse('one of another type', mint({}, { typ: 'logout+jwt' }), 'type_rejected'),
      api.refuse('an opaque one', 'opaque', 'token_malformed'),
      named.refuse('a token, with what is configured', BAD, 'signature_invalid', {
        challenge: namedChallenge(`, ${INVALID_TOKEN}`),
      }),
    ],
    accepts: [
      api.accept('a token that holds', GOOD),
      named.accept('a token that holds, with what is configured', GOOD),
    ],
  },
  {
    rules: ['ERR-04', 'AZ-03'],
    about: 'a missing scope is insufficient_scope, 403, and the challenge names every scope of the operation',
    refuses: [
      scoped.refuse('a token without scopes', GOOD, 'scope_insufficient', MISSING_SCOPES),
      scoped.refuse(
        'a token with one of two',
        mint({ scope: 'orders:read' }),
        'scope_insufficient',
        MISSING_SCOPES,
      ),
    ],
    accepts: [scoped.accept('a token with both', mint({ scope: 'orders:read orders:write' }))],
  },
  {
    rules: ['ERR-06'],
    about: 'keys that cannot be had are 503 with Retry-After and no challenge',
    refuses: [
      whileDown('a token while the issuer is down from the start', 'keys_unavailable', (issuer) =>
        issuer.token(),
      ),
    ],
    accepts: [
      {
        name: 'a token while the issuer is up',
        scene: async () => {
          const { app, issuer } = await fetching()
          return { app, sent: await sentBy(issuer.token()) }
        },
        expected: granted(),
      },
    ],
  },
  {
    rules: ['ERR-06'],
    about: 'in an outage, what can be refused without keys is refused as ever',
    refuses: [
      whileDown('an expired token', 'token_expired', (issuer) => issuer.faultyToken('expired')),
      whileDown('a token by another issuer', 'issuer_unknown', (issuer) => issuer.faultyToken('wrongIssuer')),
    ],
    accepts: [
      {
        name: 'a token whose key is known',
        scene: async () => {
          const { app, issuer } = await fetching()
          await app.ready()
          issuer.goOffline()
          return { app, sent: await sentBy(issuer.token()) }
        },
        expected: granted(),
      },
    ],
  },
  {
    rules: ['ERR-07', 'ERR-10', 'ERR-16'],
    about: 'whatever a token says, the answer is the same text',
    refuses: [
      api.refuse('quotes and line breaks in kid', mint({}, { kid: '"\r\nSet-Cookie: a=b' }), 'key_unknown'),
      api.refuse(
        'quotes and line breaks in alg',
        mint({}, { alg: '"\r\nSet-Cookie: a=b' }),
        'algorithm_rejected',
      ),
      api.refuse('quotes and line breaks in typ', mint({}, { typ: '"\\\r\n' }), 'type_rejected'),
      api.refuse('quotes and line breaks in iss', mint({ iss: 'https://"\r\n<script>' }), 'issuer_unknown'),
      api.refuse('an emoji in aud', mint({ aud: '\u{1F511}"' }), 'audience_mismatch'),
      api.refuse('quotes in crit', mint({}, { crit: ['"\\'] }), 'critical_header_rejected'),
      api.refuse(
        'a name of its own',
        compact(JSON.stringify(HEADER), startingWith('"\\"\\r\\n":1', { ...CLAIMS, exp: '"' })),
        'claim_invalid',
      ),
    ],
    accepts: [
      api.accept('all of that in a claim that nobody reads', mint({ note: '"\\\r\n\u{1F511}<script>' })),
    ],
  },
  {
    rules: ['ERR-10'],
    about: 'neither URL nor credentials are reflected',
    refuses: [
      api.refuse(
        'a token in the query',
        { query: `access_token=${GOOD}&next=https://secret.example` },
        'token_missing',
      ),
      api.refuse(
        'a password',
        { headers: [['Authorization', 'Basic c2VjcmV0LXVzZXI6c2VjcmV0LXBhc3N3b3Jk']] },
        'token_missing',
      ),
      api.refuse(
        'a bad token',
        { ...bearer(BAD), query: 'a=<script>alert(document.cookie)</script>' },
        'signature_invalid',
      ),
    ],
    accepts: [api.accept('the same query with a good token', { ...bearer(GOOD), query: 'a=<script>' })],
  },
  {
    rules: ['ERR-11', 'ERR-14'],
    about: 'what others set before us stays, our challenge beside theirs, and the refusal is not cached',
    refuses: [
      beside.refuse('no token', {}, 'token_missing', {
        challenge: bothChallenges('Bearer realm="api"'),
        headers: KEPT,
      }),
      beside.refuse('a bad token', BAD, 'signature_invalid', {
        challenge: bothChallenges(`Bearer realm="api", ${INVALID_TOKEN}`),
        headers: KEPT,
      }),
      besideCors.refuse('no token, for another origin', {}, 'token_missing', {
        challenge: bothChallenges('Bearer realm="api"'),
        headers: { ...KEPT, ...CORS },
      }),
      besideCors.refuse('a bad token, for another origin', BAD, 'signature_invalid', {
        challenge: bothChallenges(`Bearer realm="api", ${INVALID_TOKEN}`),
        headers: { ...KEPT, ...CORS },
      }),
    ],
    accepts: [
      beside.accept(
        'a good token, and touches none of it',
        GOOD,
        {},
        { challenge: 'Basic realm="staff"', headers: BEFORE },
      ),
      besideCors.accept(
        'a good token for another origin',
        GOOD,
        {},
        { challenge: 'Basic realm="staff"', headers: { ...BEFORE, ...CORS } },
      ),
    ],
  },
  {
    rules: ['ERR-11', 'ERR-14'],
    about: "errors: 'forward' hands the error to the app's own handler, and all of that still holds",
    refuses: [
      forwardedBeside.refuse('no token', {}, 'token_missing', {
        ...FORWARDED,
        challenge: bothChallenges('Bearer realm="api"'),
        headers: { 'Content-Type': /json/, ...KEPT },
      }),
      forwardedBesideCors.refuse('no token, for another origin', {}, 'token_missing', {
        ...FORWARDED,
        challenge: bothChallenges('Bearer realm="api"'),
        headers: { 'Content-Type': /json/, ...KEPT, ...CORS },
      }),
      forwardedBesideCors.refuse('a bad token, for another origin', BAD, 'signature_invalid', {
        ...FORWARDED,
        challenge: bothChallenges(`Bearer realm="api", ${INVALID_TOKEN}`),
        headers: { 'Content-Type': /json/, ...KEPT, ...CORS },
      }),
    ],
    accepts: [
      forwardedBesideCors.accept(
        'a good token',
        GOOD,
        {},
        { challenge: 'Basic realm="staff"', headers: { ...BEFORE, ...CORS } },
      ),
    ],
  },
  {
    rules: ['ERR-01', 'ERR-14'],
    about: "errors: 'forward' answers right through the framework's own handler, too",
    refuses: [
      forwarded.refuse('no token', {}, 'token_missing', FORWARDED),
      forwarded.refuse('a bad token', BAD, 'signature_invalid', FORWARDED),
      forwarded.refuse(
        'a malformed request',
        { headers: [['Authorization', 'Bearer a b']] },
        'request_malformed',
        FORWARDED,
      ),
    ],
    accepts: [forwarded.accept('a good token', GOOD)],
  },
  {
    rules: ['ERR-16', 'ERR-03'],
    about: 'codes with one error on the wire give the same bytes',
    refuses: [
      ...each<[AuthErrorCode, string]>(
        {
          'a malformed token': ['token_malformed', 'opaque'],
          'a huge token': ['token_too_large', `${'a'.repeat(20_000)}.e30.e30`],
          'another algorithm': ['algorithm_rejected', mint({}, { alg: 'none' })],
          'another type': ['type_rejected', mint({}, { typ: 'secevent+jwt' })],
          'a critical header': ['critical_header_rejected', mint({}, { crit: ['x'], x: 1 })],
          'another issuer': ['issuer_unknown', mint({ iss: 'https://other.example' })],
          'an unknown key': ['key_unknown', mint({}, { kid: 'unknown' })],
          'a token of tomorrow': ['token_not_yet_valid', mint({ nbf: NOW + 3600 })],
          'a token of yesterday': ['token_too_old', mint({ iat: NOW - 86_400 })],
          'another audience': ['audience_mismatch', mint({ aud: 'https://other.example' })],
          'a missing claim': ['claim_missing', mint({ exp: undefined })],
          'a wrong claim': ['claim_invalid', mint({ exp: 'soon' })],
          'a bound token': ['proof_required', mint({ cnf: { jkt: 'x' } })],
        },
        (name, [code, token]) => sameBytes(name, code, [aging, bearer(token)], [aging, bearer(BAD)]),
      ),
      sameBytes('another scheme', 'token_missing', [aging, authorization('Basic dXNlcjpwYXNz')], [aging, {}]),
      ...each<[AuthErrorCode, App]>(
        {
          'a missing permission': [
            'permission_insufficient',
            guarded(({ requirePermission }) => requirePermission('a')),
          ],
          'a missing group': ['group_insufficient', guarded(({ requireGroup }) => requireGroup('a'))],
          'a missing claim, on a route': [
            'claims_insufficient',
            guarded(({ requireClaim }) => requireClaim('a')),
          ],
          'a check of the app': [
            'claims_insufficient',
            guarded(({ requireThat }) => requireThat(() => false)),
          ],
        },
        (name, [code, app]) => sameBytes(name, code, [app, bearer(GOOD)], [missingRole, bearer(GOOD)]),
      ),
    ],
    accepts: [on(aging).accept('a good token', GOOD)],
  },
  {
    rules: ['ERR-16'],
    about: 'only the operator is told why; only an expired token is told apart',
    refuses: [
      api.refuse('an expired token', EXPIRED, 'token_expired', { detail: /exp has passed/ }),
      api.refuse('another issuer', mint({ iss: 'https://other.example' }), 'issuer_unknown', {
        detail: /no configured issuer/,
      }),
      api.refuse('another audience', mint({ aud: 'https://other.example' }), 'audience_mismatch', {
        detail: /aud does not name this API/,
      }),
      api.refuse(
        'an expired token for another API: the text would tell that the audience is right',
        mint({ aud: 'https://other.example', exp: NOW - 3600 }),
        'audience_mismatch',
      ),
    ],
    accepts: [api.accept('a good token', GOOD)],
  },
  {
    rules: ['ERR-15'],
    about: 'the body is problem details by default, whatever the caller would like',
    refuses: [
      api.refuse('no token', {}, 'token_missing'),
      api.refuse('a caller who accepts HTML', { headers: [['Accept', 'text/html']] }, 'token_missing'),
      api.refuse(
        'a caller who accepts JSON',
        { headers: [['Accept', 'application/json'], ...(bearer(BAD).headers ?? [])] },
        'signature_invalid',
      ),
      scoped.refuse('a missing scope, which the body names', GOOD, 'scope_insufficient', MISSING_SCOPES),
    ],
    accepts: [api.accept('a good token', GOOD)],
  },
  {
    rules: ['ERR-15'],
    about: 'HEAD gets the fields of GET and no body',
    refuses: [
      head('no token', protect(), {}, refusal('token_missing')),
      head('a bad token', protect(), bearer(BAD), refusal('signature_invalid')),
      head('a bad token, where the body is text', protect({}, { body: () => 'no entry' }), bearer(BAD), {
        ...refusal('signature_invalid', { body: 'no entry', headers: { 'Content-Type': /^text.plain/ } }),
      }),
    ],
    accepts: [api.accept('a good token', { ...bearer(GOOD), method: 'HEAD' }, {}, { body: '' })],
  },
  {
    rules: ['ERR-15'],
    about: 'the body is OAuth JSON or of your own; status and fields stay',
    refuses: [
      oauth.refuse('no token, with nothing to say', {}, 'token_missing', asJson('{}')),
      oauth.refuse(
        'a bad token',
        BAD,
        'signature_invalid',
        asJson('{"error":"invalid_token","error_description":"The access token is not valid here"}'),
      ),
      ownBody.refuse(
        'a bad token, in words of your own',
        BAD,
        'signature_invalid',
        asJson('{"fault":"signature_invalid","status":401}'),
      ),
      textBody.refuse('a bad token, in plain text', BAD, 'signature_invalid', {
        body: 'no entry',
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      }),
      noBody.refuse('a bad token, without a word', BAD, 'signature_invalid', {
        body: '',
        headers: { 'Content-Type': undefined },
      }),
    ],
    accepts: [
      oauth.accept('a good token', GOOD),
      ownBody.accept('a good token, with words of your own', GOOD),
    ],
  },
]

function namedChallenge(error: string): string {
  return (
    `Bearer realm="orders, a=b", scope="orders:read orders:write"${error}, ` +
    'resource_metadata="https://api.example/.well-known/oauth-protected-resource"'
  )
}

function bothChallenges(ours: string): string {
  return `Basic realm="staff", ${ours}`
}

function asJson(body: string): Partial<Expected> {
  return { body, headers: { 'Content-Type': 'application/json' } }
}

function whileDown(
  name: string,
  code: AuthErrorCode,
  token: (issuer: Fetching['issuer']) => Promise<string>,
): Case {
  const scene = async (): Promise<Scene> => {
    const { app, issuer } = await fetching()
    issuer.goOffline()
    return { app, sent: await sentBy(token(issuer)) }
  }
  return { name, scene, expected: refusal(code) }
}

// RFC 9110 §8.6: a Content-Length, where there is one, is that of the answer to GET.
function head(name: string, app: App, sent: Sent, get: Expected): Case {
  const length = typeof get.body === 'string' ? String(get.body.length) : ''
  return {
    name,
    scene: () => ({
      app,
      sent: { ...sent, method: 'HEAD' },
      also: [(answer) => valuesOf(answer, 'Content-Length').every((value) => value === length), true],
    }),
    expected: { ...get, body: '' },
  }
}

type Target = readonly [app: App, sent: Sent]

function sameBytes(name: string, code: AuthErrorCode, [app, sent]: Target, [twin, twinSent]: Target): Case {
  return {
    name,
    scene: () => ({ app, sent, sameAs: { app: twin, sent: twinSent } }),
    expected: refusal(code),
  }
}
