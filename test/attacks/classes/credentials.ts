import { bearerHeader, formBody, queryParameter } from '@require-jwt/core'
import { authorization, bearer, each } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const GOOD = mint()
const OTHER = mint({ sub: 'user-2' })
const query = against({ tokenSources: [bearerHeader(), queryParameter()] })
const form = against({ tokenSources: [bearerHeader(), formBody()] })
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const

export const scheme: Attack = {
  name: 'scheme',
  about: 'a good token under another scheme is no credential',
  source: 'CVE-2026-47673, RFC 9110 §11.4',
  refuses: each(
    {
      Basic: `Basic ${GOOD}`,
      Token: `Token ${GOOD}`,
      JWT: `JWT ${GOOD}`,
      DPoP: `DPoP ${GOOD}`,
      Digest: `Digest token="${GOOD}"`,
      MAC: `MAC ${GOOD}`,
      'a longer name': `BearerToken ${GOOD}`,
      'a shorter name': `Beare ${GOOD}`,
      'a full-width B': `\uFF22earer ${GOOD}`,
      'no scheme': GOOD,
    },
    (name, value) => api.refuse(name, authorization(value), 'token_missing'),
  ),
  accepts: [
    api.accept('bearer', authorization(`bearer ${GOOD}`)),
    api.accept('BEARER', authorization(`BEARER ${GOOD}`)),
    api.accept('bEaReR and three spaces', authorization(`bEaReR   ${GOOD}`)),
    api.accept('a field name in another case', { headers: [['aUTHORIZATION', `Bearer ${GOOD}`]] }),
  ],
}

export const noCredentials: Attack = {
  name: 'no-credentials',
  about: 'without credentials the challenge names no error',
  source: 'RFC 6750 §3.1',
  refuses: [
    api.refuse('nothing', {}, 'token_missing'),
    api.refuse('an empty field', authorization(''), 'token_missing'),
    api.refuse('nothing, by POST', { method: 'POST', body: '' }, 'token_missing'),
    api.refuse('nothing, by OPTIONS', { method: 'OPTIONS' }, 'token_missing'),
    api.refuse(
      'a preflight',
      {
        method: 'OPTIONS',
        headers: [
          ['Origin', 'https://a.example'],
          ['Access-Control-Request-Method', 'GET'],
        ],
      },
      'token_missing',
    ),
    api.refuse('a user name and a password', authorization('Basic dXNlcjpwYXNzd29yZA=='), 'token_missing'),
    api.refuse(
      'a field that says who one is',
      {
        headers: [
          ['X-Forwarded-User', 'admin'],
          ['X-User', 'admin'],
        ],
      },
      'token_missing',
    ),
    api.refuse(
      'a field that asks for another method',
      { headers: [['X-HTTP-Method-Override', 'OPTIONS']] },
      'token_missing',
    ),
  ],
  accepts: [
    api.accept('OPTIONS with a token', { ...bearer(GOOD), method: 'OPTIONS' }),
    api.accept('DELETE with a token', { ...bearer(GOOD), method: 'DELETE' }),
    api.accept('a body beside the token', { ...bearer(GOOD), method: 'POST', body: 'x' }),
  ],
}

export const malformedCredentials: Attack = {
  name: 'malformed-credentials',
  about: 'credentials are one token in one field',
  source: 'RFC 6750 §2, §3.1, RFC 9110 §11.2',
  refuses: [
    ...each<readonly string[]>(
      {
        'the scheme alone': ['Bearer'],
        'the scheme and spaces': ['Bearer   '],
        'a tab for a space': [`Bearer\t${GOOD}`],
        'a no-break space': [`Bearer\u00A0${GOOD}`],
        'two tokens': [`Bearer ${GOOD} ${OTHER}`],
        'two tokens and a comma': [`Bearer ${GOOD},${OTHER}`],
        'two credentials and a comma': [`Bearer ${GOOD}, Bearer ${OTHER}`],
        'another scheme before the comma': [`Basic dXNlcjpw, Bearer ${GOOD}`],
        'another scheme behind the comma': [`Bearer ${GOOD}, Basic dXNlcjpw`],
        'a parameter': [`Bearer token="${GOOD}"`],
        quotes: [`Bearer "${GOOD}"`],
        'a control character': [`Bearer ${GOOD}\u0080`],
        'bytes that are no UTF-8 there': [`Bearer ${GOOD}\u00FF`],
        'a character beyond Latin-1': [`Bearer ${GOOD}\u{1F511}`],
        'the same field twice': [`Bearer ${GOOD}`, `Bearer ${GOOD}`],
        'two fields': [`Bearer ${OTHER}`, `Bearer ${GOOD}`],
        'an empty field before it': ['', `Bearer ${GOOD}`],
        'Basic in a field before it': ['Basic dXNlcjpw', `Bearer ${GOOD}`],
        'fifty fields': Array.from({ length: 50 }, () => `Bearer ${GOOD}`),
      },
      (name, values) => api.refuse(name, authorization(...values), 'request_malformed'),
    ),
    api.refuse(
      'two fields, one in another case',
      {
        headers: [
          ['authorization', `Bearer ${GOOD}`],
          ['AUTHORIZATION', `Bearer ${OTHER}`],
        ],
      },
      'request_malformed',
    ),
    query.refuse(
      'a token in the field and one in the query',
      { ...bearer(GOOD), query: `access_token=${GOOD}` },
      'request_malformed',
    ),
    query.refuse(
      'a scheme without a token, and a token in the query',
      { ...authorization('Bearer'), query: `access_token=${GOOD}` },
      'request_malformed',
    ),
    query.refuse(
      'two tokens in the query',
      { query: `access_token=${GOOD}&access_token=${OTHER}` },
      'request_malformed',
    ),
    query.refuse(
      'a token and a space in the query',
      { query: `access_token=${GOOD}%20${OTHER}` },
      'request_malformed',
    ),
    form.refuse(
      'two tokens in the form',
      { method: 'POST', headers: [FORM], body: `access_token=${GOOD}&access_token=${OTHER}` },
      'request_malformed',
    ),
    form.refuse(
      'a token in the field and one in the form',
      { method: 'POST', headers: [FORM, ['Authorization', `Bearer ${GOOD}`]], body: `access_token=${GOOD}` },
      'request_malformed',
    ),
  ],
  accepts: [
    api.accept('spaces around the value of the field', {
      headers: [['Authorization', `   Bearer ${GOOD}  `]],
    }),
    api.accept('nine spaces after the scheme', authorization(`Bearer         ${GOOD}`)),
    api.accept('fields of similar names', {
      headers: [
        ['Authorization', `Bearer ${GOOD}`],
        ['X-Authorization', 'Bearer x'],
        ['Proxy-Authorization', 'Bearer x'],
      ],
    }),
    query.accept(
      'a token in the query, where that is on',
      { query: `a=b&access_token=${OTHER}` },
      { subject: 'user-2' },
    ),
    form.accept(
      'a token in a form, where that is on',
      { method: 'POST', headers: [FORM], body: `access_token=${OTHER}` },
      { subject: 'user-2' },
    ),
  ],
}

export const otherPlaces: Attack = {
  name: 'other-places',
  about: 'a token anywhere but in Authorization is not there',
  source: 'RFC 6750 §2, RFC 9700 §4.3.2',
  refuses: [
    ...each(
      {
        'a cookie': ['Cookie', `access_token=${GOOD}; token=${GOOD}; jwt=${GOOD}`],
        'Proxy-Authorization': ['Proxy-Authorization', `Bearer ${GOOD}`],
        'X-Authorization': ['X-Authorization', `Bearer ${GOOD}`],
        'X-Access-Token': ['X-Access-Token', GOOD],
        'X-Forwarded-Authorization': ['X-Forwarded-Authorization', `Bearer ${GOOD}`],
        Authorization_: ['Authorization_', `Bearer ${GOOD}`],
        HTTP_AUTHORIZATION: ['HTTP_AUTHORIZATION', `Bearer ${GOOD}`],
        'the protocol of a web socket': ['Sec-WebSocket-Protocol', `bearer, ${GOOD}`],
      } as const,
      (name, line) => api.refuse(name, { headers: [line] }, 'token_missing'),
    ),
    ...each({ access_token: 1, token: 2, jwt: 3, authorization: 4, 'access_token[]': 5 }, (name) =>
      api.refuse(`${name} in the query`, { query: `${name}=${GOOD}` }, 'token_missing'),
    ),
    api.refuse('a form', { method: 'POST', headers: [FORM], body: `access_token=${GOOD}` }, 'token_missing'),
    api.refuse(
      'JSON',
      {
        method: 'POST',
        headers: [['Content-Type', 'application/json']],
        body: JSON.stringify({ access_token: GOOD }),
      },
      'token_missing',
    ),
    form.refuse(
      'JSON, where forms are on',
      {
        method: 'POST',
        headers: [['Content-Type', 'application/json']],
        body: JSON.stringify({ access_token: GOOD }),
      },
      'token_missing',
    ),
    form.refuse(
      'a form that says twice what it is, where forms are on',
      { method: 'POST', headers: [FORM, FORM], body: `access_token=${GOOD}` },
      'token_missing',
    ),
    form.refuse(
      'a form by GET, where forms are on',
      { headers: [FORM], body: `access_token=${GOOD}` },
      'token_missing',
    ),
  ],
  accepts: [
    api.accept(
      'another token in the query, which is not read',
      { ...bearer(GOOD), query: `access_token=${OTHER}` },
      { subject: 'user-1' },
    ),
    api.accept(
      'another token in a cookie, which is not read',
      {
        headers: [
          ['Cookie', `access_token=${OTHER}`],
          ['Authorization', `Bearer ${GOOD}`],
        ],
      },
      { subject: 'user-1' },
    ),
    api.accept(
      'another token in a form, which is not read',
      { method: 'POST', headers: [FORM, ['Authorization', `Bearer ${GOOD}`]], body: `access_token=${OTHER}` },
      { subject: 'user-1' },
    ),
  ],
}
