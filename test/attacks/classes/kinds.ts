import { authorization, each } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { judged } from '../support/schema.js'
import { against } from '../support/target.js'

const api = against()
const strict = against({ profile: 'at+jwt' })
const choosy = against(judged(({ token_use }) => token_use === 'access'))
const THUMBPRINT = 'A'.repeat(43)

export const tokenKind: Attack = {
  name: 'token-kind',
  about: 'a token that was made for something else is no access token, though all of it is right',
  source: 'RFC 8725 §2.8, §3.11, RFC 9068 §4',
  refuses: [
    ...each<unknown>(
      {
        'a logout token': 'logout+jwt',
        'a security event': 'secevent+jwt',
        'a DPoP proof': 'dpop+jwt',
        'the key binding of an SD-JWT': 'kb+jwt',
        'an SD-JWT': 'dc+sd-jwt',
        'a request object': 'oauth-authz-req+jwt',
        'a client assertion': 'client-authentication+jwt',
        'an answer of introspection': 'token-introspection+jwt',
        'a status list': 'statuslist+jwt',
        JOSE: 'JOSE',
        'its whole media type': 'application/logout+jwt',
        'a parameter': 'at+jwt; v=1',
        'a space': 'at+jwt ',
        'a list': ['at+jwt'],
        null: null,
      },
      (name, typ) => api.refuse(name, mint({}, { typ }), 'type_rejected'),
    ),
    api.refuse('an ID token, by at_hash', mint({ at_hash: 'x' }, { typ: 'JWT' }), 'type_rejected'),
    api.refuse(
      'an ID token, by c_hash and without typ',
      mint({ c_hash: 'x' }, { typ: undefined }),
      'type_rejected',
    ),
    strict.refuse('a plain JWT, in the profile at+jwt', mint({}, { typ: 'JWT' }), 'type_rejected'),
    strict.refuse('no typ, in the profile at+jwt', mint({}, { typ: undefined }), 'type_rejected'),
    strict.refuse('no client, in the profile at+jwt', mint({ client_id: undefined }), 'claim_missing'),
    strict.refuse('an empty subject, in the profile at+jwt', mint({ sub: '' }), 'claim_invalid'),
    choosy.refuse(
      'an ID token, by a claim that the schema of the app reads',
      mint({ token_use: 'id' }, { typ: undefined }),
      'claim_invalid',
    ),
    strict.refuse('no jti, in the profile at+jwt', mint({ jti: undefined }), 'claim_missing'),
    api.refuse('a subject that is a list', mint({ sub: ['user-1'] }), 'claim_invalid'),
  ],
  accepts: [
    ...each<unknown>(
      {
        'AT+JWT': 'AT+JWT',
        'application/at+jwt': 'application/at+jwt',
        'Application/AT+jwt': 'Application/AT+jwt',
        jwt: 'jwt',
        'application/JWT': 'application/JWT',
        'no typ': undefined,
      },
      (name, typ) => api.accept(name, mint({}, { typ })),
    ),
    strict.accept('application/at+jwt, in the profile at+jwt', mint({}, { typ: 'application/at+jwt' })),
    api.accept('a nonce, which old access tokens have', mint({ nonce: 'n' }, { typ: 'JWT' })),
    api.accept('at_hash in what says it is an access token', mint({ at_hash: 'x' })),
    choosy.accept('a claim that the schema of the app likes', mint({ token_use: 'access' })),
    api.accept('neither sub nor jti', mint({ sub: undefined, jti: undefined })),
  ],
}

export const binding: Attack = {
  name: 'binding',
  about: 'a token that is bound to a key is nothing in the hands of a bearer',
  source: 'RFC 9449 §7.1, RFC 8705 §3, RFC 7800 §3.1',
  refuses: [
    ...each<unknown>(
      {
        jkt: { jkt: THUMBPRINT },
        'x5t#S256': { 'x5t#S256': THUMBPRINT },
        both: { jkt: THUMBPRINT, 'x5t#S256': THUMBPRINT },
        'a key': { jwk: { kty: 'EC' } },
        'a kid': { kid: 'x' },
        'a method that nobody knows': { 'urn:example:x': 1 },
        'no method': {},
        null: null,
        false: false,
        'an empty text': '',
      },
      (name, cnf) => api.refuse(`cnf with ${name}`, mint({ cnf }), 'proof_required'),
    ),
    api.refuse(
      'jkt, with a proof that nobody checks',
      {
        headers: [
          ...header(`Bearer ${mint({ cnf: { jkt: THUMBPRINT } })}`),
          ['DPoP', mint({}, { typ: 'dpop+jwt' })],
        ],
      },
      'proof_required',
    ),
    api.refuse(
      'x5t#S256, with a certificate in a field',
      {
        headers: [
          ...header(`Bearer ${mint({ cnf: { 'x5t#S256': THUMBPRINT } })}`),
          ['Client-Cert', ':AAAA:'],
        ],
      },
      'proof_required',
    ),
    strict.refuse('jkt, in the profile at+jwt', mint({ cnf: { jkt: THUMBPRINT } }), 'proof_required'),
    api.refuse(
      'jkt, under the scheme DPoP',
      authorization(`DPoP ${mint({ cnf: { jkt: THUMBPRINT } })}`),
      'token_missing',
    ),
  ],
  accepts: [
    api.accept('cnf inside of another claim', mint({ act: { sub: 'x', cnf: { jkt: THUMBPRINT } } })),
    api.accept('CNF in another case', mint({ CNF: { jkt: THUMBPRINT } })),
    api.accept('a proof beside a token that is not bound', {
      headers: [...header(`Bearer ${mint()}`), ['DPoP', 'x.y.z']],
    }),
  ],
}

function header(value: string): readonly (readonly [string, string])[] {
  return [['Authorization', value]]
}
