import { dpop } from '@require-jwt/core'
import { createApp, protect, TRUST } from '../support/app.js'
import { P256, RSA } from '../support/keys.js'
import { BASE, bound, CLIENT, proven, thumbprintOf } from '../support/proofs.js'
import { on, type Row } from '../support/table.js'
import { mint } from '../support/tokens.js'

const ALGS = ['ES256', 'PS256']

const api = on(
  protect({
    profile: 'fapi2',
    baseUrl: BASE,
    maxTokenAge: 600,
    proofs: [dpop({ mode: 'allowed', algorithms: ALGS })],
  }),
)

const scoped = createApp((verify) => {
  const verifier = verify({
    ...TRUST,
    profile: 'fapi2',
    baseUrl: BASE,
    maxTokenAge: 600,
    proofs: [dpop({ mode: 'allowed', algorithms: ALGS })],
  })
  return { steps: ({ requireJwt, requireScope }) => [requireJwt(verifier), requireScope('orders:read')] }
})

const LACKS =
  'error="insufficient_scope", error_description="The access token lacks a right that this request needs"'

const BINDING = { cnf: { jkt: thumbprintOf(CLIENT) } }
const INVALID = 'error="invalid_token", error_description="The access token is not valid here"'
const DPOP = 'DPoP algs="ES256 PS256"'

/** The error of a token that came under the scheme DPoP. */
const UNDER_DPOP = { challenge: `Bearer realm="api", ${DPOP.replace('algs', `${INVALID}, algs`)}` }

/** Section "FAPI 2.0". */
export const fapiRows: readonly Row[] = [
  {
    rules: ['FA-01', 'FA-04'],
    about: 'in the profile fapi2 a token is bound to a key and comes in Authorization',
    refuses: [
      api.refuse('a token that is bound to no key', mint({}, {}, P256), 'proof_required', {
        challenge: `Bearer realm="api", ${INVALID}, ${DPOP}`,
      }),
      api.refuse('a bound token in the query', { query: `access_token=${bound()}` }, 'token_missing', {
        challenge: `Bearer realm="api", ${DPOP}`,
      }),
      api.refuse('a bound token as bearer token', mint(BINDING, {}, P256), 'proof_required', {
        challenge: `Bearer realm="api", ${INVALID}, ${DPOP}`,
      }),
    ],
    accepts: [api.accept('a bound token with its proof', proven(mint(BINDING, {}, P256)), { proof: 'dpop' })],
  },
  {
    rules: ['FA-03'],
    about: 'in the profile fapi2 a route demands its rights as everywhere, under the scheme of the token',
    refuses: [
      on(scoped).refuse('a token without the scope', proven(mint(BINDING, {}, P256)), 'scope_insufficient', {
        challenge: `Bearer realm="api", scope="orders:read", DPoP scope="orders:read", ${LACKS}, algs="ES256 PS256"`,
        body: { status: 403, error: 'insufficient_scope', scope: 'orders:read' },
        authenticated: 1,
      }),
    ],
    accepts: [
      on(scoped).accept('a token with it', proven(mint({ ...BINDING, scope: 'orders:read' }, {}, P256)), {
        proof: 'dpop',
      }),
    ],
  },
  {
    rules: ['FA-05'],
    about: 'in the profile fapi2 tokens are signed with PS256, ES256 or EdDSA',
    refuses: [
      api.refuse('RS256', proven(mint(BINDING)), 'algorithm_rejected', UNDER_DPOP),
      api.refuse(
        'RS256 by a key that can do PS256',
        proven(mint(BINDING, {}, RSA)),
        'algorithm_rejected',
        UNDER_DPOP,
      ),
    ],
    accepts: [api.accept('ES256', proven(mint(BINDING, {}, P256)), { proof: 'dpop' })],
  },
  {
    rules: ['FA-02'],
    about: 'in the profile fapi2 tokens live shortly',
    refuses: [
      api.refuse(
        'a token that was issued 11 min ago',
        proven(mint({ ...BINDING, iat: 1_767_225_600 - 660 }, {}, P256)),
        'token_too_old',
        UNDER_DPOP,
      ),
    ],
    accepts: [
      api.accept(
        'a token that was issued 10 min ago',
        proven(mint({ ...BINDING, iat: 1_767_225_600 - 600 }, {}, P256)),
      ),
    ],
  },
]
