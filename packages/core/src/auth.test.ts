import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createAuth, possessionOf, readFacts, tokenClaims, type Auth, type Possession } from './auth.js'
import { resolveRights } from './rights/options.js'
import type { VerifiedToken } from './signature/verify-signature.js'
import { ISSUER, NOW, unverified, type Changes } from './tokens.test-support.js'

const RIGHTS = resolveRights({}, '')

/** The result of a token with these changes; without a schema its claims are the output. */
function authOf(changes: Changes = {}, output?: unknown): Auth<unknown> {
  const token = unverified(changes, { kid: 'key-1' }) as VerifiedToken
  return createAuth(token, readFacts(token, RIGHTS), output ?? token.claims, () => Date.now())
}

/** The result of a request that has proven something beside its token. */
function proven(possession: Possession | undefined): Auth<unknown> {
  const token = unverified() as VerifiedToken
  return createAuth(token, readFacts(token, RIGHTS), token.claims, () => Date.now(), possession)
}

describe('createAuth', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('gives everything a token can say', () => {
    const auth = authOf({
      oid: 'object-1',
      client_id: 'app-1',
      tid: 'tenant-1',
      scope: 'read write',
      roles: ['admin'],
      permissions: ['refund'],
      groups: ['staff'],
      iat: NOW - 10,
      auth_time: NOW - 20,
    })
    expect(auth).toMatchObject({
      header: { alg: 'HS256', kid: 'key-1' },
      issuer: ISSUER,
      subject: 'user-1',
      userId: 'object-1',
      kind: 'user',
      clientId: 'app-1',
      tenant: 'tenant-1',
      scopes: ['read', 'write'],
      roles: ['admin'],
      permissions: ['refund'],
      groups: ['staff'],
      groupsOverage: false,
      issuedAt: NOW - 10,
      expiresAt: NOW + 600,
      actor: undefined,
      proof: 'none',
    })
  })

  test('leaves undefined what the token does not say', () => {
    expect(authOf({ sub: undefined })).toMatchObject({
      subject: undefined,
      userId: undefined,
      kind: 'unknown',
      clientId: undefined,
      tenant: undefined,
      scopes: [],
      issuedAt: undefined,
      actor: undefined,
    })
  })

  test('takes no empty and no foreign value for a name', () => {
    const names = ['sub', 'oid', 'uid', 'client_id', 'azp', 'tid', 'org_id']
    for (const value of ['', 5, null, ['a'], { a: 1 }]) {
      const changes = Object.fromEntries(names.map((name) => [name, value]))
      expect(authOf(changes)).toMatchObject({
        subject: undefined,
        userId: undefined,
        clientId: undefined,
        tenant: undefined,
      })
    }
  })

  test('finds the stable identifier in oid, else uid, else sub', () => {
    expect(authOf({ oid: 'o', uid: 'u' }).userId).toBe('o')
    expect(authOf({ uid: 'u' }).userId).toBe('u')
    expect(authOf({}).userId).toBe('user-1')
  })

  test('finds the client in client_id, cid, appid, azp, in this order', () => {
    expect(authOf({ client_id: 'a', cid: 'b', appid: 'c', azp: 'd' }).clientId).toBe('a')
    expect(authOf({ cid: 'b', appid: 'c', azp: 'd' }).clientId).toBe('b')
    expect(authOf({ appid: 'c', azp: 'd' }).clientId).toBe('c')
    expect(authOf({ azp: 'd' }).clientId).toBe('d')
  })

  test('finds the tenant in tid, else org_id', () => {
    expect(authOf({ tid: 't', org_id: 'o' }).tenant).toBe('t')
    expect(authOf({ org_id: 'o' }).tenant).toBe('o')
  })

  test.each<[Auth['kind'], Changes]>([
    ['unknown', {}],
    ['unknown', { client_id: 'app-1' }],
    ['unknown', { idtyp: 'other' }],
    ['unknown', { sub: 'spiffe' }],
    ['unknown', { sub: undefined, client_id: undefined }],
    ['user', { auth_time: NOW }],
    ['user', { idtyp: 'user' }],
    ['client', { idtyp: 'app' }],
    ['client', { idtyp: 'app', auth_time: NOW }],
    ['client', { gty: 'client-credentials' }],
    ['client', { sub: 'app-1', client_id: 'app-1' }],
    ['client', { sub: 'app-1', azp: 'app-1' }],
    ['user', { sub: 'app-1', client_id: 'app-1', auth_time: NOW }],
    ['workload', { sub: 'spiffe://example/ns/default' }],
    ['workload', { sub: 'system:serviceaccount:default:builder' }],
    ['workload', { sub: 'spiffe://example/app', client_id: 'spiffe://example/app', idtyp: 'app' }],
  ])('tells %s only from evidence: %j', (kind, changes) => {
    expect(authOf(changes).kind).toBe(kind)
  })

  test('reads who acts for the subject, from the outermost act inwards', () => {
    const act = { sub: 'service-1', iss: 'https://a.example', act: { sub: 'service-2', act: 'text' } }
    const { actor } = authOf({ act })
    expect(actor).toEqual({
      subject: 'service-1',
      issuer: 'https://a.example',
      actor: { subject: 'service-2', issuer: undefined, actor: undefined },
    })
    expect(Object.isFrozen(actor)).toBe(true)
    expect(Object.isFrozen(actor?.actor)).toBe(true)
  })

  test.each(['text', 5, null, ['a'], [{ sub: 'a' }]])('reads no actor from %j', (act) => {
    expect(authOf({ act }).actor).toBeUndefined()
  })

  test('reads actors that are nested as deeply as a token has room for', () => {
    const depth = 1_000
    const act = JSON.parse('{"act":'.repeat(depth) + '{"sub":"inner"}' + '}'.repeat(depth)) as object
    let { actor } = authOf({ act })
    for (let level = 0; level < depth; level += 1) actor = actor?.actor
    expect(actor).toEqual({ subject: 'inner', issuer: undefined, actor: undefined })
  })

  test('is frozen, with everything of ours in it', () => {
    const auth = authOf({ roles: ['user'], realm_access: { roles: ['user'] } })
    expect(Object.isFrozen(auth)).toBe(true)
    for (const part of [auth.claims, auth.header, auth.scopes, auth.roles, auth.permissions, auth.groups])
      expect(Object.isFrozen(part)).toBe(true)
    expect(Object.isFrozen((auth.claims as { realm_access: object }).realm_access)).toBe(true)
    expect(() => Object.assign(auth, { subject: 'admin' })).toThrow(TypeError)
    expect(() => (auth.roles as string[]).push('admin')).toThrow(TypeError)
  })

  test('shows the token to the one who asks for it and to nobody else', () => {
    const auth = authOf()
    expect(auth.token).toBe(unverified({}, { kid: 'key-1' }).text)
    const [, , signature = ''] = auth.token.split('.')
    const copies = [
      Object.assign({}, auth),
      Object.fromEntries(Object.entries(auth)),
      structuredClone(Object.assign({}, auth)),
    ]
    const shown = [
      JSON.stringify(auth),
      // oxlint-disable-next-line typescript/no-base-to-string -- what a careless log line does
      String(auth),
      inspect(auth),
      inspect(auth, { showHidden: true, depth: Infinity }),
      ...copies.map((copy) => inspect(copy)),
    ]
    for (const text of shown) expect(text).not.toContain(signature)
    for (const copy of [auth, ...copies]) expect(Object.keys(copy)).not.toContain('token')
    expect(Object.keys(auth)).not.toContain('signal')
  })

  test('makes its signal on first use, once, and lets it abort at exp', () => {
    vi.useFakeTimers({ now: NOW * 1000 })
    const auth = authOf()
    JSON.stringify(auth)
    inspect(auth)
    expect(vi.getTimerCount()).toBe(0)
    const { signal } = auth
    expect(auth.signal).toBe(signal)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(599_999)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.reason).toMatchObject({ code: 'token_expired' })
  })

  test('takes the output of a schema for the claims, and everything else from the token', () => {
    const auth = authOf({ sub: 'user-1', roles: ['user'] }, { sub: 'changed', roles: ['admin'] })
    expect(auth.claims).toEqual({ sub: 'changed', roles: ['admin'] })
    expect(auth).toMatchObject({ subject: 'user-1', roles: ['user'] })
  })

  test.each(['__defineGetter__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf'])(
    'takes a claim named %s as any other',
    (name) => {
      const auth = authOf({ [name]: 'mine' })
      expect((auth.claims as Changes)[name]).toBe('mine')
      expect(auth.subject).toBe('user-1')
      expect(auth).toBeInstanceOf(Object)
    },
  )
})

describe('proof', () => {
  test.each<[Auth['proof'], Possession | undefined]>([
    ['none', undefined],
    ['none', { kinds: [], fields: undefined }],
    ['dpop', { kinds: ['dpop'], fields: undefined }],
    ['mtls', { kinds: ['mtls'], fields: { a: '1' } }],
    ['dpop', { kinds: ['dpop', 'mtls'], fields: undefined }],
    ['mtls', { kinds: ['mtls', 'dpop'], fields: undefined }],
  ])('is %s, the first that was checked: %j', (proof, possession) => {
    expect(proven(possession).proof).toBe(proof)
  })

  test('is no matter of what the token says', () => {
    const auth = authOf({ proof: 'dpop', cnf: { jkt: 'thumbprint-1' } })
    expect(auth.proof).toBe('none')
    expect(possessionOf(auth)).toBeUndefined()
  })

  test('stands in what is logged; the fields for the answer do not', () => {
    const auth = proven({ kinds: ['dpop'], fields: { 'DPoP-Nonce': 'nonce-1' } })
    expect(JSON.parse(JSON.stringify(auth))).toHaveProperty('proof', 'dpop')
    const shown = [JSON.stringify(auth), inspect(auth, { showHidden: true, depth: Infinity })]
    for (const text of shown) expect(text).not.toContain('nonce-1')
    expect(Reflect.ownKeys(auth)).not.toContain('possession')
  })
})

describe('possessionOf', () => {
  test('gives what the request has proven', () => {
    const possession: Possession = { kinds: ['dpop', 'mtls'], fields: { 'DPoP-Nonce': 'nonce-1' } }
    expect(possessionOf(proven(possession))).toBe(possession)
    expect(possessionOf(proven(undefined))).toBeUndefined()
    expect(possessionOf(authOf())).toBeUndefined()
  })

  test('believes no result that somebody made up, or copied', () => {
    const auth = proven({ kinds: ['dpop'], fields: undefined })
    const made: readonly object[] = [
      { claims: {}, proof: 'dpop', kinds: ['dpop'] },
      { ...auth },
      structuredClone({ ...auth }),
      Object.create(auth) as object,
      Object.assign(Object.create(Object.getPrototypeOf(auth) as object) as object, auth),
    ]
    for (const each of made) {
      expect((each as Auth).proof).toBe('dpop')
      expect(possessionOf(each as Auth)).toBeUndefined()
    }
  })
})

describe('tokenClaims', () => {
  test('gives the claims of the token, whatever a schema made of them', () => {
    expect(tokenClaims(authOf({}, { other: true }))).toMatchObject({ iss: ISSUER, sub: 'user-1' })
  })

  test('gives the claims of a result that was not made here', () => {
    const foreign = { claims: { sub: 'a' } } as unknown as Auth<unknown>
    expect(tokenClaims(foreign)).toEqual({ sub: 'a' })
  })
})
