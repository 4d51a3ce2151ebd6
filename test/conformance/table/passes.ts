import { createApp, protect, TRUST, type App, type Parts } from '../support/app.js'
import { STRANGER } from '../support/keys.js'
import { authorization, bearer, missing, on, type Case, type Expected, type Row } from '../support/table.js'
import { AUDIENCE, mint } from '../support/tokens.js'

const GOOD = mint()
const SCOPED = mint({ scope: 'a' })
const BAD = mint({}, {}, STRANGER)
const BOTH = mint({ aud: [AUDIENCE, 'urn:second'] })

const optional = on(optionally(() => []))
const optionalGuarded = on(optionally(({ requireScope }) => [requireScope('a')]))
const reading = createApp((verify) => {
  const verifier = verify(TRUST)
  return {
    steps: ({ optionalJwt }) => [optionalJwt(verifier)],
    handler: ({ getAuth }) => ({ auth: getAuth() }),
    ownErrors: true,
  }
})

const twice = on(
  createApp((verify) => {
    const verifier = verify(TRUST)
    return { steps: ({ requireJwt }) => [requireJwt(verifier), requireJwt(verifier)] }
  }),
)
const optionalThenRequired = on(
  createApp((verify) => {
    const verifier = verify(TRUST)
    return { steps: ({ requireJwt, optionalJwt }) => [optionalJwt(verifier), requireJwt(verifier)] }
  }),
)
const two = on(
  createApp((verify) => {
    const first = verify(TRUST)
    const second = verify({ ...TRUST, audience: 'urn:second', scopesClaim: 'second_scope' })
    return {
      steps: ({ requireJwt }) => [requireJwt(first), requireJwt(second)],
      handler: ({ getAuth }) => ({
        auth: { first: getAuth(first).scopes, second: getAuth(second).scopes, latest: getAuth().scopes },
      }),
    }
  }),
)
const named = on(
  createApp((verify) => {
    const first = verify(TRUST)
    const second = verify({ ...TRUST, audience: 'urn:second', scopesClaim: 'second_scope' })
    return {
      steps: ({ requireJwt, requireThat }) => [
        requireJwt(first),
        requireJwt(second),
        requireThat(first, (auth) => auth.scopes.includes('a')),
        requireThat((auth) => auth.scopes.includes('b')),
      ],
    }
  }),
)

const HINT =
  /Mount the middleware before this handler; if it is there, two copies of @require-jwt\/core are installed/

/** Section "Passes". */
export const passes: readonly Row[] = [
  {
    rules: ['PASS-01'],
    about: 'optionalJwt lets only the absence of a token through',
    refuses: [
      optional.refuse('a bad token', BAD, 'signature_invalid'),
      optional.refuse('a malformed token', 'opaque', 'token_malformed'),
      optional.refuse('a malformed request', authorization('Bearer a b'), 'request_malformed'),
      optional.refuse(
        'two values',
        authorization(`Bearer ${GOOD}`, 'Basic dXNlcjpwYXNz'),
        'request_malformed',
      ),
    ],
    accepts: [
      optional.accept('no token', {}, null, { authenticated: 0 }),
      optional.accept('another scheme', authorization('Basic dXNlcjpwYXNz'), null, { authenticated: 0 }),
      optional.accept('a good token', GOOD, { subject: 'user-1' }),
    ],
  },
  {
    rules: ['PASS-01', 'ERR-02'],
    about: 'behind optionalJwt a guard asks for a token, and so does getAuth',
    refuses: [
      optionalGuarded.refuse('no token', {}, 'token_missing'),
      optionalGuarded.refuse('another scheme', authorization('Basic dXNlcjpwYXNz'), 'token_missing'),
      optionalGuarded.refuse('a token without the scope', GOOD, 'scope_insufficient', missing('a')),
      {
        name: 'no token, where the handler calls getAuth',
        scene: () => ({ app: reading, sent: {} }),
        expected: {
          status: 401,
          challenge: 'Bearer realm="api"',
          headers: { 'Cache-Control': 'no-store' },
          code: 'token_missing',
          ran: true,
          authenticated: 0,
        },
      },
    ],
    accepts: [
      optionalGuarded.accept('a token with the scope', SCOPED),
      on(reading).accept('a token, where the handler calls getAuth', GOOD),
    ],
  },
  {
    rules: ['PASS-02'],
    about: 'without requireJwt a guard is a mistake of the set-up, and names the two usual ones',
    refuses: [
      mistake(
        'a guard',
        app(({ requireScope }) => [requireScope('a')]),
      ),
      mistake(
        'a check of your own',
        app(({ requireThat }) => [requireThat(() => true)]),
      ),
      mistake(
        'getAuth',
        app(
          () => [],
          ({ getAuth }) => getAuth(),
        ),
        { ran: true, authenticated: 0 },
      ),
      mistake(
        'getOptionalAuth',
        app(
          () => [],
          ({ getOptionalAuth }) => getOptionalAuth(),
        ),
        { ran: true, authenticated: 0 },
      ),
      mistake('a guard in front of requireJwt', misplaced()),
      mistake(
        'a guard of a verifier that did not run',
        stranger(),
        {},
        /the verifier that was named did not run/,
      ),
      mistake(
        'getAuth of a verifier that did not run',
        strangerReads(),
        { ran: true, authenticated: 1 },
        /the verifier that was named did not run/,
      ),
    ],
    accepts: [
      on(protect({}, {}, { handler: ({ getAuth }) => ({ auth: getAuth() }) })).accept(
        'getAuth behind requireJwt',
        GOOD,
      ),
    ],
  },
  {
    rules: ['PASS-03'],
    about: 'the same verifier a second time verifies nothing',
    refuses: [
      twice.refuse('a bad token, once', BAD, 'signature_invalid'),
      optionalThenRequired.refuse('no token, behind optionalJwt', {}, 'token_missing'),
    ],
    accepts: [
      twice.accept('a good token, once', GOOD, {}, { authenticated: 1 }),
      optionalThenRequired.accept('a good token behind optionalJwt, once', GOOD, {}, { authenticated: 1 }),
    ],
  },
  {
    rules: ['PASS-03'],
    about: 'another verifier verifies for itself; guards take the latest, or the one that is named',
    refuses: [
      two.refuse('a token for the first alone', GOOD, 'audience_mismatch', { authenticated: 1 }),
      two.refuse('a token for the second alone', mint({ aud: 'urn:second' }), 'audience_mismatch', {
        authenticated: 0,
      }),
      named.refuse(
        'what the named one lacks',
        mint({ aud: [AUDIENCE, 'urn:second'], scope: 'b', second_scope: 'a b' }),
        'claims_insufficient',
      ),
      named.refuse(
        'what the latest lacks',
        mint({ aud: [AUDIENCE, 'urn:second'], scope: 'a b', second_scope: 'a' }),
        'claims_insufficient',
      ),
    ],
    accepts: [
      two.accept('a token for both', BOTH, {}, { authenticated: 2 }),
      two.accept(
        'a token for both, with the rights that each reads',
        mint({ aud: [AUDIENCE, 'urn:second'], scope: 'a', second_scope: 'b' }),
        {},
        {
          authenticated: 2,
          body: { auth: { first: ['a'], second: ['b'], latest: ['b'] } },
        },
      ),
      named.accept(
        'what both have',
        mint({ aud: [AUDIENCE, 'urn:second'], scope: 'a', second_scope: 'b' }),
        {},
        { authenticated: 2 },
      ),
    ],
  },
]

type Steps = Parts['steps']

/** Makes an app without `requireJwt`. */
function app(steps: Steps, handler?: Parts['handler']): App {
  return createApp(() => ({ steps, ownErrors: true, ...(handler && { handler }) }))
}

function optionally(guards: Steps): App {
  return createApp((verify) => {
    const verifier = verify(TRUST)
    return { steps: (api) => [api.optionalJwt(verifier), ...guards(api)] }
  })
}

function misplaced(): App {
  return createApp((verify) => {
    const verifier = verify(TRUST)
    return {
      steps: ({ requireJwt, requireScope }) => [requireScope('a'), requireJwt(verifier)],
      ownErrors: true,
    }
  })
}

function stranger(): App {
  return createApp((verify) => {
    const [first, second] = [verify(TRUST), verify(TRUST)]
    return {
      steps: ({ requireJwt, requireThat }) => [requireJwt(first), requireThat(second, () => true)],
      ownErrors: true,
    }
  })
}

function strangerReads(): App {
  return createApp((verify) => {
    const [first, second] = [verify(TRUST), verify(TRUST)]
    return {
      steps: ({ requireJwt }) => [requireJwt(first)],
      handler: ({ getAuth }) => getAuth(second),
      ownErrors: true,
    }
  })
}

/** The app's error handler gets a ConfigError; a caller learns nothing but that it is our fault. */
function mistake(
  name: string,
  at: App,
  more: Partial<Expected> = {},
  message: RegExp = /neither requireJwt nor optionalJwt ran/,
): Case {
  const body = new RegExp(`ConfigError: .*${message.source}.*${HINT.source}`)
  return {
    name,
    scene: () => ({ app: at, sent: bearer(GOOD) }),
    expected: { status: 500, challenge: undefined, body, code: undefined, ran: false, ...more },
  }
}
