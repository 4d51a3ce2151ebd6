import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { isAuthError } from './auth-error.js'
import type { Auth } from './auth.js'
import type { SchemaResult, StandardSchema } from './claims/standard-schema.js'
import type { AuthEvent } from './events.js'
import type { ResponseLike } from './keys/options.js'
import { AUDIENCE, claimsOf, NOW, OPTIONS, segment, tokenOf, type Changes } from './tokens.test-support.js'
import { createVerifier, type Verifier } from './verifier.js'

const PAIR = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let issuers = 0

/** An issuer with a name of its own, a JWKS that a test can change, a clock and what the observer saw. */
class Stage {
  readonly issuer = `https://memo-${(issuers += 1)}.example`
  readonly events: AuthEvent[] = []
  jwks: readonly object[] = [this.jwk('a')]
  ms = NOW * 1000

  readonly fetch = async (): Promise<ResponseLike> =>
    new Response(JSON.stringify({ keys: this.jwks }), { headers: { 'content-type': 'application/json' } })

  open(changes: Readonly<Record<string, unknown>> = {}): Verifier<unknown> {
    return createVerifier({
      issuer: this.issuer,
      audience: AUDIENCE,
      jwksUri: `${this.issuer}/jwks`,
      fetch: this.fetch,
      now: () => this.ms,
      observer: (event: AuthEvent) => this.events.push(event),
      ...changes,
    })
  }

  token(changes: Changes = {}, kid = 'a'): string {
    const claims = claimsOf({ iss: this.issuer, ...changes })
    const input = `${segment(JSON.stringify({ alg: 'ES256', kid }))}.${segment(JSON.stringify(claims))}`
    const signature = sign('sha256', Buffer.from(input), { key: PAIR.privateKey, dsaEncoding: 'ieee-p1363' })
    return `${input}.${signature.toString('base64url')}`
  }

  jwk(kid: string, more: object = {}): object {
    return { ...PAIR.publicKey.export({ format: 'jwk' }), kid, ...more }
  }

  /** Whether each accepted token was remembered, in order. */
  get memos(): readonly boolean[] {
    return this.events.flatMap((event) => (event.type === 'authenticated' ? [event.memo] : []))
  }
}

const ACCEPTED: SchemaResult<unknown> = { value: {} }
const REFUSED: SchemaResult<unknown> = { issues: [{ path: ['sub'] }] }

/** A result, or the code of the refusal. */
async function verdict(verifier: Verifier<unknown>, token: string): Promise<Auth<unknown> | string> {
  return verifier.verify(token).catch((error: unknown) => {
    if (isAuthError(error)) return error.code
    throw error
  })
}

describe('the signature memo', () => {
  test('a token that comes again is not checked again, and gives the same result', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token({ scope: 'a b', roles: ['c'] })
    const first = await verifier.verify(token)
    const second = await verifier.verify(token)
    expect(stage.memos).toEqual([false, true])
    expect(second).toEqual(first)
    expect(second).not.toBe(first)
    expect(second.token).toBe(token)
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
  })

  test('signatureMemo: false remembers nothing', async () => {
    const stage = new Stage()
    const verifier = stage.open({ signatureMemo: false })
    const token = stage.token()
    await verifier.verify(token)
    await verifier.verify(token)
    expect(stage.memos).toEqual([false, false])
  })

  test('its limits are options', async () => {
    const stage = new Stage()
    const verifier = stage.open({ signatureMemo: { maxEntries: 1 } })
    const [first, second] = [stage.token({ sub: '1' }), stage.token({ sub: '2' })]
    for (const token of [first, first, second, second, first]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await verifier.verify(token)
    }
    expect(stage.memos).toEqual([false, true, false, true, false])
  })

  test('no refusal is remembered', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const early = stage.token({ nbf: NOW + 60 })
    expect(await verdict(verifier, early)).toBe('token_not_yet_valid')
    stage.ms += 60_000
    expect(await verdict(verifier, early)).toMatchObject({ subject: 'user-1' })
    expect(stage.memos).toEqual([false])
  })

  test('MACs are remembered like signatures', async () => {
    const events: AuthEvent[] = []
    const verifier = createVerifier({ ...OPTIONS, observer: (event) => events.push(event) })
    await verifier.verify(tokenOf())
    await verifier.verify(tokenOf())
    expect(events).toMatchObject([{ memo: false }, { memo: true }])
  })
})

describe('what is not remembered', () => {
  test('time: a token that runs out between two requests is refused, and forgotten', async () => {
    const stage = new Stage()
    const verifier = stage.open({ maxTokenAge: 300 })
    const token = stage.token({ exp: NOW + 60 })
    const aged = stage.token({ iat: NOW })
    await verifier.verify(aged)
    expect(await verdict(verifier, token)).toBe('claim_missing')
    const plain = stage.open()
    await plain.verify(token)
    stage.ms += 65_000
    expect(await verdict(plain, token)).toBe('token_expired')
    stage.ms -= 65_000
    await plain.verify(token)
    expect(stage.memos.slice(1)).toEqual([false, false])
    stage.ms += 306_000
    expect(await verdict(verifier, aged)).toBe('token_too_old')
  })

  test('time: a clock that is set back before nbf refuses', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token({ nbf: NOW })
    await verifier.verify(token)
    stage.ms -= 60_000
    expect(await verdict(verifier, token)).toBe('token_not_yet_valid')
  })

  test.each<[string, (stage: Stage) => readonly object[]]>([
    ['leaves the set', (stage) => [otherKey(stage)]],
    ['moves to another kid', (stage) => [stage.jwk('b')]],
    ['becomes one for encryption', (stage) => [stage.jwk('a', { use: 'enc' }), otherKey(stage)]],
    ['is for other operations', (stage) => [stage.jwk('a', { key_ops: ['sign'] }), otherKey(stage)]],
    ['gives its kid to another key', () => [{ ...otherPublicKey(), kid: 'a' }]],
  ])('a key that %s admits nothing more', async (_, jwks) => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token()
    await verifier.verify(token)
    await verifier.verify(token)
    stage.jwks = jwks(stage)
    await verifier.refreshKeys()
    expect(await verdict(verifier, token)).toMatch(/^(?:key_unknown|signature_invalid)$/)
    expect(stage.memos).toEqual([false, true])
  })

  test('a key that is published for another algorithm admits nothing more', async () => {
    const stage = new Stage()
    stage.jwks = [stage.jwk('a', { alg: 'ES256' })]
    const verifier = stage.open()
    const token = stage.token()
    await verifier.verify(token)
    // Skipped by the filter: P-256 is no key for ES384.
    stage.jwks = [stage.jwk('a', { alg: 'ES384' }), otherKey(stage)]
    await verifier.refreshKeys()
    expect(await verdict(verifier, token)).toBe('key_unknown')
  })

  test('revokeKey ends it at once', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token()
    await verifier.verify(token)
    verifier.revokeKey({ issuer: stage.issuer, kid: 'a' })
    expect(await verdict(verifier, token)).toBe('key_unknown')
  })

  test('keys that run out while the issuer is down are 503, whatever was remembered', async () => {
    const stage = new Stage()
    const verifier = stage.open({
      keySet: { ttlMs: 60_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 60_000 },
    })
    const token = stage.token({ exp: NOW + 100_000 })
    await verifier.verify(token)
    stage.jwks = []
    stage.ms += 50_000_000
    expect(await verdict(verifier, token)).toBe('keys_unavailable')
  })

  test('a closed verifier answers 503', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token()
    await verifier.verify(token)
    await verifier.close()
    expect(await verdict(verifier, token)).toBe('keys_unavailable')
  })

  test('what another verifier knows: each has its own policy', async () => {
    const stage = new Stage()
    const token = stage.token()
    await stage.open().verify(token)
    expect(await verdict(stage.open({ audience: 'urn:other' }), token)).toBe('audience_mismatch')
    expect(await verdict(stage.open({ algorithms: ['RS256'] }), token)).toBe('algorithm_rejected')
    expect(await verdict(stage.open({ profile: 'at+jwt' }), token)).toBe('type_rejected')
    expect(await verdict(stage.open({ clientId: 'app' }), token)).toBe('claim_missing')
    expect(await verdict(stage.open({ maxTokenAge: 60 }), token)).toBe('claim_missing')
    await stage.open().verify(token)
    expect(stage.memos).toEqual([false, false])
  })

  test('the claims schema runs for every request, and its output is not shared', async () => {
    const stage = new Stage()
    const outputs = [{ n: 1 }, { n: 2 }]
    const validate = vi.fn<StandardSchema['~standard']['validate']>(() => ({ value: outputs.shift() }))
    const verifier = stage.open({ claims: { '~standard': { version: 1, vendor: 'test', validate } } })
    const token = stage.token()
    expect((await verifier.verify(token)).claims).toEqual({ n: 1 })
    expect((await verifier.verify(token)).claims).toEqual({ n: 2 })
    expect(stage.memos).toEqual([false, true])
  })

  test('a schema that changes its mind refuses', async () => {
    const stage = new Stage()
    let runs = 0
    const validate: StandardSchema['~standard']['validate'] = () => ((runs += 1) === 1 ? ACCEPTED : REFUSED)
    const verifier = stage.open({ claims: { '~standard': { version: 1, vendor: 'test', validate } } })
    const token = stage.token()
    await verifier.verify(token)
    expect(await verdict(verifier, token)).toBe('claim_invalid')
  })

  test('a function that reads rights is asked for every request', async () => {
    const stage = new Stage()
    const roles = [['a'], ['b'], ['c']]
    const verifier = stage.open({ rolesClaim: () => roles.shift() ?? [] })
    const token = stage.token({ scope: 's' })
    const seen = [await verifier.verify(token), await verifier.verify(token), await verifier.verify(token)]
    expect(seen.map((auth) => auth.roles)).toEqual([['a'], ['b'], ['c']])
    expect(stage.memos).toEqual([false, true, true])
  })

  test('whether a tenant is one: the function is asked for every token', async () => {
    const stage = new Stage()
    const verdicts = [true, true, false]
    const allow = vi.fn<(issuer: string) => boolean>(() => verdicts.shift() ?? false)
    const fetch = async (url: string): Promise<ResponseLike> =>
      url.endsWith('/jwks')
        ? stage.fetch()
        : new Response(JSON.stringify({ issuer: stage.issuer, jwks_uri: `${stage.issuer}/jwks` }), {
            headers: { 'content-type': 'application/json' },
          })
    const verifier = createVerifier({
      tenants: { allow, audience: AUDIENCE },
      fetch,
      now: () => stage.ms,
      observer: (event) => stage.events.push(event),
    })
    const token = stage.token()
    await verifier.verify(token)
    await verifier.verify(token)
    expect(stage.memos).toEqual([false, true])
    expect(await verdict(verifier, token)).toBe('issuer_unknown')
  })

  test('another token, however alike: other claims under the same signature are checked, and refused', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token()
    await verifier.verify(token)
    const [header, , signature] = token.split('.')
    const forged = `${header}.${segment(JSON.stringify(claimsOf({ iss: stage.issuer, sub: 'admin' })))}.${signature}`
    expect(await verdict(verifier, forged)).toBe('signature_invalid')
    expect(await verdict(verifier, token)).toMatchObject({ subject: 'user-1' })
  })

  test('what a handler does to a result: nothing in it can be changed', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token({ realm_access: { roles: ['user'] }, roles: ['user'], act: { sub: 'x' } })
    const first = (await verifier.verify(token)) as Auth
    const attempts: readonly (() => unknown)[] = [
      () => Object.assign(first, { subject: 'admin' }),
      () => Object.assign(first.claims, { sub: 'admin' }),
      () => (first.claims['realm_access'] as { roles: string[] }).roles.push('admin'),
      () => (first.roles as string[]).push('admin'),
      () => Object.assign(first.header, { kid: 'b' }),
      () => Object.assign(first.actor ?? {}, { subject: 'admin' }),
    ]
    for (const attempt of attempts) expect(attempt).toThrow(TypeError)
    expect(await verifier.verify(token)).toEqual(first)
  })

  test('the signal: each request has its own', async () => {
    const stage = new Stage()
    const verifier = stage.open()
    const token = stage.token()
    const [first, second] = [await verifier.verify(token), await verifier.verify(token)]
    expect(first.signal).not.toBe(second.signal)
  })
})

function otherPublicKey(): object {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
}

function otherKey(stage: Stage): object {
  return { ...stage.jwk('other'), ...otherPublicKey() }
}
