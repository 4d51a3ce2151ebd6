import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from './errors.js'
import type { AuthEvent } from './events.js'
import type { RequestView } from './request.js'
import { createShadow, type ShadowMode } from './shadow.js'
import { createVerifier, type Verifier } from './verifier.js'

const OPTIONS = {
  issuer: 'https://login.example',
  audience: 'https://api.example',
  jwks: { keys: [{ kty: 'none' }] },
}

function asIs(view: RequestView): RequestView {
  return view
}

function viewOf(authorization?: string): RequestView {
  const values = (name: string) =>
    name === 'authorization' && authorization !== undefined ? [authorization] : []
  return { method: 'GET', url: '/orders?access_token=hush', values }
}

function createLab(mode?: ShadowMode): {
  compare: (view: RequestView) => (theirs: 'accepted' | 'refused') => void
  seen: () => Promise<readonly AuthEvent[]>
} {
  const events: AuthEvent[] = []
  const verifier: Verifier = createVerifier({ ...OPTIONS, observer: (event) => events.push(event) })
  return {
    compare: createShadow(asIs, verifier, mode),
    seen: () => vi.waitUntil(() => events.length > 0 && events),
  }
}

describe('createShadow', () => {
  test('tells where they accept what we refuse, with our code and without the query', async () => {
    const { compare, seen } = createLab()
    compare(viewOf())('accepted')
    expect(await seen()).toEqual([
      {
        type: 'shadow.compared',
        agrees: false,
        ours: 'token_missing',
        theirs: 'accepted',
        detail: undefined,
        issuer: undefined,
        request: { method: 'GET', path: '/orders' },
      },
    ])
  })

  test('tells where both refuse; a refusal of ours is no rejected event', async () => {
    const { compare, seen } = createLab()
    compare(viewOf('Bearer not-a-jwt'))('refused')
    expect(await seen()).toMatchObject([{ type: 'shadow.compared', agrees: true, ours: 'token_malformed' }])
  })

  test('compares with optionalJwt where it is told so: without a token both accept', async () => {
    const { compare, seen } = createLab('optionalJwt')
    compare(viewOf())('accepted')
    expect(await seen()).toMatchObject([{ agrees: true, ours: 'accepted', theirs: 'accepted' }])
  })

  test('with optionalJwt a bad token is still refused', async () => {
    const { compare, seen } = createLab('optionalJwt')
    compare(viewOf('Bearer not-a-jwt'))('accepted')
    expect(await seen()).toMatchObject([{ agrees: false, ours: 'token_malformed' }])
  })

  test('only the first verdict of theirs counts', async () => {
    const { compare, seen } = createLab()
    const tell = compare(viewOf())
    tell('accepted')
    tell('refused')
    expect(await seen()).toMatchObject([{ theirs: 'accepted' }])
  })

  test('an exception on our side is told, not thrown', async () => {
    const { compare, seen } = createLab()
    // Keys of the options that cannot be used are found out by the first token that needs them.
    const token = [{ alg: 'RS256' }, { iss: OPTIONS.issuer, aud: OPTIONS.audience, exp: 9_999_999_999 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    compare(viewOf(`Bearer ${token}.AAAA`))('accepted')
    expect(await seen()).toMatchObject([{ agrees: false, ours: 'failed' }])
  })

  test('refuses another mode and a verifier that it cannot look into', () => {
    expect(() => createShadow(asIs, OPTIONS, 'both' as ShadowMode)).toThrow(ConfigError)
    const foreign = { authenticate: () => Promise.resolve() } as unknown as Verifier
    expect(() => createShadow(asIs, foreign)).toThrow(/another copy/)
  })
})
