import { allOf, anyOf, hasClaim, hasGroup, hasPermission, hasRole, hasScope } from '@require-jwt/core'
import { guarded } from '../support/app.js'
import { bearer, missing, on, type Case, type Row } from '../support/table.js'
import { mint } from '../support/tokens.js'

const GOOD = mint()

const scopes = on(guarded(({ requireScope }) => requireScope('a', 'b')))
const anyScope = on(guarded(({ requireAnyScope }) => requireAnyScope('a', 'b')))
const twoGuards = on(guarded(({ requireScope, requireRole }) => [requireScope('a'), requireRole('admin')]))
const roles = on(guarded(({ requireRole }) => requireRole('a', 'b')))
const anyRole = on(guarded(({ requireAnyRole }) => requireAnyRole('a', 'b')))
const permissions = on(guarded(({ requirePermission }) => requirePermission('a', 'b')))
const anyPermission = on(guarded(({ requireAnyPermission }) => requireAnyPermission('a', 'b')))
const groups = on(guarded(({ requireGroup }) => requireGroup('a', 'b')))
const anyGroup = on(guarded(({ requireAnyGroup }) => requireAnyGroup('a', 'b')))
const claimThere = on(guarded(({ requireClaim }) => requireClaim('org')))
const claimValue = on(guarded(({ requireClaim }) => requireClaim(['address', 'country'], 'AT', 'CH')))
const ownCheck = on(guarded(({ requireThat }) => requireThat((auth) => auth.claims['org'] === 'acme')))
const slowCheck = on(
  guarded(({ requireThat }) => requireThat((auth) => Promise.resolve(auth.claims['org'] === 'acme'))),
)
const truthyCheck = on(guarded(({ requireThat }) => requireThat((auth) => auth.claims['answer'] as boolean)))
const all = on(
  guarded(({ requireThat }) => requireThat(allOf(hasScope('a'), hasRole('admin'), hasScope('b', 'c')))),
)
const any = on(
  guarded(({ requireThat }) =>
    requireThat(
      anyOf(hasScope('a'), hasRole('admin'), allOf(hasGroup('g'), hasPermission('p'), hasClaim('org'))),
    ),
  ),
)

/** Section "Guards". */
export const guards: readonly Row[] = [
  {
    rules: ['AZ-01', 'AZ-03', 'ERR-04'],
    about: 'requireScope demands all, and the challenge names all',
    refuses: [
      scopes.refuse('none', GOOD, 'scope_insufficient', missing('a b')),
      scopes.refuse('one of two', mint({ scope: 'a' }), 'scope_insufficient', missing('a b')),
      scopes.refuse('another case', mint({ scope: 'A B' }), 'scope_insufficient', missing('a b')),
      scopes.refuse('longer names', mint({ scope: 'aa bb a:b' }), 'scope_insufficient', missing('a b')),
      scopes.refuse(
        'roles of these names',
        mint({ roles: ['a', 'b'], permissions: ['a', 'b'] }),
        'scope_insufficient',
        missing('a b'),
      ),
      scopes.refuse('no token', {}, 'token_missing'),
    ],
    accepts: [
      scopes.accept('both', mint({ scope: 'a b' })),
      scopes.accept('both in another order, among others', mint({ scope: 'c b openid a' })),
    ],
  },
  {
    rules: ['AZ-01', 'ERR-04'],
    about: 'requireAnyScope demands one, and the challenge names the first',
    refuses: [
      anyScope.refuse('none', GOOD, 'scope_insufficient', missing('a')),
      anyScope.refuse('another', mint({ scope: 'c' }), 'scope_insufficient', missing('a')),
    ],
    accepts: [
      anyScope.accept('the first', mint({ scope: 'a' })),
      anyScope.accept('the second', mint({ scope: 'c b' })),
    ],
  },
  {
    rules: ['GUARD-01', 'ERR-04'],
    about: 'guards follow one another, and each refuses by its own code',
    refuses: [
      twoGuards.refuse('a missing scope', mint({ roles: ['admin'] }), 'scope_insufficient', missing('a')),
      twoGuards.refuse('a missing role', mint({ scope: 'a' }), 'role_insufficient'),
    ],
    accepts: [twoGuards.accept('both', mint({ scope: 'a', roles: ['admin'] }))],
  },
  ...[
    { kind: 'role', claim: 'roles', all: roles, any: anyRole, code: 'role_insufficient' as const },
    {
      kind: 'permission',
      claim: 'permissions',
      all: permissions,
      any: anyPermission,
      code: 'permission_insufficient' as const,
    },
    { kind: 'group', claim: 'groups', all: groups, any: anyGroup, code: 'group_insufficient' as const },
  ].map(({ kind, claim, all: every, any: some, code }): Row => ({
    rules: ['GUARD-01'],
    about: `a ${kind} is demanded: all of them, or any`,
    refuses: [
      every.refuse('none', GOOD, code, { detail: /the route demands: a, b/ }),
      every.refuse('one of two', mint({ [claim]: ['a'] }), code),
      every.refuse('another case', mint({ [claim]: ['A', 'B'] }), code),
      every.refuse('one text with both', mint({ [claim]: 'a b' }), code),
      some.refuse('none, where any will do', GOOD, code),
      some.refuse('another, where any will do', mint({ [claim]: ['c'] }), code),
      some.refuse('scopes of these names', mint({ scope: 'a b' }), code),
    ],
    accepts: [
      every.accept('both', mint({ [claim]: ['b', 'c', 'a'] })),
      some.accept('the first, where any will do', mint({ [claim]: ['a'] })),
      some.accept('the second, where any will do', mint({ [claim]: ['b'] })),
    ],
  })),
  {
    rules: ['GUARD-01'],
    about: 'groups that did not fit into the token are not there',
    refuses: [
      groups.refuse(
        'a token that only says so',
        mint({ hasgroups: true, _claim_names: { groups: 'src1' } }),
        'group_insufficient',
      ),
    ],
    accepts: [
      groups.accept('a token with the groups', mint({ groups: ['a', 'b'] }), { groupsOverage: false }),
    ],
  },
  {
    rules: ['GUARD-02'],
    about: 'requireClaim demands that a claim is there, or one of its values',
    refuses: [
      claimThere.refuse('none', GOOD, 'claims_insufficient'),
      claimThere.refuse('null', mint({ org: null }), 'claims_insufficient'),
      claimThere.refuse('false', mint({ org: false }), 'claims_insufficient'),
      claimValue.refuse('another value', mint({ address: { country: 'DE' } }), 'claims_insufficient'),
      claimValue.refuse('another case', mint({ address: { country: 'at' } }), 'claims_insufficient'),
      claimValue.refuse('a text where the object should be', mint({ address: 'AT' }), 'claims_insufficient'),
      claimValue.refuse('the path as one name', mint({ 'address.country': 'AT' }), 'claims_insufficient'),
    ],
    accepts: [
      claimThere.accept('any value', mint({ org: 'acme' })),
      claimThere.accept('zero', mint({ org: 0 })),
      claimValue.accept('the first value', mint({ address: { country: 'AT' } })),
      claimValue.accept('the second value in a list', mint({ address: { country: ['DE', 'CH'] } })),
    ],
  },
  {
    rules: ['GUARD-02'],
    about: 'a check of your own grants by true alone',
    refuses: [
      ownCheck.refuse('false', GOOD, 'claims_insufficient', { detail: /did not return `?true/ }),
      slowCheck.refuse('a promise of false', GOOD, 'claims_insufficient'),
      truthyCheck.refuse('undefined', GOOD, 'claims_insufficient'),
      truthyCheck.refuse('1', mint({ answer: 1 }), 'claims_insufficient'),
      truthyCheck.refuse('a text', mint({ answer: 'true' }), 'claims_insufficient'),
      truthyCheck.refuse('an object', mint({ answer: {} }), 'claims_insufficient'),
      brokenCheck(),
    ],
    accepts: [
      ownCheck.accept('true', mint({ org: 'acme' })),
      slowCheck.accept('a promise of true', mint({ org: 'acme' })),
      truthyCheck.accept('true, from the token', mint({ answer: true })),
    ],
  },
  {
    rules: ['GUARD-03', 'AZ-03'],
    about: 'allOf refuses as its first failing member and names all missing scopes',
    refuses: [
      all.refuse('everything missing', GOOD, 'scope_insufficient', missing('a b c')),
      all.refuse('the role missing', mint({ scope: 'a b c' }), 'role_insufficient'),
      all.refuse(
        'the last missing',
        mint({ scope: 'a', roles: ['admin'] }),
        'scope_insufficient',
        missing('b c'),
      ),
      all.refuse('role and last missing', mint({ scope: 'a' }), 'role_insufficient', missing('b c')),
    ],
    accepts: [all.accept('all of it', mint({ scope: 'a b c', roles: ['admin'] }))],
  },
  {
    rules: ['GUARD-03'],
    about: 'anyOf refuses as its first member',
    refuses: [
      any.refuse('everything missing', GOOD, 'scope_insufficient', missing('a')),
      any.refuse(
        'one member of three in part',
        mint({ groups: ['g'], permissions: ['p'] }),
        'scope_insufficient',
        missing('a'),
      ),
    ],
    accepts: [
      any.accept('the first', mint({ scope: 'a' })),
      any.accept('the second', mint({ roles: ['admin'] })),
      any.accept('the third, as a whole', mint({ groups: ['g'], permissions: ['p'], org: 'acme' })),
    ],
  },
]

/** A check that throws is a bug, and no refusal. */
function brokenCheck(): Case {
  const app = guarded(
    ({ requireThat }) =>
      requireThat(() => {
        throw new Error('out of order')
      }),
    { ownErrors: true },
  )
  return {
    name: 'an exception, which goes to the app',
    scene: () => ({ app, sent: bearer(GOOD) }),
    expected: {
      status: 500,
      challenge: undefined,
      body: { message: 'Error: out of order' },
      code: undefined,
      ran: false,
    },
  }
}
