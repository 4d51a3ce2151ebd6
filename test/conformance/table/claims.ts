import type { SchemaIssue, SchemaResult, StandardSchema, VerifierOptions } from '@require-jwt/core'
import { guarded, protect } from '../support/app.js'
import { bearer, each, on, type Row } from '../support/table.js'
import { AUDIENCE, CLAIMS, compact, HEADER, ISSUER, mint, NOW, startingWith } from '../support/tokens.js'

const GOOD = mint()
const H = JSON.stringify(HEADER)

const api = on(protect())
const exact = on(protect({ clockTolerance: 0 }))
const aging = on(protect({ maxTokenAge: 60 }))
const strict = on(protect({ profile: 'at+jwt' }))
const twoAudiences = on(protect({ audience: [AUDIENCE, 'urn:second'] }))
const anyAudience = on(protect({ audience: null }))
const twoNames = on(protect({ issuer: [ISSUER, 'https://old.example'] }))
const withSlash = on(protect({ issuer: `${ISSUER}/` }))
const schemaApp = protect(
  { claims: schema() } as unknown as Partial<VerifierOptions>,
  {},
  { ownErrors: true },
)
const checked = on(schemaApp)
const clients = on(guarded(({ requireThat }) => requireThat((auth) => auth.kind === 'client')))
const admins = on(guarded(({ requireRole }) => requireRole('admin')))
const inherited = on(guarded(({ requireClaim }) => requireClaim('toString')))
const parties = on(protect({ clientId: ['client-1', 'client-2'], authorizedParty: 'party-1' }))

/** What other kinds of token say they are. */
const OTHER_TYPES = [
  'logout+jwt',
  'secevent+jwt',
  'dpop+jwt',
  'txntoken+jwt',
  'wit+jwt',
  'wpt+jwt',
  'oauth-id-jag+jwt',
  'statuslist+jwt',
  'token-introspection+jwt',
  'kb+jwt',
  'client-authentication+jwt',
  'oauth-authz-req+jwt',
  'id_token+jwt',
  'JOSE',
  'JWE',
]

/** Section "Tokens": what they say. */
export const claims: readonly Row[] = [
  {
    rules: ['JWT-17', 'JWT-18'],
    about: 'exp is a number, and has not passed',
    refuses: [
      exact.refuse('exp now', mint({ exp: NOW }), 'token_expired'),
      exact.refuse('exp a second ago', mint({ exp: NOW - 1 }), 'token_expired'),
      exact.refuse('exp half a second ago', mint({ exp: NOW - 0.5 }), 'token_expired'),
      api.refuse('exp five seconds ago, which is the tolerance', mint({ exp: NOW - 5 }), 'token_expired'),
      api.refuse('exp 0', mint({ exp: 0 }), 'token_expired'),
      api.refuse('no exp', mint({ exp: undefined }), 'claim_missing'),
      ...each(
        {
          'a text': `${NOW + 60}`,
          null: null,
          true: true,
          'a list': [NOW + 60],
          'an object': {},
          'a negative number': -1,
          'the year 10000': 253_402_300_800,
          '1e308': 1e308,
        },
        (name, exp) => api.refuse(`exp ${name}`, mint({ exp }), 'claim_invalid'),
      ),
      api.refuse(
        'exp 1e999, which is read as infinity',
        compact(H, startingWith('"exp":1e999', { ...CLAIMS, exp: undefined })),
        'claim_invalid',
      ),
    ],
    accepts: [
      exact.accept('exp in a second', mint({ exp: NOW + 1 }), { expiresAt: NOW + 1 }),
      exact.accept('exp in half a second', mint({ exp: NOW + 0.5 })),
      api.accept('exp four seconds ago, within the tolerance', mint({ exp: NOW - 4 })),
      api.accept('exp on the last day of 9999', mint({ exp: 253_402_300_799 })),
    ],
  },
  {
    rules: ['JWT-19'],
    about: 'nbf and iat are numbers, and not in the future',
    refuses: [
      exact.refuse('nbf in a second', mint({ nbf: NOW + 1 }), 'token_not_yet_valid'),
      api.refuse('nbf in six seconds, beyond the tolerance', mint({ nbf: NOW + 6 }), 'token_not_yet_valid'),
      api.refuse('iat in 301 seconds', mint({ iat: NOW + 301 }), 'token_not_yet_valid'),
      ...each(
        { 'a text': `${NOW}`, null: null, 'a list': [NOW], 'a negative number': -1, '1e308': 1e308 },
        (name, value) => api.refuse(`nbf ${name}`, mint({ nbf: value }), 'claim_invalid'),
      ),
      ...each(
        { 'a text': `${NOW}`, null: null, true: true, 'a negative number': -1, '1e308': 1e308 },
        (name, value) => api.refuse(`iat ${name}`, mint({ iat: value }), 'claim_invalid'),
      ),
      aging.refuse('iat longer ago than maxTokenAge', mint({ iat: NOW - 66 }), 'token_too_old'),
      aging.refuse('no iat, where maxTokenAge needs it', mint({ iat: undefined }), 'claim_missing'),
    ],
    accepts: [
      exact.accept('nbf now', mint({ nbf: NOW })),
      api.accept('nbf in five seconds, which is the tolerance', mint({ nbf: NOW + 5 })),
      api.accept('iat in 300 seconds', mint({ iat: NOW + 300 })),
      api.accept('no iat', mint({ iat: undefined })),
      aging.accept('iat as long ago as maxTokenAge and the tolerance', mint({ iat: NOW - 65 })),
    ],
  },
  {
    rules: ['JWT-20'],
    about: 'aud names this API, to the letter',
    refuses: [
      ...each(
        {
          another: 'https://other.example',
          'another case': 'https://API.example',
          'a slash at the end': `${AUDIENCE}/`,
          'a longer text': `${AUDIENCE}.attacker.example`,
          'the start of it': AUDIENCE.slice(0, -1),
          'a space in front': ` ${AUDIENCE}`,
          'two in one text': `${AUDIENCE} https://other.example`,
          'an empty list': [],
          'a list of others': ['https://other.example', `${AUDIENCE}/`],
          'an empty text': '',
          nothing: undefined,
        },
        (name, aud) => api.refuse(name, mint({ aud }), 'audience_mismatch'),
      ),
      ...each(
        {
          'a list with a number': [AUDIENCE, 1],
          'a list with null': [AUDIENCE, null],
          'a list in a list': [[AUDIENCE]],
          'an object': { [AUDIENCE]: true },
          'a number': 1,
          null: null,
          true: true,
        },
        (name, aud) => api.refuse(name, mint({ aud }), 'claim_invalid'),
      ),
      anyAudience.refuse(
        'a list with a number, where any audience will do',
        mint({ aud: [AUDIENCE, 1] }),
        'claim_invalid',
      ),
    ],
    accepts: [
      api.accept('it', mint({ aud: AUDIENCE })),
      api.accept('it in a list', mint({ aud: [AUDIENCE] })),
      api.accept('it in a list with others', mint({ aud: ['https://other.example', AUDIENCE] })),
      twoAudiences.accept('either of two that are configured', mint({ aud: 'urn:second' })),
      anyAudience.accept('any, where it is null in the options', mint({ aud: 'https://other.example' })),
      anyAudience.accept('none, where it is null in the options', mint({ aud: undefined })),
      anyAudience.accept('an empty list, where it is null in the options', mint({ aud: [] })),
    ],
  },
  {
    rules: ['JWT-20'],
    about: 'clientId and authorizedParty hold beside aud',
    refuses: [
      parties.refuse('another client', mint({ client_id: 'client-3', azp: 'party-1' }), 'claim_invalid'),
      parties.refuse('no client', mint({ client_id: undefined, azp: 'party-1' }), 'claim_missing'),
      parties.refuse('another party', mint({ azp: 'party-2' }), 'claim_invalid'),
      parties.refuse('no party', GOOD, 'claim_missing'),
      parties.refuse('a list of parties', mint({ azp: ['party-1'] }), 'claim_invalid'),
      parties.refuse(
        'the right ones for another API',
        mint({ azp: 'party-1', aud: 'https://other.example' }),
        'audience_mismatch',
      ),
    ],
    accepts: [
      parties.accept('the right ones', mint({ azp: 'party-1' }), { clientId: 'client-1' }),
      parties.accept(
        'another of the clients, as cid',
        mint({ client_id: undefined, cid: 'client-2', azp: 'party-1' }),
        { clientId: 'client-2' },
      ),
      parties.accept(
        'another of the clients, as appid',
        mint({ client_id: undefined, appid: 'client-2', azp: 'party-1' }),
        { clientId: 'client-2' },
      ),
    ],
  },
  {
    rules: ['JWT-21'],
    about: 'iss is a configured issuer, to the letter',
    refuses: [
      api.refuse('a slash at the end', mint({ iss: `${ISSUER}/` }), 'issuer_unknown', {
        detail: /one trailing slash, which counts/,
      }),
      withSlash.refuse('no slash at the end, where one is configured', GOOD, 'issuer_unknown', {
        detail: /one trailing slash, which counts/,
      }),
      ...each(
        {
          'another case': 'https://ISSUER.example',
          'a longer text': `${ISSUER}.attacker.example`,
          'a port that says nothing': `${ISSUER}:443`,
          'a path': `${ISSUER}/tenant`,
          'a query': `${ISSUER}?`,
          'a list': [ISSUER],
          'an object': { iss: ISSUER },
          'a number': 1,
          null: null,
          'an empty text': '',
          nothing: undefined,
          'a name of Object.prototype': 'toString',
        },
        (name, iss) => api.refuse(name, mint({ iss }), 'issuer_unknown'),
      ),
    ],
    accepts: [
      api.accept('it', GOOD, { issuer: ISSUER }),
      withSlash.accept('it with a slash at the end, where that is configured', mint({ iss: `${ISSUER}/` })),
      twoNames.accept('another name that is configured', mint({ iss: 'https://old.example' }), {
        issuer: 'https://old.example',
      }),
    ],
  },
  {
    rules: ['JWT-22'],
    about: 'typ is a media type without parameters',
    refuses: each(
      {
        'a parameter': 'at+jwt; v=1',
        'a parameter of the whole type': 'application/at+jwt;charset=utf-8',
        'a space at the end': 'at+jwt ',
        'application/ twice': 'application/application/at+jwt',
        'another tree': 'text/at+jwt',
        'an empty text': '',
        'a number': 1,
        null: null,
        'a list': ['at+jwt'],
        'application/ alone': 'application/',
      },
      (name, typ) => api.refuse(name, mint({}, { typ }), 'type_rejected'),
    ),
    accepts: each(
      {
        'at+jwt': 'at+jwt',
        'at+JWT': 'at+JWT',
        'application/at+jwt': 'application/at+jwt',
        'APPLICATION/AT+JWT': 'APPLICATION/AT+JWT',
        JWT: 'JWT',
        jwt: 'jwt',
        'application/jwt': 'application/jwt',
        nothing: undefined,
      },
      (name, typ) => api.accept(name, mint({}, { typ })),
    ),
  },
  {
    rules: ['JWT-23'],
    about: 'a token of another kind is no access token',
    refuses: [
      ...each(Object.fromEntries(OTHER_TYPES.map((typ) => [typ, typ])), (name, typ) =>
        api.refuse(name, mint({}, { typ }), 'type_rejected'),
      ),
      ...each(Object.fromEntries(OTHER_TYPES.map((typ) => [typ, typ])), (name, typ) =>
        strict.refuse(`${name}, in the profile at+jwt`, mint({}, { typ }), 'type_rejected'),
      ),
      api.refuse('application/logout+jwt', mint({}, { typ: 'application/logout+jwt' }), 'type_rejected'),
    ],
    accepts: [
      api.accept('at+jwt', GOOD),
      api.accept('JWT', mint({}, { typ: 'JWT' })),
      strict.accept('at+jwt, in the profile at+jwt', GOOD),
    ],
  },
  {
    rules: ['JWT-24'],
    about: 'an ID token shows by its claims',
    refuses: [
      api.refuse('at_hash, typ JWT', mint({ at_hash: 'x' }, { typ: 'JWT' }), 'type_rejected'),
      api.refuse('at_hash, no typ', mint({ at_hash: 'x' }, { typ: undefined }), 'type_rejected'),
      api.refuse('c_hash, typ JWT', mint({ c_hash: 'x' }, { typ: 'JWT' }), 'type_rejected'),
      api.refuse('nonce and at_hash', mint({ nonce: 'n', at_hash: 'x' }, { typ: 'JWT' }), 'type_rejected', {
        detail: /nonce/,
      }),
    ],
    accepts: [
      api.accept('neither', mint({}, { typ: 'JWT' })),
      api.accept('nonce alone, which older access tokens have', mint({ nonce: 'n' }, { typ: 'JWT' })),
      api.accept('at_hash, typ at+jwt', mint({ at_hash: 'x' })),
    ],
  },
  {
    rules: ['ERR-03', 'ERR-16', 'JWT-29'],
    about: 'a schema of the app has the last word, and its messages reach nobody',
    refuses: [
      checked.refuse(
        'a claim that the schema refuses',
        mint({ org: 'secret-organisation' }),
        'claim_invalid',
        {
          detail: /^the claims schema refused: org$/,
        },
      ),
      checked.refuse(
        'an expired token, before the schema sees it',
        mint({ exp: NOW - 60, org: 'broken' }),
        'token_expired',
      ),
      {
        name: 'a schema that throws, which is a bug',
        scene: () => ({ app: schemaApp, sent: bearer(mint({ org: 'broken' })) }),
        expected: { status: 500, challenge: undefined, body: /out of order/, code: undefined, ran: false },
      },
    ],
    accepts: [
      checked.accept('a claim that the schema takes', mint({ org: 'acme' }), {
        claims: { organisation: 'acme' },
      }),
    ],
  },
  {
    rules: ['JWT-28', 'GUARD-02'],
    about: 'a token speaks for a client only where it says so',
    refuses: [
      clients.refuse('a user', GOOD, 'claims_insufficient'),
      clients.refuse(
        'a user whose name looks like that of a client',
        mint({ sub: 'client-2' }),
        'claims_insufficient',
      ),
      clients.refuse('a token without a client', mint({ client_id: undefined }), 'claims_insufficient'),
      clients.refuse(
        'a user who signed in, under the name of the client',
        mint({ sub: 'client-1', idtyp: 'user' }),
        'claims_insufficient',
      ),
    ],
    accepts: [
      clients.accept('a subject that is the client', mint({ sub: 'client-1' }), {
        kind: 'client',
        subject: 'client-1',
      }),
      clients.accept('a grant that says so', mint({ gty: 'client-credentials' }), { kind: 'client' }),
      api.accept('a user, and tells issuer and subject', GOOD, {
        kind: 'unknown',
        issuer: ISSUER,
        subject: 'user-1',
      }),
      api.accept('a user who signed in', mint({ auth_time: NOW - 60 }), { kind: 'user' }),
    ],
  },
  {
    rules: ['JWT-29', 'JWT-04'],
    about: 'no member of a token reaches a prototype',
    refuses: [
      api.refuse(
        '__proto__ in the claims set',
        compact(H, startingWith('"__proto__":{"admin":true}', CLAIMS)),
        'token_malformed',
      ),
      api.refuse(
        '__proto__, escaped',
        compact(H, startingWith('"\\u005f_proto__":{"admin":true}', CLAIMS)),
        'token_malformed',
      ),
      api.refuse(
        '__proto__ deep inside',
        compact(H, startingWith('"a":[{"b":{"__proto__":{}}}]', CLAIMS)),
        'token_malformed',
      ),
      api.refuse(
        '__proto__ in the header',
        compact(startingWith('"__proto__":{}', HEADER), JSON.stringify(CLAIMS)),
        'token_malformed',
      ),
      admins.refuse(
        'roles by way of constructor.prototype',
        mint({ constructor: { prototype: { roles: ['admin'] } } }),
        'role_insufficient',
      ),
      inherited.refuse('a claim that only Object.prototype has', GOOD, 'claims_insufficient'),
    ],
    accepts: [
      api.accept('constructor', mint({ constructor: { prototype: { admin: true } } })),
      api.accept(
        'hasOwnProperty, toString and valueOf',
        mint({ hasOwnProperty: 1, toString: null, valueOf: 'x' }),
      ),
      admins.accept('roles that are its own', mint({ roles: ['admin'] })),
      inherited.accept('a claim of that name that is its own', mint({ toString: 'x' })),
    ],
  },
]

/** A Standard Schema as the libraries make them: it transforms, and its messages hold values. */
function schema(): StandardSchema {
  return { '~standard': { version: 1, vendor: 'conformance', validate } }
}

function validate(value: unknown): SchemaResult<unknown> {
  const { org } = value as { readonly org?: unknown }
  if (org === 'broken') throw new Error('out of order')
  if (org === 'acme') return { value: { organisation: org } }
  return { issues: [{ message: `expected acme, got ${String(org)}`, path: ['org'] } as SchemaIssue] }
}
