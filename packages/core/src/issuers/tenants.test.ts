import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthEvent } from '../events.js'
import type { FetchLike } from '../keys/options.js'
import { isRefusal } from '../refusal.js'
import { AUDIENCE, bearing, claimsOf, NOW, segment } from '../tokens.test-support.js'
import { createVerifier, type Verifier } from '../verifier.js'
import { FRIENDLY, HOSTILE } from './hostile-issuers.test-support.js'
import type { TenantsOptions } from './tenants-options.js'

const ACME = 'https://login.acme.example'
const GLOBEX = 'https://login.globex.example'
const INSIDE = 'https://idp.internal'
const ALL_HOSTILE = Object.values(HOSTILE).flat()

let jwk: object
let sign: (iss: unknown, claims?: object) => Promise<string>

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  sign = (iss, claims) =>
    new SignJWT(claimsOf({ iss, ...claims }))
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .sign(privateKey)
})

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** The Internet of one test: every issuer on it has the same key. */
class Net {
  readonly fetched: string[] = []
  readonly events: AuthEvent[] = []
  /** What a URL answers, where it is not metadata or keys. */
  answer: (url: URL) => Promise<Response | undefined> | Response | undefined = () => undefined
  jwksUri = (issuer: string): string => `${issuer}/jwks`
  /** What metadata say of their issuer. Default: what their URL says, where a slash at the end is lost. */
  issuer: string | undefined
  /** The clock. A new one for each test: nothing is shared. */
  readonly now = (): number => NOW * 1000

  readonly fetch: FetchLike = async (text) => {
    this.fetched.push(text)
    const url = new URL(text)
    const other = await this.answer(url)
    if (other) return other
    if (url.pathname.endsWith('/jwks')) return Response.json({ keys: [jwk] })
    const path = url.pathname.replace('/.well-known/oauth-authorization-server', '')
    const issuer = `${url.origin}${path}`
    return Response.json({ issuer: this.issuer ?? issuer, jwks_uri: this.jwksUri(issuer) })
  }

  verifier(tenants: Partial<TenantsOptions>, more: object = {}): Verifier {
    const { fetch, now, events } = this
    return createVerifier({
      tenants: { allow: [ACME, GLOBEX], audience: AUDIENCE, ...tenants },
      fetch,
      now,
      observer: (event) => void events.push(event),
      ...more,
    })
  }

  reset(): void {
    this.fetched.length = 0
  }
}

async function verdictOf(verifier: Verifier, iss: unknown, claims?: object): Promise<string> {
  const outcome = await verifier.authenticate(bearing(await sign(iss, claims)))
  return isRefusal(outcome) ? outcome.code : outcome.issuer
}

function nameOf(index: number): string {
  return `https://t${index}.example`
}

function absent(): Response {
  return new Response('', { status: 404 })
}

/** Tokens of a thousand tenants, none of which has keys to check them by. */
async function visit(verifier: Verifier, from: number, to: number): Promise<void> {
  const header = segment(JSON.stringify({ alg: 'ES256', kid: 'one' }))
  const signature = segment(new Uint8Array(64))
  for (let index = from; index < to; index += 1) {
    const claims = segment(JSON.stringify(claimsOf({ iss: nameOf(index) })))
    // oxlint-disable-next-line no-await-in-loop -- the order counts
    await verifier.authenticate(bearing(`${header}.${claims}.${signature}`))
  }
}

/** Waits for something that timers and crypto bring. */
async function until(done: () => boolean): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- a turn after the other
  while (!done()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a list of tenants', () => {
  test('accepts the tokens of each, with keys by discovery', async () => {
    const net = new Net()
    const verifier = net.verifier({})
    expect(net.fetched).toEqual([])
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX)
    expect(net.fetched).toEqual([
      `${ACME}/.well-known/oauth-authorization-server`,
      `${ACME}/jwks`,
      `${GLOBEX}/.well-known/oauth-authorization-server`,
      `${GLOBEX}/jwks`,
    ])
  })

  test('fetches nothing for an issuer that is not on it, to the letter', async () => {
    const net = new Net()
    const verifier = net.verifier({})
    const near = [
      `${ACME}/`,
      `${ACME}.`,
      `${ACME}:443`,
      ACME.toUpperCase(),
      'https://acme.example',
      `${ACME}/a`,
    ]
    for (const iss of [...ALL_HOSTILE.filter((name) => name !== ACME), ...near, undefined, 5, [ACME]]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
      expect([iss, await verdictOf(verifier, iss)]).toEqual([iss, 'issuer_unknown'])
    }
    expect(net.fetched).toEqual([])
  })

  test('says to the operator where one trailing slash is the difference', async () => {
    const net = new Net()
    await verdictOf(net.verifier({}), `${ACME}/`)
    expect(net.events.at(-1)).toMatchObject({
      code: 'issuer_unknown',
      detail: `iss differs from the configured issuer ${ACME} by one trailing slash, which counts`,
      issuer: undefined,
    })
  })

  test('is the word of the operator: a host inside is fetched from', async () => {
    const net = new Net()
    const resolveHost = vi.fn<() => Promise<string[]>>(() => Promise.resolve(['10.0.0.1']))
    expect(await verdictOf(net.verifier({ allow: [INSIDE, ACME], resolveHost }), INSIDE)).toBe(INSIDE)
    expect(resolveHost).not.toHaveBeenCalled()
    expect(await verdictOf(net.verifier({ allow: [INSIDE, ACME], resolveHost }), ACME)).toBe(
      'keys_unavailable',
    )
    expect(resolveHost).toHaveBeenCalledWith('login.acme.example')
  })
})

describe('a predicate of tenants', () => {
  test('is not asked about an issuer that is no plain URL of a public host, and nothing is fetched', async () => {
    expect(ALL_HOSTILE.length).toBeGreaterThan(40)
    const net = new Net()
    const allow = vi.fn<() => boolean>(() => true)
    const verifier = net.verifier({ allow })
    for (const iss of [...ALL_HOSTILE, undefined, null, 5, [ACME], { toString: ACME }]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, to see which
      expect([iss, await verdictOf(verifier, iss)]).toEqual([iss, 'issuer_unknown'])
    }
    expect(allow).not.toHaveBeenCalled()
    expect(net.fetched).toEqual([])
    expect(verifier.status().tenants).toEqual([])
  })

  test.each(FRIENDLY)('is asked about %s, to the letter', async (iss) => {
    const net = new Net()
    net.issuer = iss
    const allow = vi.fn<() => boolean>(() => true)
    expect(await verdictOf(net.verifier({ allow }), iss)).toBe(iss)
    expect(allow).toHaveBeenCalledExactlyOnceWith(iss)
  })

  test.each([
    false,
    undefined,
    null,
    0,
    1,
    'true',
    {},
    [true],
    Promise.resolve(false),
    Promise.resolve('true'),
  ])('admits by true alone, not by %j', async (verdict) => {
    const net = new Net()
    expect(await verdictOf(net.verifier({ allow: () => verdict as boolean }), ACME)).toBe('issuer_unknown')
    expect(net.fetched).toEqual([])
  })

  test('may be asynchronous', async () => {
    const net = new Net()
    expect(await verdictOf(net.verifier({ allow: (iss) => Promise.resolve(iss === ACME) }), ACME)).toBe(ACME)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
    ], // one line
    ['rejects', () => Promise.reject(new Error('a bug'))],
  ])('that %s is a bug: the exception passes and nothing is fetched', async (_, allow) => {
    const net = new Net()
    await expect(verdictOf(net.verifier({ allow }), ACME)).rejects.toThrow('a bug')
    expect(net.fetched).toEqual([])
  })

  test('is asked again for every token: a tenant that it no longer knows is refused, though keys are held', async () => {
    const net = new Net()
    const known = new Set([ACME])
    const verifier = net.verifier({ allow: (iss) => known.has(iss) })
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    known.clear()
    expect(await verdictOf(verifier, ACME)).toBe('issuer_unknown')
    known.add(ACME)
    net.reset()
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(net.fetched).toEqual([])
  })

  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '::1', 'fd00::1', '::ffff:192.168.0.1'])(
    'with resolveHost: nothing is fetched from a host that has the address %s',
    async (address) => {
      const net = new Net()
      const resolveHost = (): Promise<string[]> => Promise.resolve(['93.184.216.34', address])
      const verifier = net.verifier({ allow: () => true, resolveHost })
      expect(await verdictOf(verifier, 'https://rebound.example')).toBe('keys_unavailable')
      expect(net.fetched).toEqual([])
      expect(verifier.status().tenants[0]?.lastError).toContain('the host has an address that is not public')
    },
  )

  test('with resolveHost: a host is looked up before metadata and again before keys', async () => {
    const net = new Net()
    const answers = [['93.184.216.34'], ['10.0.0.1']]
    const resolveHost = (): Promise<string[]> => Promise.resolve(answers.shift() ?? [])
    expect(await verdictOf(net.verifier({ allow: () => true, resolveHost }), ACME)).toBe('keys_unavailable')
    expect(net.fetched).toEqual([`${ACME}/.well-known/oauth-authorization-server`])
  })
})

describe('the jwks_uri of a tenant', () => {
  test.each([
    'https://attacker.example/jwks',
    'https://169.254.169.254/jwks',
    'https://login.acme.example:8443/jwks',
    'http://login.acme.example/jwks',
  ])('is not fetched from another origin: %s', async (uri) => {
    const net = new Net()
    net.jwksUri = () => uri
    expect(await verdictOf(net.verifier({}), ACME)).toBe('keys_unavailable')
    expect(net.fetched).toEqual([`${ACME}/.well-known/oauth-authorization-server`])
  })

  test('is fetched from an origin of jwksOrigins', async () => {
    const net = new Net()
    net.jwksUri = () => 'https://keys.example/jwks'
    expect(await verdictOf(net.verifier({ jwksOrigins: ['https://keys.example'] }), ACME)).toBe(ACME)
  })
})

describe('tenants and the checks of a token', () => {
  test.each([
    ['audience', { aud: 'https://other.example' }, 'audience_mismatch'],
    ['expiry', { exp: NOW - 60 }, 'token_expired'],
  ])('what its %s refuses is refused without keys, and holds none', async (_, claims, code) => {
    const net = new Net()
    const verifier = net.verifier({})
    expect(await verdictOf(verifier, ACME, claims)).toBe(code)
    expect(net.fetched).toEqual([])
    expect(verifier.status().tenants).toEqual([])
  })

  test('the keys of one tenant never serve another', async () => {
    const net = new Net()
    net.answer = ({ origin, pathname }) =>
      origin === GLOBEX && pathname === '/jwks'
        ? Response.json({ keys: [{ ...jwk, kid: 'two' }] })
        : undefined
    const verifier = net.verifier({})
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(await verdictOf(verifier, GLOBEX)).toBe('key_unknown')
  })

  test('a configured issuer comes first: the predicate is not asked', async () => {
    const net = new Net()
    const allow = vi.fn<() => boolean>(() => false)
    const issuers = [{ issuer: ACME, audience: AUDIENCE, jwks: { keys: [jwk] } }]
    const verifier = net.verifier({ allow }, { issuers })
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(allow).not.toHaveBeenCalled()
    expect(await verdictOf(verifier, GLOBEX)).toBe('issuer_unknown')
    expect(allow).toHaveBeenCalledExactlyOnceWith(GLOBEX)
  })

  test('the operator is told of the tenant by its issuer', async () => {
    const net = new Net()
    const verifier = net.verifier({})
    await verdictOf(verifier, ACME)
    await verdictOf(verifier, ACME, { aud: 'other' })
    const verdicts = net.events.filter(({ type }) => type === 'authenticated' || type === 'rejected')
    expect(verdicts).toMatchObject([
      { type: 'authenticated', issuer: ACME },
      { type: 'rejected', code: 'audience_mismatch', issuer: ACME },
    ])
  })
})

describe('one tenant and the others', () => {
  const HUNG = new Promise<Response>(() => undefined)

  test('an outage of one is a 503 of its own, and no word of health', async () => {
    const net = new Net()
    net.answer = ({ origin }) => (origin === ACME ? new Response('', { status: 400 }) : undefined)
    const verifier = net.verifier({})
    expect(await verdictOf(verifier, ACME)).toBe('keys_unavailable')
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX)
    expect(verifier.status()).toMatchObject({
      health: 'ok',
      sources: [],
      tenants: [
        { issuer: ACME, state: 'EMPTY', failures: 1 },
        { issuer: GLOBEX, state: 'FRESH' },
      ],
    })
    expect(await verifier.ready({ failFast: true })).toMatchObject({ health: 'ok' })
  })

  test('one that hangs, with all the places of its origin taken, delays no other', async () => {
    const net = new Net()
    const slow = [`${ACME}/a`, `${ACME}/b`, `${ACME}/c`]
    net.answer = ({ origin }) => (origin === ACME ? HUNG : undefined)
    const verifier = net.verifier({ allow: [...slow, GLOBEX] })
    const hanging = slow.map((iss) => verdictOf(verifier, iss))
    await until(() => net.fetched.length === 2)
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX)
    expect(net.fetched.filter((url) => url.startsWith(ACME))).toHaveLength(2)
    await verifier.close()
    expect(await Promise.all(hanging)).toEqual(slow.map(() => 'keys_unavailable'))
  })

  test('8 fetches run at once; one that finds no place for a second is a failure of that tenant alone', async () => {
    const net = new Net()
    const slow = Array.from({ length: 8 }, (_, index) => `https://slow${index}.example`)
    net.answer = ({ hostname }) => (hostname.startsWith('slow') ? HUNG : undefined)
    const verifier = net.verifier({ allow: [...slow, ACME, GLOBEX] })
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX)
    const hanging = slow.map((iss) => verdictOf(verifier, iss))
    await until(() => net.fetched.length === 10)
    const request = bearing(await sign(ACME))
    const without = verifier.authenticate(request)
    await new Promise((resolve) => setImmediate(resolve)) // it stands in line
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await without).toMatchObject({
      code: 'keys_unavailable',
      detail: expect.stringContaining('too many'),
    })
    expect(net.fetched).toHaveLength(10)
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX) // its keys are held
    await verifier.close()
    await Promise.all(hanging)
  })

  test('the places are for tenants: configured issuers fetch beside them', async () => {
    const net = new Net()
    const slow = Array.from({ length: 8 }, (_, index) => `https://slow${index}.example`)
    net.answer = ({ hostname }) => (hostname.startsWith('slow') ? HUNG : undefined)
    const verifier = net.verifier({ allow: slow }, { issuers: [{ issuer: ACME, audience: AUDIENCE }] })
    const hanging = slow.map((iss) => verdictOf(verifier, iss))
    await until(() => net.fetched.length === 8)
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    await verifier.close()
    await Promise.all(hanging)
  })

  test('a flood of invented kids for one asks that one only', async () => {
    // A name of its own: many verifiers of one URL within a minute share fewer fetches.
    const flooded = 'https://flooded.example'
    const net = new Net()
    const verifier = net.verifier({ allow: [flooded, GLOBEX] })
    await verdictOf(verifier, flooded)
    await verdictOf(verifier, GLOBEX)
    net.reset()
    const { privateKey } = await generateKeyPair('ES256')
    for (let index = 0; index < 20; index += 1) {
      const forged = new SignJWT(claimsOf({ iss: flooded })).setProtectedHeader({
        alg: 'ES256',
        kid: `k${index}`,
      })
      // oxlint-disable-next-line no-await-in-loop -- a flood in order
      await verifier.authenticate(bearing(await forged.sign(privateKey)))
    }
    expect(net.fetched).toEqual([`${flooded}/jwks`, `${flooded}/jwks`])
    expect(await verdictOf(verifier, GLOBEX)).toBe(GLOBEX)
  })
})

describe('the tenants whose keys are held', () => {
  test('are 1,000 at most: the one used longest ago goes, and its back-off survives', async () => {
    const net = new Net()
    net.answer = absent
    const verifier = net.verifier({ allow: () => true })
    await visit(verifier, 0, 1_000)
    expect(verifier.status().tenants).toHaveLength(1_000)
    await visit(verifier, 0, 1) // used again: the next one has to go
    await visit(verifier, 1_000, 1_001)
    const held = new Set(verifier.status().tenants.map(({ issuer }) => issuer))
    expect([held.size, held.has(nameOf(0)), held.has(nameOf(1))]).toEqual([1_000, true, false])
    net.reset()
    expect(await verdictOf(verifier, nameOf(1))).toBe('keys_unavailable')
    expect(net.fetched).toEqual([])
    expect(verifier.status().tenants.at(-1)).toMatchObject({ issuer: nameOf(1), failures: 1 })
  })

  test('leave no keys behind: whoever went and comes back is fetched anew', async () => {
    const net = new Net()
    net.answer = ({ origin }) => (origin === ACME ? undefined : absent())
    const verifier = net.verifier({ allow: () => true })
    await verdictOf(verifier, ACME)
    await visit(verifier, 0, 1_000)
    net.reset()
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(net.fetched).toHaveLength(2)
  })

  test('go only when no request is at work with their keys', async () => {
    const net = new Net()
    const releases: (() => void)[] = []
    const held = new Promise<undefined>((resolve) => releases.push(() => resolve(undefined)))
    net.answer = ({ origin }) => (origin === ACME ? held : absent())
    const verifier = net.verifier({ allow: () => true })
    const waiting = verdictOf(verifier, ACME)
    await until(() => net.fetched.length === 1)
    await visit(verifier, 0, 1_000)
    expect(verifier.status().tenants.map(({ issuer }) => issuer)).not.toContain(ACME)
    releases[0]?.()
    expect(await waiting).toBe(ACME)
    net.reset()
    expect(await verdictOf(verifier, ACME)).toBe(ACME)
    expect(net.fetched).toHaveLength(2) // the keys went with the last request
  })

  test('end with the verifier, those that are leaving as well', async () => {
    const net = new Net()
    net.answer = ({ origin }) => (origin === ACME ? new Promise<Response>(() => undefined) : absent())
    const verifier = net.verifier({ allow: () => true })
    const waiting = verdictOf(verifier, ACME)
    await until(() => net.fetched.length === 1)
    await visit(verifier, 0, 1_000)
    await verifier.close()
    expect(await waiting).toBe('keys_unavailable')
    net.reset()
    expect(await verdictOf(verifier, GLOBEX)).toBe('keys_unavailable')
    expect(net.fetched).toEqual([])
    expect(verifier.status().tenants).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the operator and a tenant', () => {
  test('refreshKeys asks the tenant that is named', async () => {
    const net = new Net()
    const verifier = net.verifier({})
    await verdictOf(verifier, ACME)
    net.reset()
    await verifier.refreshKeys()
    expect(net.fetched).toEqual([])
    await verifier.refreshKeys(ACME)
    expect(net.fetched).toContain(`${ACME}/jwks`)
  })

  test.each([
    ['a list', {}],
    ['a predicate', { allow: (iss: string) => iss.endsWith('.example') }],
  ])('revokeKey holds for a tenant of %s, before and after its keys are fetched', async (_, tenants) => {
    const net = new Net()
    // The names are this test's own: what is revoked stays revoked until the process ends.
    const [early, later] = [`https://early.${_.length}.example`, `https://later.${_.length}.example`]
    const verifier = net.verifier({ allow: [early, later], ...tenants })
    verifier.revokeKey({ issuer: early, kid: 'one' })
    expect(await verdictOf(verifier, early)).toBe('key_unknown')
    expect(await verdictOf(verifier, later)).toBe(later)
    verifier.revokeKey({ issuer: later, kid: 'one' })
    expect(await verdictOf(verifier, later)).toBe('key_unknown')
  })

  test.each([
    ['a list', {}, 'https://other.example'],
    ['a predicate', { allow: () => true }, 'https://127.0.0.1'],
  ])('an issuer that is no tenant of %s is a ConfigError', async (_, tenants, name) => {
    const net = new Net()
    const verifier = net.verifier(tenants)
    await expect(verifier.refreshKeys(name)).rejects.toThrow('Pass one of the verifier: a tenant.')
    expect(() => verifier.revokeKey({ issuer: name, kid: 'one' })).toThrow('revokeKey: issuer: got')
    expect(net.fetched).toEqual([])
  })
})
