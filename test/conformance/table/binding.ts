import { createApp, protect, TRUST } from '../support/app.js'
import { each, on, type Row } from '../support/table.js'
import { mint } from '../support/tokens.js'

const GOOD = mint()
const THUMBPRINT = 'A'.repeat(43)

const api = on(protect())
const strict = on(protect({ profile: 'at+jwt' }))
const optional = on(
  createApp((verify) => {
    const verifier = verify(TRUST)
    return { steps: ({ optionalJwt }) => [optionalJwt(verifier)] }
  }),
)

/** Section "Tokens bound to a key". */
export const binding: readonly Row[] = [
  {
    rules: ['DP-18'],
    about: 'a token that is bound to a key is no bearer token',
    refuses: [
      ...each(
        {
          jkt: { jkt: THUMBPRINT },
          'jkt and more': { jkt: THUMBPRINT, kid: 'x' },
          jwk: { jwk: { kty: 'EC' } },
          'an unknown method': { 'urn:example:x': 1 },
          nothing: {},
          null: null,
          'a text': 'x',
        },
        (name, cnf) => api.refuse(`cnf with ${name}`, mint({ cnf }), 'proof_required'),
      ),
      strict.refuse('jkt, in the profile at+jwt', mint({ cnf: { jkt: THUMBPRINT } }), 'proof_required'),
      optional.refuse('jkt, where a token is optional', mint({ cnf: { jkt: THUMBPRINT } }), 'proof_required'),
      api.refuse(
        'jkt, under the scheme DPoP',
        { headers: [['Authorization', `DPoP ${mint({ cnf: { jkt: THUMBPRINT } })}`]] },
        'token_missing',
      ),
    ],
    accepts: [
      api.accept('the same token without cnf', GOOD),
      strict.accept('the same token without cnf, in the profile at+jwt', GOOD),
      optional.accept('the same token without cnf, where it is optional', GOOD),
    ],
  },
  {
    rules: ['MT-02'],
    about: 'a token that is bound to a certificate is no bearer token',
    refuses: [
      api.refuse('x5t#S256', mint({ cnf: { 'x5t#S256': THUMBPRINT } }), 'proof_required'),
      api.refuse(
        'x5t#S256, with a field that could hold the certificate',
        {
          headers: [
            ['Authorization', `Bearer ${mint({ cnf: { 'x5t#S256': THUMBPRINT } })}`],
            ['Client-Cert', ':AAAA:'],
          ],
        },
        'proof_required',
      ),
    ],
    accepts: [api.accept('the same token without cnf', GOOD)],
  },
]
