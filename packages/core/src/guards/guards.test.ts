import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import { createAuth, readFacts, type Auth } from '../auth.js'
import { resolveRights } from '../rights/options.js'
import type { VerifiedToken } from '../signature/verify-signature.js'
import { messageOf, OPTIONS, unverified, type Changes } from '../tokens.test-support.js'
import { createVerifier, type Verifier } from '../verifier.js'
import { createGuards, type Check, type Guards, type Judge } from './guards.js'
import { hasScope } from './requirement.js'

interface Guard {
  readonly judge: Judge<string>
  readonly verifier: Verifier<unknown> | undefined
}

// The handler of this framework is what the guard was made of.
const guards: Guards<Guard, string> = createGuards<Guard, string>((judge, verifier) => ({ judge, verifier }))

function authOf(changes: Changes = {}): Auth<unknown> {
  const token = unverified(changes) as VerifiedToken
  return createAuth(token, readFacts(token, resolveRights({}, '')), token.claims, () => 0)
}

const AUTH = authOf({
  scope: 'a b',
  roles: ['a', 'b'],
  permissions: ['a', 'b'],
  groups: ['a', 'b'],
  plan: 'pro',
})

const PAIRS = [
  ['scope', guards.requireScope, guards.requireAnyScope, 'scope_insufficient'],
  ['role', guards.requireRole, guards.requireAnyRole, 'role_insufficient'],
  ['permission', guards.requirePermission, guards.requireAnyPermission, 'permission_insufficient'],
  ['group', guards.requireGroup, guards.requireAnyGroup, 'group_insufficient'],
] as const

function foreign(): Promise<boolean> {
  return runInNewContext('Promise.resolve(true)') as Promise<boolean>
}

describe.each(PAIRS)('the guards of a %s', (_, all, any, code) => {
  test('demand all of the names, or any', async () => {
    expect(await all('a', 'b').judge(AUTH, 'request')).toBeUndefined()
    expect(await all('a', 'x').judge(AUTH, 'request')).toMatchObject({ code })
    expect(await any('x', 'b').judge(AUTH, 'request')).toBeUndefined()
    expect(await any('x', 'y').judge(AUTH, 'request')).toMatchObject({ code, detail: 'the route demands: x' })
  })

  test('judge the latest result', () => {
    expect(all('a').verifier).toBeUndefined()
    expect(any('a').verifier).toBeUndefined()
  })

  test.each([[], [''], ['a', ''], ['a', 'a']])(
    'take only distinct names, at least one: not %j',
    (...names) => {
      for (const guard of [all, any]) {
        expect(() => guard(...(names as unknown as [string, ...string[]]))).toThrow(
          /Pass distinct names, one an argument, at least one\.$/,
        )
      }
    },
  )
})

describe('requireClaim', () => {
  test('demands a claim, or one of its values', async () => {
    expect(await guards.requireClaim('plan').judge(AUTH, 'request')).toBeUndefined()
    expect(await guards.requireClaim('plan', 'pro').judge(AUTH, 'request')).toBeUndefined()
    expect(await guards.requireClaim('plan', 'free').judge(AUTH, 'request')).toMatchObject({
      code: 'claims_insufficient',
    })
  })
})

describe('requireThat', () => {
  const verifier = createVerifier(OPTIONS)
  const REFUSED = { code: 'claims_insufficient', detail: "the API's own check did not return true" }

  test('demands a requirement', async () => {
    expect(await guards.requireThat(hasScope('a')).judge(AUTH, 'request')).toBeUndefined()
    expect(await guards.requireThat(hasScope('x')).judge(AUTH, 'request')).toMatchObject({
      code: 'scope_insufficient',
    })
  })

  test('asks a check for the result and the request', async () => {
    const check = vi.fn<Check<unknown, string>>(() => true)
    expect(await guards.requireThat(check).judge(AUTH, 'request')).toBeUndefined()
    expect(check).toHaveBeenCalledExactlyOnceWith(AUTH, 'request')
  })

  test('waits for a check that has to wait', async () => {
    expect(await guards.requireThat(async () => true).judge(AUTH, 'request')).toBeUndefined()
    expect(await guards.requireThat(async () => false).judge(AUTH, 'request')).toEqual(REFUSED)
  })

  test.each([undefined, null, false, 0, 1, 'true', {}, [true], new Boolean(true)])(
    'lets only true grant: not %j',
    async (granted) => {
      const check = (() => granted) as unknown as Check<unknown, string>
      const waiting = (async () => granted) as unknown as Check<unknown, string>
      expect(await guards.requireThat(check).judge(AUTH, 'request')).toEqual(REFUSED)
      expect(await guards.requireThat(waiting).judge(AUTH, 'request')).toEqual(REFUSED)
    },
  )

  test('refuses what looks like a promise and is of another realm', async () => {
    expect(await guards.requireThat(foreign).judge(AUTH, 'request')).toEqual(REFUSED)
  })

  test('lets what a check throws pass: it is a bug and no refusal', async () => {
    const bug = new Error('bug')
    const throws = (): boolean => {
      throw bug
    }
    await expect((async () => guards.requireThat(throws).judge(AUTH, 'request'))()).rejects.toBe(bug)
    await expect(guards.requireThat(() => Promise.reject(bug)).judge(AUTH, 'request')).rejects.toBe(bug)
  })

  test('judges the result of the verifier that is named', async () => {
    const guard = guards.requireThat(verifier, (auth) => auth.claims.sub === 'user-1')
    expect(guard.verifier).toBe(verifier)
    expect(await guard.judge(AUTH, 'request')).toBeUndefined()
    expect(await guards.requireThat(verifier, hasScope('x')).judge(AUTH, 'request')).toMatchObject({
      code: 'scope_insufficient',
    })
    expect(guards.requireThat(() => true).verifier).toBeUndefined()
  })

  test.each([
    [[undefined], 'got undefined. Pass a requirement such as hasScope(…), or (auth, request) => boolean.'],
    [[], 'got undefined. Pass a requirement such as hasScope(…), or (auth, request) => boolean.'],
    [['admin'], 'got "admin". Pass a requirement such as hasScope(…), or (auth, request) => boolean.'],
    [[verifier], 'got an object. Pass a requirement such as hasScope(…), or (auth, request) => boolean.'],
    [
      [verifier, 'admin'],
      'got "admin". Pass a requirement such as hasScope(…), or (auth, request) => boolean.',
    ],
    [[hasScope('a'), hasScope('b')], 'got an object. Pass a verifier first, then the check.'],
    [[() => true, verifier], 'got a function. Pass a verifier first, then the check.'],
  ])('takes a check, or a verifier and a check: %#', (given, message) => {
    const requireThat = guards.requireThat as (...all: readonly unknown[]) => Guard
    expect(messageOf(() => requireThat(...given))).toBe(`requireThat: ${message}`)
  })

  test('takes no undefined for the verifier: the result judged would be another', () => {
    const requireThat = guards.requireThat as (...all: readonly unknown[]) => Guard
    expect(messageOf(() => requireThat(undefined, () => true))).toBe(
      'requireThat: got undefined. Pass a verifier first, then the check.',
    )
  })
})
