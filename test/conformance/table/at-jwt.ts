import { guarded, protect } from '../support/app.js'
import { P256, RSA, STRANGER } from '../support/keys.js'
import { each, missing, on, type Row } from '../support/table.js'
import { CLAIMS, compact, HEADER, ISSUER, AUDIENCE, mint, NOW, startingWith } from '../support/tokens.js'

const GOOD = mint()

const lenient = on(protect())
const strict = on(protect({ profile: 'at+jwt' }))
const anyAudience = on(protect({ profile: 'at+jwt', audience: null }))
const onlyRsa = on(protect({ profile: 'at+jwt', jwks: { keys: [RSA.jwk] } }))
const keycloak = on(protect({ rolesClaim: ['realm_access', 'roles'] }))
const cognito = on(
  protect({ groupsClaim: 'cognito:groups', rolesClaim: (claims) => [String(claims['custom:role'])] }),
)
const mfa = on(guarded(({ requireClaim }) => requireClaim('acr', 'urn:example:mfa')))
const readers = on(guarded(({ requireScope }) => requireScope('orders:read', 'orders:write')))
const admins = on(guarded(({ requireRole }) => requireRole('admin')))

/** Section "The profile at+jwt". */
export const atJwt: readonly Row[] = [
  {
    rules: ['AT-01', 'AT-11', 'AT-08'],
    about: 'typ is at+jwt, and nothing else',
    refuses: each(
      {
        JWT: 'JWT',
        nothing: undefined,
        'application/jwt': 'application/jwt',
        'at-jwt': 'at-jwt',
        jwt: 'jwt',
      },
      (name, typ) => strict.refuse(name, mint({}, { typ }), 'type_rejected'),
    ),
    accepts: [
      ...each(
        { 'at+jwt': 'at+jwt', 'application/at+jwt': 'application/at+jwt', 'AT+JWT': 'AT+JWT' },
        (name, typ) => strict.accept(name, mint({}, { typ })),
      ),
      lenient.accept('JWT, in the profile jwt', mint({}, { typ: 'JWT' })),
      lenient.accept('at+jwt, in the profile jwt', GOOD),
    ],
  },
  {
    rules: ['AT-03', 'AT-04', 'AT-06', 'AT-08'],
    about: 'issuer, audience and expiry are those of this API',
    refuses: [
      strict.refuse('another issuer', mint({ iss: 'https://other.example' }), 'issuer_unknown'),
      strict.refuse('a slash after the issuer', mint({ iss: `${ISSUER}/` }), 'issuer_unknown'),
      strict.refuse('another audience', mint({ aud: 'https://other.example' }), 'audience_mismatch'),
      strict.refuse('a slash after the audience', mint({ aud: `${AUDIENCE}/` }), 'audience_mismatch'),
      strict.refuse('an expired token', mint({ exp: NOW - 5 }), 'token_expired'),
    ],
    accepts: [
      strict.accept('the right ones', GOOD),
      strict.accept('the right audience among others', mint({ aud: ['https://other.example', AUDIENCE] })),
      strict.accept('a token about to expire', mint({ exp: NOW + 1 })),
    ],
  },
  {
    rules: ['AT-05', 'AT-08', 'JWT-06'],
    about: "the signature is the issuer's",
    refuses: [
      strict.refuse(
        'none',
        compact(JSON.stringify({ ...HEADER, alg: 'none' }), JSON.stringify(CLAIMS), () => Buffer.alloc(0)),
        'algorithm_rejected',
      ),
      strict.refuse("a stranger's", mint({}, {}, STRANGER), 'signature_invalid'),
      onlyRsa.refuse('that of a key which the issuer does not publish', mint({}, {}, P256), 'key_unknown'),
    ],
    accepts: [strict.accept('RS256', GOOD), strict.accept('ES256', mint({}, {}, P256))],
  },
  {
    rules: ['AT-07', 'AT-08'],
    about: 'the required claims are there, with the right type',
    refuses: [
      ...each({ exp: 1, sub: 2, client_id: 3, iat: 4, jti: 5 }, (name) =>
        strict.refuse(`no ${name}`, mint({ [name]: undefined }), 'claim_missing'),
      ),
      strict.refuse('no aud', mint({ aud: undefined }), 'audience_mismatch'),
      anyAudience.refuse('no aud, where any will do', mint({ aud: undefined }), 'claim_missing'),
      strict.refuse('no iss', mint({ iss: undefined }), 'issuer_unknown'),
      ...each(
        { sub: 1, client_id: null, jti: {}, iat: '1767225600', exp: '1767225900', aud: 1 },
        (name, value) => strict.refuse(`${name} of another type`, mint({ [name]: value }), 'claim_invalid'),
      ),
      ...each({ sub: '', client_id: '', jti: '' }, (name, value) =>
        strict.refuse(`an empty ${name}`, mint({ [name]: value }), 'claim_invalid'),
      ),
      strict.refuse(
        'cid in place of client_id',
        mint({ client_id: undefined, cid: 'client-1' }),
        'claim_missing',
      ),
      strict.refuse(
        'a claim that only looks inherited',
        compact(
          JSON.stringify(HEADER),
          startingWith('"constructor":{"sub":"user-1"}', { ...CLAIMS, sub: undefined }),
        ),
        'claim_missing',
      ),
    ],
    accepts: [
      strict.accept('all of them', GOOD, { subject: 'user-1', clientId: 'client-1' }),
      lenient.accept(
        'none but iss, aud and exp, in the profile jwt',
        mint({ sub: undefined, client_id: undefined, iat: undefined, jti: undefined }),
      ),
    ],
  },
  {
    rules: ['AT-09', 'AZ-01'],
    about: 'scopes are read from a text or a list, whoever calls them what',
    refuses: [
      readers.refuse(
        'one of two',
        mint({ scope: 'orders:read' }),
        'scope_insufficient',
        missing('orders:read orders:write'),
      ),
      readers.refuse(
        'both joined by a comma',
        mint({ scope: 'orders:read,orders:write' }),
        'scope_insufficient',
        missing('orders:read orders:write'),
      ),
      readers.refuse(
        'both joined by a tab',
        mint({ scope: 'orders:read\torders:write' }),
        'scope_insufficient',
        missing('orders:read orders:write'),
      ),
      readers.refuse(
        'an object',
        mint({ scope: { 'orders:read': true, 'orders:write': true } }),
        'scope_insufficient',
        missing('orders:read orders:write'),
      ),
      readers.refuse(
        'scp beside another scope',
        mint({ scope: 'openid', scp: 'orders:read orders:write' }),
        'scope_insufficient',
        missing('orders:read orders:write'),
      ),
    ],
    accepts: [
      readers.accept('scope as a text', mint({ scope: 'orders:read orders:write' }), {
        scopes: ['orders:read', 'orders:write'],
      }),
      readers.accept('scope as a list', mint({ scope: ['orders:read', 'orders:write'] })),
      readers.accept('scp as a text', mint({ scp: 'orders:write orders:read' })),
      readers.accept('scp as a list', mint({ scp: ['orders:read', 'orders:write'] })),
      readers.accept('more than one space', mint({ scope: ' orders:read  orders:write ' }), {
        scopes: ['orders:read', 'orders:write'],
      }),
    ],
  },
  {
    rules: ['AT-09', 'GUARD-01'],
    about: 'roles and groups are read where the options say, as texts or as SCIM has them',
    refuses: [
      admins.refuse('a longer name', mint({ roles: ['administrator'] }), 'role_insufficient'),
      admins.refuse('a text that holds it', mint({ roles: 'not admin' }), 'role_insufficient'),
      admins.refuse('another case', mint({ roles: ['Admin'] }), 'role_insufficient'),
      admins.refuse('a list in a list', mint({ roles: [['admin']] }), 'role_insufficient'),
      admins.refuse(
        'roles at another place than the options say',
        mint({ realm_access: { roles: ['admin'] } }),
        'role_insufficient',
      ),
      admins.refuse(
        'a permission of that name',
        mint({ permissions: ['admin'], scope: 'admin', groups: ['admin'] }),
        'role_insufficient',
      ),
    ],
    accepts: [
      admins.accept('a list', mint({ roles: ['user', 'admin'] }), { roles: ['user', 'admin'] }),
      admins.accept('a text', mint({ roles: 'admin' }), { roles: ['admin'] }),
      admins.accept(
        'objects with a value',
        mint({ roles: [{ value: 'admin', display: 'x' }, { value: 1 }] }),
        { roles: ['admin'] },
      ),
      lenient.accept(
        'groups and permissions',
        mint({ groups: [{ value: 'staff' }], permissions: ['refund'] }),
        { groups: ['staff'], permissions: ['refund'], roles: [] },
      ),
      keycloak.accept('nested roles', mint({ realm_access: { roles: ['admin'] } }), { roles: ['admin'] }),
      cognito.accept(
        'a name with a colon, and a function',
        mint({ 'cognito:groups': ['staff'], 'custom:role': 'admin' }),
        { groups: ['staff'], roles: ['admin'] },
      ),
    ],
  },
  {
    rules: ['AT-10', 'GUARD-02'],
    about: 'how somebody signed in can be asked for',
    refuses: [
      mfa.refuse('another acr', mint({ acr: 'urn:example:password' }), 'claims_insufficient'),
      mfa.refuse('no acr', GOOD, 'claims_insufficient'),
    ],
    accepts: [
      mfa.accept(
        'the acr that is asked for',
        mint({ acr: 'urn:example:mfa', auth_time: NOW - 60, amr: ['pwd', 'otp'] }),
        {
          claims: { acr: 'urn:example:mfa', auth_time: NOW - 60, amr: ['pwd', 'otp'] },
        },
      ),
    ],
  },
]
