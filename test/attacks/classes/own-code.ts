import { createApp, guarded, TRUST, type App, type Parts } from '../../conformance/support/app.js'
import { P256, STRANGER } from '../../conformance/support/keys.js'
import {
  bearer,
  each,
  granted,
  missing,
  on,
  refusal,
  type Case,
  type Expected,
} from '../../conformance/support/table.js'
import { base64url, CLAIMS, mint, NOW } from '../../conformance/support/tokens.js'
import type { AuthErrorCode } from '@require-jwt/core'
import type { Attack } from '../attack.js'
import { judged } from '../support/schema.js'

type Steps = Parts['steps']

const GOOD = mint()
const ADMIN = { subject: 'admin', scopes: ['admin'], scope: 'admin', claims: { scope: 'admin' } }
const JSON_BODY = ['Content-Type', 'application/json'] as const
const FORM_BODY = ['Content-Type', 'application/x-www-form-urlencoded'] as const

const admins = on(optionally(({ requireScope }) => [requireScope('admin')]))
const anybody = on(optionally(() => []))

/** What says that the caller is an administrator, to an app that would believe it. */
const SELF_MADE = {
  'a field': { headers: [['X-Auth', JSON.stringify(ADMIN)]] },
  'the field of a proxy': { headers: [['X-Forwarded-User', 'admin']] },
  'a cookie': { headers: [['Cookie', `auth=${base64url(JSON.stringify(ADMIN))}; session=admin`]] },
  'the query': { query: 'auth[subject]=admin&auth[scopes][]=admin&user[admin]=1' },
  JSON: body(JSON_BODY, JSON.stringify({ auth: ADMIN, user: ADMIN, state: { auth: ADMIN } })),
  'JSON that names a prototype': body(JSON_BODY, `{"__proto__":{"auth":${JSON.stringify(ADMIN)}}}`),
  'a form': body(FORM_BODY, 'auth[subject]=admin&auth[scopes][]=admin'),
} as const

export const selfMadeResult: Attack = {
  name: 'self-made-result',
  about:
    'what a request says of itself is no result: guards and getAuth know what was verified and nothing else',
  source: 'CWE-807, CWE-915',
  refuses: [
    ...each(SELF_MADE, (name, sent) =>
      admins.refuse(`a result in ${name}, without a token`, sent, 'token_missing'),
    ),
    admins.refuse(
      'a result in JSON, with a token that has less',
      { ...SELF_MADE.JSON, headers: [JSON_BODY, ['Authorization', `Bearer ${GOOD}`]] },
      'scope_insufficient',
      missing('admin'),
    ),
  ],
  accepts: [
    ...each(SELF_MADE, (name, sent) =>
      anybody.accept(`a result in ${name} as nobody, where nobody may come`, sent, null, {
        authenticated: 0,
      }),
    ),
    admins.accept('a token with the scope', mint({ scope: 'admin' }), { subject: 'user-1' }),
  ],
}

const truthy = on(guarded(({ requireThat }) => requireThat((auth) => auth.claims['grant'] as boolean)))
const later = on(guarded(({ requireThat }) => requireThat(async (auth) => auth.claims['grant'] as boolean)))

export const ownCheck: Attack = {
  name: 'own-check',
  about: 'a check of your own grants by true alone, and a guard that stands alone lets nobody through',
  source: 'CWE-697, CWE-862',
  refuses: [
    ...each<unknown>(
      {
        'the text true': 'true',
        'a text': 'yes',
        one: 1,
        'a list': [],
        'a list with true': [true],
        'an object': {},
        false: false,
        null: null,
        nothing: undefined,
      },
      (name, grant) => truthy.refuse(`${name}, for true`, mint({ grant }), 'claims_insufficient'),
    ),
    later.refuse('a promise of one, for true', mint({ grant: 1 }), 'claims_insufficient'),
    unguarded('a guard, where nothing was verified', ({ requireScope }) => [requireScope('admin')]),
    unguarded('a check, where nothing was verified', ({ requireThat }) => [requireThat(() => true)]),
  ],
  accepts: [
    truthy.accept('true', mint({ grant: true })),
    later.accept('a promise of true', mint({ grant: true })),
  ],
}

export const unverifiedClaims: Attack = {
  name: 'unverified-claims',
  about: 'code of your own sees no claim before the signature has passed',
  source: 'CVE-2025-65945, CWE-345',
  refuses: [
    unseen('a forged signature', mint({}, {}, STRANGER), 'signature_invalid'),
    unseen('other claims under a good signature', withClaims(GOOD, { sub: 'admin' }), 'signature_invalid'),
    unseen('a key that nobody published', mint({}, { kid: 'none' }, STRANGER), 'key_unknown'),
    unseen('no signature', mint({}, { alg: 'none' }), 'algorithm_rejected'),
    unseen('a token of another issuer', mint({ iss: 'https://other.example' }), 'issuer_unknown'),
    unseen('a token for another API', mint({ aud: 'urn:other' }), 'audience_mismatch'),
    unseen('a token that has run out', mint({ exp: NOW - 60 }), 'token_expired'),
  ],
  accepts: [
    watched('a good token, of which both see the claims', bearer(GOOD), granted(), ['schema', 'check']),
    watched('a good token by another key', bearer(mint({}, {}, P256)), granted(), ['schema', 'check']),
  ],
}

function optionally(steps: Steps): App {
  return createApp((verify) => {
    const verifier = verify(TRUST)
    return { steps: (api) => [api.optionalJwt(verifier), ...steps(api)] }
  })
}

/** The operator is told of the mistake, and nobody gets in. */
function unguarded(name: string, steps: Steps): Case {
  const app = createApp(() => ({ steps, ownErrors: true }))
  const expected: Expected = {
    status: 500,
    challenge: undefined,
    body: /ConfigError/,
    code: undefined,
    ran: false,
  }
  return { name, scene: () => ({ app, sent: bearer(mint({ scope: 'admin' })) }), expected }
}

function unseen(name: string, token: string, code: AuthErrorCode): Case {
  return watched(name, bearer(token), refusal(code), [])
}

/** An app with a schema and a check of its own, which both note that they were asked. */
function watched(
  name: string,
  sent: ReturnType<typeof bearer>,
  expected: Expected,
  asked: readonly string[],
): Case {
  return {
    name,
    expected,
    scene: () => {
      const seen: string[] = []
      const note = (who: string) => (): boolean => seen.push(who) > 0
      const app = createApp((verify) => {
        const verifier = verify({ ...TRUST, ...judged(note('schema')) })
        return { steps: ({ requireJwt, requireThat }) => [requireJwt(verifier), requireThat(note('check'))] }
      })
      return { app, sent, also: [() => seen, asked] }
    },
  }
}

function withClaims(token: string, claims: object): string {
  const [header = '', , signature = ''] = token.split('.')
  return `${header}.${base64url(JSON.stringify({ ...CLAIMS, ...claims }))}.${signature}`
}

function body(
  type: readonly [string, string],
  text: string,
): {
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
} {
  return { method: 'POST', headers: [type], body: text }
}
