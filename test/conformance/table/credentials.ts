import { bearerHeader, formBody, queryParameter } from '@require-jwt/core'
import { createApp, protect, TRUST } from '../support/app.js'
import type { Sent } from '../support/http.js'
import { STRANGER } from '../support/keys.js'
import { authorization, bearer, each, granted, on, refusal, type Case, type Row } from '../support/table.js'
import { mint } from '../support/tokens.js'

const GOOD = mint()
const OTHER = mint({ sub: 'user-2' })
const BAD = mint({}, {}, STRANGER)

const api = on(protect())
const query = on(protect({ tokenSources: [bearerHeader(), queryParameter()] }))
const form = on(protect({ tokenSources: [bearerHeader(), formBody()] }))
const lenient = on(protect({ preflight: 'pass' }))

const FORM = 'application/x-www-form-urlencoded'
const PREFLIGHT: Sent = {
  method: 'OPTIONS',
  headers: [
    ['Origin', 'https://app.example'],
    ['Access-Control-Request-Method', 'GET'],
  ],
}

/** Section "Credentials in the request". */
export const credentials: readonly Row[] = [
  {
    rules: ['REQ-01', 'ERR-01', 'ERR-02'],
    about: 'the token comes in the Authorization field, and nowhere else',
    refuses: [
      api.refuse('a request without it', {}, 'token_missing'),
      ...each(
        {
          'a token in a cookie': ['Cookie', `access_token=${GOOD}`],
          'a token in a field of another name': ['X-Access-Token', GOOD],
          'an empty field': ['Authorization', ''],
          'a bare token': ['Authorization', GOOD],
        } as const,
        (name, line) => api.refuse(name, { headers: [line] }, 'token_missing'),
      ),
      api.refuse('a scheme without a token', authorization('Bearer'), 'request_malformed'),
    ],
    accepts: [api.accept('a token in it', bearer(GOOD), { subject: 'user-1' })],
  },
  {
    rules: ['REQ-02'],
    about: 'the scheme is Bearer in any case',
    refuses: [
      api.refuse('a longer name', authorization(`Bearers ${GOOD}`), 'token_missing'),
      api.refuse('a shorter name', authorization(`Beare ${GOOD}`), 'token_missing'),
      api.refuse('a name that starts with it', authorization(`Bearer-x ${GOOD}`), 'token_missing'),
    ],
    accepts: [
      ...each({ Bearer: 1, bearer: 2, BEARER: 3, bEaReR: 4 }, (scheme) =>
        api.accept(scheme, authorization(`${scheme} ${GOOD}`)),
      ),
      api.accept('a field name in another case', { headers: [['aUTHORIZATION', `Bearer ${GOOD}`]] }),
    ],
  },
  {
    rules: ['REQ-03', 'ERR-05'],
    about: 'spaces, and only spaces, stand between scheme and token',
    refuses: [
      api.refuse('a tab', authorization(`Bearer\t${GOOD}`), 'request_malformed'),
      api.refuse('a tab after a space', authorization(`Bearer \t${GOOD}`), 'request_malformed'),
      api.refuse('a no-break space', authorization(`Bearer\u00A0${GOOD}`), 'request_malformed'),
      api.refuse('an equals sign', authorization(`Bearer=${GOOD}`), 'request_malformed'),
      api.refuse('nothing', authorization(`Bearer${GOOD}`), 'token_missing'),
    ],
    accepts: [
      api.accept('one space', authorization(`Bearer ${GOOD}`)),
      api.accept('two spaces', authorization(`Bearer  ${GOOD}`)),
      api.accept('five spaces', authorization(`Bearer     ${GOOD}`)),
    ],
  },
  {
    rules: ['REQ-04', 'ERR-05'],
    about: 'credentials are one token68',
    refuses: each(
      {
        'a word after the token': `${GOOD} x`,
        'two tokens': `${GOOD} ${GOOD}`,
        quotes: `"${GOOD}"`,
        'a comma at the end': `${GOOD},`,
        'a parameter': `token="${GOOD}"`,
        'an equals sign in front': `=${GOOD}`,
        'an equals sign inside': GOOD.replace('.', '=.'),
        UTF8: `${GOOD}é`,
        'a character beyond Latin-1': `${GOOD}\u{1F511}`,
        percent: GOOD.replace('.', '%2E'),
        'a semicolon': `${GOOD};x=y`,
        JSON: '{"payload":"e30","signature":"e30"}',
      },
      (name, text) => api.refuse(name, authorization(`Bearer ${text}`), 'request_malformed'),
    ),
    accepts: [
      api.accept('the token alone', authorization(`Bearer ${GOOD}`)),
      api.accept(
        'spaces after it, which belong to the field and not to its value',
        authorization(`Bearer ${GOOD}  `),
      ),
    ],
  },
  {
    rules: ['REQ-05', 'ERR-05', 'REQ-09'],
    about: 'with the form source on, header and form together are malformed',
    refuses: [
      form.refuse('a token in both', post(`access_token=${GOOD}`, bearer(GOOD)), 'request_malformed'),
      form.refuse(
        'different tokens in both',
        post(`access_token=${OTHER}`, bearer(GOOD)),
        'request_malformed',
      ),
    ],
    accepts: [
      form.accept('a token in the header', post('a=b', bearer(GOOD)), { subject: 'user-1' }),
      form.accept('a token in the form', post(`access_token=${OTHER}`), { subject: 'user-2' }),
    ],
  },
  {
    rules: ['REQ-05', 'ERR-05'],
    about: 'with the query source on, header and query together are malformed',
    refuses: [
      query.refuse(
        'a token in both',
        { ...bearer(GOOD), query: `access_token=${GOOD}` },
        'request_malformed',
      ),
      query.refuse(
        'two tokens in the query',
        { query: `access_token=${GOOD}&access_token=${GOOD}` },
        'request_malformed',
      ),
      query.refuse('an empty token in the query', { query: 'access_token=' }, 'request_malformed'),
      query.refuse('a bad token in the query', { query: `access_token=${BAD}` }, 'signature_invalid'),
    ],
    accepts: [
      query.accept('a token in the header', { ...bearer(GOOD), query: 'a=b' }, { subject: 'user-1' }),
      query.accept('a token in the query', { query: `a=b&access_token=${OTHER}` }, { subject: 'user-2' }),
    ],
  },
  {
    rules: ['REQ-05'],
    about: 'a source that is off is not read: the header wins',
    refuses: [
      api.refuse(
        'a bad token in the header, a good one in the form',
        post(`access_token=${GOOD}`, bearer(BAD)),
        'signature_invalid',
      ),
      api.refuse('a good token in the form alone', post(`access_token=${GOOD}`), 'token_missing'),
    ],
    accepts: [
      api.accept(
        'a good token in the header, another in the form',
        post(`access_token=${OTHER}`, bearer(GOOD)),
        { subject: 'user-1' },
      ),
    ],
  },
  {
    rules: ['REQ-06', 'ERR-05'],
    about: 'two Authorization values are malformed, in two lines or joined by a comma',
    refuses: each(
      {
        'the same token in two lines': [`Bearer ${GOOD}`, `Bearer ${GOOD}`],
        'two tokens in two lines': [`Bearer ${GOOD}`, `Bearer ${OTHER}`],
        'a bad token in the second line': [`Bearer ${GOOD}`, `Bearer ${BAD}`],
        'Basic in the first line': ['Basic dXNlcjpwYXNz', `Bearer ${GOOD}`],
        'Basic in the second line': [`Bearer ${GOOD}`, 'Basic dXNlcjpwYXNz'],
        'Digest in the first line': ['Digest a="b", c="d"', `Bearer ${GOOD}`],
        'a bare scheme in the first line': ['Negotiate', `Bearer ${GOOD}`],
        'nothing in the first line': ['', `Bearer ${GOOD}`],
        'nothing in the second line': [`Bearer ${GOOD}`, ''],
        'a bare Bearer in the second line': ['Negotiate', 'Bearer'],
        'a comma and a space': [`Bearer ${GOOD}, Bearer ${OTHER}`],
        'a comma': [`Bearer ${GOOD},Bearer ${OTHER}`],
        'another scheme before the comma': [`Basic dXNlcjpwYXNz, Bearer ${GOOD}`],
        'another scheme after the comma': [`Bearer ${GOOD}, Basic dXNlcjpwYXNz`],
      },
      (name, values) => api.refuse(name, authorization(...values), 'request_malformed'),
    ),
    accepts: [api.accept('one line', authorization(`Bearer ${GOOD}`))],
  },
  {
    rules: ['REQ-07'],
    about: 'a token in the query is ignored by default',
    refuses: [
      api.refuse('a token in the query alone', { query: `access_token=${GOOD}` }, 'token_missing'),
      api.refuse(
        'a bad token in the header, a good one in the query',
        { ...bearer(BAD), query: `access_token=${GOOD}` },
        'signature_invalid',
      ),
    ],
    accepts: [
      api.accept(
        'a token in the header, another in the query',
        { ...bearer(GOOD), query: `access_token=${OTHER}` },
        { subject: 'user-1' },
      ),
    ],
  },
  {
    rules: ['REQ-09'],
    about: 'the form source reads forms, and only where a body has a meaning',
    refuses: [
      form.refuse('GET with a form', { ...post(`access_token=${GOOD}`), method: 'GET' }, 'token_missing'),
      form.refuse(
        'JSON',
        post(JSON.stringify({ access_token: GOOD }), { headers: [] }, 'application/json'),
        'token_missing',
      ),
      form.refuse(
        'a form of several parts',
        post(multipart(GOOD), { headers: [] }, 'multipart/form-data; boundary=x'),
        'token_missing',
      ),
      form.refuse('two tokens', post(`access_token=${GOOD}&access_token=${GOOD}`), 'request_malformed'),
      form.refuse('what is no token68', post('access_token=a%20b'), 'request_malformed'),
      form.refuse('a bad token', post(`access_token=${BAD}`), 'signature_invalid'),
      form.refuse('a token under another name', post(`token=${GOOD}`), 'token_missing'),
    ],
    accepts: [
      form.accept('POST with a form', post(`access_token=${GOOD}`)),
      form.accept('PUT with a form', { ...post(`access_token=${GOOD}`), method: 'PUT' }),
      form.accept(
        'a form that names its charset',
        post(`access_token=${GOOD}`, { headers: [] }, `${FORM}; charset=utf-8`),
      ),
    ],
  },
  {
    rules: ['REQ-11', 'ERR-02'],
    about: 'another scheme counts as no credentials',
    refuses: each(
      {
        Basic: 'Basic dXNlcjpwYXNz',
        Digest: 'Digest username="a", realm="b"',
        Negotiate: 'Negotiate',
        'DPoP with a good token': `DPoP ${GOOD}`,
        'Token with a good token': `Token ${GOOD}`,
        'JWT with a good token': `JWT ${GOOD}`,
        'Basic with a good token': `Basic ${GOOD}`,
      },
      (name, value) =>
        api.refuse(name, authorization(value), 'token_missing', { detail: /scheme is not Bearer/ }),
    ),
    accepts: [api.accept('Bearer', authorization(`Bearer ${GOOD}`))],
  },
  {
    rules: ['REQ-12'],
    about: 'a preflight carries no token, and is refused like any request without one',
    refuses: [
      api.refuse('a preflight', PREFLIGHT, 'token_missing', {
        detail: /CORS preflight reached requireJwt: mount the CORS middleware before it/,
      }),
      api.refuse('OPTIONS that is no preflight', { method: 'OPTIONS' }, 'token_missing'),
    ],
    accepts: [api.accept('OPTIONS with a token', { ...bearer(GOOD), method: 'OPTIONS' }), behindCors()],
  },
  {
    rules: ['REQ-12'],
    about: "preflight: 'pass' lets a preflight through without a result, and nothing else",
    refuses: [
      lenient.refuse(
        'OPTIONS without Origin',
        { ...PREFLIGHT, headers: PREFLIGHT.headers?.slice(1) },
        'token_missing',
      ),
      lenient.refuse(
        'OPTIONS without the method asked for',
        { ...PREFLIGHT, headers: PREFLIGHT.headers?.slice(0, 1) },
        'token_missing',
      ),
      lenient.refuse('GET with the fields of a preflight', { ...PREFLIGHT, method: 'GET' }, 'token_missing'),
      lenient.refuse(
        'a preflight with a bad token',
        { ...PREFLIGHT, headers: [...(PREFLIGHT.headers ?? []), ['Authorization', `Bearer ${BAD}`]] },
        'signature_invalid',
      ),
      preflightReadsAuth(),
    ],
    accepts: [
      lenient.accept('a preflight', PREFLIGHT, null, { authenticated: 0 }),
      preflightThroughGuard(),
      lenient.accept('a request with a token', bearer(GOOD)),
    ],
  },
  {
    rules: ['REQ-13'],
    about: 'a token has at most 16,384 characters',
    refuses: [
      api.refuse('one more', tokenOfLength(16_385), 'token_too_large'),
      api.refuse('a megabyte', `${'a'.repeat(2 ** 20)}.e30.e30`, 'token_too_large'),
    ],
    accepts: [api.accept('16,384', tokenOfLength(16_384))],
  },
  {
    rules: ['REQ-14'],
    about: 'Proxy-Authorization is not for us',
    refuses: [
      api.refuse(
        'a token in it alone',
        { headers: [['Proxy-Authorization', `Bearer ${GOOD}`]] },
        'token_missing',
      ),
    ],
    accepts: [
      api.accept('a token in Authorization, a bad one in it', {
        headers: [
          ['Authorization', `Bearer ${GOOD}`],
          ['Proxy-Authorization', `Bearer ${BAD}`],
        ],
      }),
    ],
  },
]

function post(body: string, { headers = [] }: Sent = {}, type: string = FORM): Sent {
  return { method: 'POST', headers: [['Content-Type', type], ...headers], body }
}

function multipart(token: string): string {
  return `--x\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n${token}\r\n--x--\r\n`
}

function tokenOfLength(length: number): string {
  // The header has a padding of its own, because base64url does not have every length.
  for (const pad of ['', 'x', 'xx', 'xxx']) {
    const room = Math.floor((length - mint({ pad: '' }, { pad }).length) * 0.75)
    const found = [0, 1, 2].map((more) => mint({ pad: 'x'.repeat(room - more) }, { pad }))
    const token = found.find((text) => text.length === length)
    if (token !== undefined) return token
  }
  throw new Error(`there is no token of ${length} characters`)
}

function behindCors(): Case {
  const app = protect({}, {}, { cors: true })
  return {
    name: 'a preflight that the CORS middleware answered before',
    scene: () => ({ app, sent: PREFLIGHT }),
    expected: { status: 204, challenge: undefined, code: undefined, ran: false, authenticated: 0 },
  }
}

function preflightReadsAuth(): Case {
  const app = protect({ preflight: 'pass' }, {}, { handler: ({ getAuth }) => getAuth(), ownErrors: true })
  return {
    name: 'getAuth on a preflight that was let through',
    scene: () => ({ app, sent: PREFLIGHT }),
    expected: {
      ...refusal('token_missing'),
      headers: {},
      body: /./,
      ran: true,
      authenticated: 0,
    },
  }
}

function preflightThroughGuard(): Case {
  const app = createApp((verify) => {
    const verifier = verify({ ...TRUST, preflight: 'pass' })
    return { steps: ({ requireJwt, requireScope }) => [requireJwt(verifier), requireScope('orders:read')] }
  })
  return {
    name: 'a preflight behind a guard',
    scene: () => ({ app, sent: PREFLIGHT }),
    expected: granted(null, { authenticated: 0 }),
  }
}
