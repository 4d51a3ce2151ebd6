import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test, vi, type Mock } from 'vitest'
import { possessionOf } from './auth.js'
import { isAuthError } from './auth-error.js'
import type { StandardSchema } from './claims/standard-schema.js'
import type { AuthEvent } from './events.js'
import { resolveOptions } from './options.js'
import type { ProofContext, ProofMethod, ProofParts, Proven, Scheme } from './proof/proof-method.js'
import { isRefusal, refuse, type Refusal } from './refusal.js'
import type { RequestView } from './request.js'
import {
  AUDIENCE,
  bearing,
  claimsOf,
  ISSUER,
  NOW,
  OPTIONS,
  segment,
  tokenOf,
  viewOf,
  type Changes,
} from './tokens.test-support.js'
import { CoreVerifier, createVerifier, isRejection, type Rejection, type Verifier } from './verifier.js'

type Options = Readonly<Record<string, unknown>>
type Check = ProofMethod['check']

const JKT = { jkt: 'thumbprint-1' }
const X5T = { 'x5t#S256': 'hash-1' }
const BOUND = tokenOf({ cnf: JKT })
const BOUND_TWICE = tokenOf({ cnf: { ...X5T, ...JKT } })
const FORGED = `${BOUND.slice(0, -43)}${'A'.repeat(43)}`
const MISMATCH = refuse('proof_mismatch', 'made up')

/** A proof that holds, and brings nothing for the answer. */
const HOLDS: Proven = { fields: undefined }

/** The request of a client that sends its token under the scheme DPoP. */
function proving(token: string, request: Partial<Omit<RequestView, 'values'>> = {}): RequestView {
  return viewOf({ authorization: `DPoP ${token}` }, request)
}

/** Proof methods that a test made up, and what they were asked. */
function methods(
  dpopCheck: Check = () => HOLDS,
  mtlsCheck: Check = () => HOLDS,
  required = false,
): {
  readonly proofs: readonly ((parts: ProofParts) => ProofMethod)[]
  readonly dpop: Mock<Check>
  readonly mtls: Mock<Check>
} {
  const dpop = vi.fn<Check>(dpopCheck)
  const mtls = vi.fn<Check>(mtlsCheck)
  const common = { required, challenge: [] }
  return {
    proofs: [
      () => ({ ...common, kind: 'dpop', scheme: 'DPoP', member: 'jkt', check: dpop }),
      () => ({ ...common, kind: 'mtls', scheme: 'Bearer', member: 'x5t#S256', check: mtls }),
    ],
    dpop,
    mtls,
  }
}

function verifierOf(changes: Options): Verifier<unknown> {
  return createVerifier({ ...OPTIONS, ...changes })
}

/** The kind of proof in the result, or the code of the refusal. */
async function verdict(verifier: Verifier<unknown>, request: RequestView): Promise<string> {
  const result = await verifier.authenticate(request)
  return isRefusal(result) ? result.code : result.proof
}

/** The code that `verify` rejects with; fails where it does not. */
async function refusedBy(verifier: Verifier<unknown>, token: string): Promise<unknown> {
  const error: unknown = await verifier.verify(token).then(
    () => 'accepted',
    (thrown: unknown) => thrown,
  )
  return isAuthError(error) ? error.code : error
}

describe('the proof of a token', () => {
  test('is checked by the method for its cnf, and the result says of which kind it was', async () => {
    const { proofs, dpop, mtls } = methods()
    const verifier = verifierOf({ proofs })
    const bound = tokenOf({ cnf: X5T })
    expect(await verdict(verifier, proving(BOUND))).toBe('dpop')
    expect([dpop.mock.calls.length, mtls.mock.calls.length]).toEqual([1, 0])
    expect(await verdict(verifier, bearing(bound))).toBe('mtls')
    expect([dpop.mock.calls.length, mtls.mock.calls.length]).toEqual([1, 1])
  })

  test('is not asked for where the token is bound to no key', async () => {
    const { proofs, dpop, mtls } = methods()
    expect(await verdict(verifierOf({ proofs }), bearing(tokenOf()))).toBe('none')
    expect(dpop).not.toHaveBeenCalled()
    expect(mtls).not.toHaveBeenCalled()
  })

  test('is checked against the request, the token as it was sent, and its frozen cnf', async () => {
    const seen: ProofContext[] = []
    const { proofs } = methods((context) => {
      seen.push(context)
      return HOLDS
    })
    const request = proving(BOUND)
    await verifierOf({ proofs }).authenticate(request)
    expect(seen).toEqual([{ request, token: BOUND, confirmation: JKT }])
    expect(seen[0]?.request).toBe(request)
    expect(Object.isFrozen(seen[0]?.confirmation)).toBe(true)
  })

  test('may take its time', async () => {
    const { proofs } = methods(async () => HOLDS)
    expect(await verdict(verifierOf({ proofs }), proving(BOUND))).toBe('dpop')
  })

  test.each<[string, (refusal: Refusal) => Refusal | Promise<Refusal>]>([
    ['at once', (refusal) => refusal],
    ['later', async (refusal) => refusal],
  ])('that does not hold refuses as the method says, %s', async (_, give) => {
    const fields = { 'DPoP-Nonce': 'nonce-1' }
    const refusal = refuse('dpop_nonce_required', 'made up', { fields })
    const { proofs } = methods(() => give(refusal))
    expect(await verifierOf({ proofs }).authenticate(proving(BOUND))).toBe(refusal)
  })

  test('is told to the observer where it does not hold, with the issuer', async () => {
    const events: AuthEvent[] = []
    const { proofs } = methods(() => MISMATCH)
    const verifier = verifierOf({ proofs, observer: (event: AuthEvent) => events.push(event) })
    await verifier.authenticate(proving(BOUND))
    expect(events).toEqual([
      {
        type: 'rejected',
        code: 'proof_mismatch',
        detail: 'made up',
        issuer: ISSUER,
        request: { method: 'GET', path: '/orders' },
      },
    ])
  })

  test('that throws is a bug and no refusal', async () => {
    const bug = new TypeError('bug')
    const throwing: readonly Check[] = [
      () => {
        throw bug
      },
      () => Promise.reject(bug),
    ]
    for (const check of throwing) {
      const { proofs } = methods(check)
      // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
      await expect(verifierOf({ proofs }).authenticate(proving(BOUND))).rejects.toBe(bug)
    }
  })

  test('the method is made once for a verifier, with its clock and the URL of the API', () => {
    const [make] = methods().proofs
    const factory = vi.fn<(parts: ProofParts) => ProofMethod | undefined>((parts) => make?.(parts))
    verifierOf({ proofs: [factory], baseUrl: 'https://api.example/v1' })
    expect(factory).toHaveBeenCalledExactlyOnceWith({
      now: OPTIONS.now,
      baseUrl: { origin: 'https://api.example', path: '/v1' },
    })
  })
})

describe('two proofs of one token', () => {
  test('are asked for in the order of the methods, one after the other', async () => {
    const order: string[] = []
    const note =
      (name: string): Check =>
      async () => {
        order.push(`${name} begins`)
        await Promise.resolve()
        order.push(`${name} ends`)
        return HOLDS
      }
    const { proofs } = methods(note('dpop'), note('mtls'))
    expect(await verdict(verifierOf({ proofs }), proving(BOUND_TWICE))).toBe('dpop')
    expect(order).toEqual(['dpop begins', 'dpop ends', 'mtls begins', 'mtls ends'])
    order.length = 0
    expect(await verdict(verifierOf({ proofs: proofs.toReversed() }), proving(BOUND_TWICE))).toBe('mtls')
    expect(order).toEqual(['mtls begins', 'mtls ends', 'dpop begins', 'dpop ends'])
  })

  test('must both hold: of the second is not asked where the first does not', async () => {
    const first = methods(() => MISMATCH)
    expect(await verdict(verifierOf({ proofs: first.proofs }), proving(BOUND_TWICE))).toBe('proof_mismatch')
    expect(first.mtls).not.toHaveBeenCalled()
    const second = methods(undefined, () => MISMATCH)
    expect(await verdict(verifierOf({ proofs: second.proofs }), proving(BOUND_TWICE))).toBe('proof_mismatch')
    expect(second.dpop).toHaveBeenCalledOnce()
  })

  test('both stand in what the request has proven', async () => {
    const { proofs } = methods()
    const result = await verifierOf({ proofs }).authenticate(proving(BOUND_TWICE))
    expect(isRefusal(result) ? result : possessionOf(result)).toEqual({
      kinds: ['dpop', 'mtls'],
      fields: undefined,
    })
  })

  test.each<[string, Proven['fields'], Proven['fields'], Proven['fields']]>([
    ['neither', undefined, undefined, undefined],
    ['the first', { a: '1' }, undefined, { a: '1' }],
    ['the second', undefined, { b: '2' }, { b: '2' }],
    ['each', { a: '1', c: '1' }, { b: '2', c: '2' }, { a: '1', b: '2', c: '2' }],
  ])('bring the answer what %s has for it', async (_, first, second, fields) => {
    const { proofs } = methods(
      () => ({ fields: first }),
      () => ({ fields: second }),
    )
    const result = await verifierOf({ proofs }).authenticate(proving(BOUND_TWICE))
    expect(isRefusal(result) ? result : possessionOf(result)?.fields).toEqual(fields)
  })

  test('bring a refusal what the refusing one has for it, and nothing else', async () => {
    const refusal = refuse('dpop_nonce_required', 'made up', { fields: { b: '2' } })
    const { proofs } = methods(
      () => ({ fields: { a: '1' } }),
      () => refusal,
    )
    expect(await verifierOf({ proofs }).authenticate(proving(BOUND_TWICE))).toBe(refusal)
  })
})

describe('a token that came without a request', () => {
  test.each([JKT, X5T, { ...JKT, ...X5T }, {}, { kid: 'key-1' }, null, 'text', []])(
    'is refused where it is bound to a key, whatever is checked: cnf %j',
    async (cnf) => {
      for (const required of [false, true]) {
        const { proofs, dpop, mtls } = methods(undefined, undefined, required)
        // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
        expect(await refusedBy(verifierOf({ proofs }), tokenOf({ cnf }))).toBe('proof_required')
        expect(dpop).not.toHaveBeenCalled()
        expect(mtls).not.toHaveBeenCalled()
      }
    },
  )

  test('is accepted where it is bound to none, unless that is demanded', async () => {
    const auth = await verifierOf({ proofs: methods().proofs }).verify(tokenOf())
    expect(auth).toMatchObject({ subject: 'user-1', proof: 'none' })
    const { proofs } = methods(undefined, undefined, true)
    expect(await refusedBy(verifierOf({ proofs }), tokenOf())).toBe('proof_required')
  })
})

describe('what comes before the proof', () => {
  test.each<[string, RequestView]>([
    ['token_expired', proving(tokenOf({ cnf: JKT, exp: NOW - 60 }))],
    ['audience_mismatch', proving(tokenOf({ cnf: JKT, aud: 'other' }))],
    ['signature_invalid', proving(FORGED)],
    ['token_malformed', proving('abc')],
    ['proof_required', bearing(BOUND)],
    ['proof_mismatch', proving(tokenOf())],
    ['proof_mismatch', proving(tokenOf({ cnf: X5T }))],
    // What is wrong with the token itself is said first, also where its scheme is another.
    ['token_expired', bearing(tokenOf({ cnf: JKT, exp: NOW - 60 }))],
    ['audience_mismatch', bearing(tokenOf({ cnf: JKT, aud: 'other' }))],
    ['proof_required', bearing(FORGED)],
  ])('refuses with %s, and no method is asked: %#', async (code, request) => {
    const { proofs, dpop, mtls } = methods()
    expect(await verdict(verifierOf({ proofs }), request)).toBe(code)
    expect(dpop).not.toHaveBeenCalled()
    expect(mtls).not.toHaveBeenCalled()
  })

  test.each(['a b', 'abc ', '"abc"', '='])(
    'refuses credentials under DPoP that are no token68 (RFC 9110 §11.2): %j',
    async (text) => {
      const { proofs } = methods()
      expect(await verifierOf({ proofs }).authenticate(proving(text))).toMatchObject({
        code: 'request_malformed',
      })
    },
  )

  test('a token of another source is a bearer token', async () => {
    const { proofs } = methods()
    const verifier = verifierOf({ proofs, tokenSources: [() => BOUND] })
    expect(await verdict(verifier, viewOf())).toBe('proof_required')
    const named = verifierOf({ proofs, tokenSources: [() => ({ scheme: 'DPoP', token: BOUND })] })
    expect(await verdict(named, viewOf())).toBe('dpop')
  })

  test('two schemes in one request are two methods (RFC 6750 §2)', async () => {
    const { proofs } = methods()
    const verifier = verifierOf({ proofs, tokenSources: [() => tokenOf()] })
    expect(await verdict(verifier, proving(BOUND))).toBe('request_malformed')
  })

  test('a source that gives null is refused as any that gives no token', async () => {
    for (const proofs of [undefined, methods().proofs]) {
      const verifier = verifierOf({ proofs, tokenSources: [() => null] })
      // oxlint-disable-next-line no-await-in-loop -- one verdict after the other
      expect(await verdict(verifier, viewOf())).toBe('token_malformed')
    }
  })
})

function schemaOf(validate: StandardSchema['~standard']['validate']): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('what comes after the proof', () => {
  test('is the claims schema: it sees no token that is not proven', async () => {
    const order: string[] = []
    const claims = schemaOf((value) => {
      order.push('schema')
      return { value }
    })
    const { proofs } = methods(async () => {
      order.push('proof')
      return HOLDS
    })
    expect(await verdict(verifierOf({ proofs, claims }), proving(BOUND))).toBe('dpop')
    expect(order).toEqual(['proof', 'schema'])
    const refusing = methods(() => MISMATCH)
    expect(await verdict(verifierOf({ proofs: refusing.proofs, claims }), proving(BOUND))).toBe(
      'proof_mismatch',
    )
    expect(order).toEqual(['proof', 'schema'])
  })

  test('are the functions of the user: they read no token that is not proven', async () => {
    const reader = vi.fn<() => readonly string[]>(() => ['admin'])
    const { proofs } = methods(() => MISMATCH)
    await verifierOf({ proofs, rolesClaim: reader }).authenticate(proving(BOUND))
    expect(reader).not.toHaveBeenCalled()
  })

  test('is the refusal of the schema, whatever was proven', async () => {
    const claims = schemaOf(() => ({ issues: [{ path: ['sub'], message: 'bad' }] }))
    const { proofs } = methods(() => ({ fields: { a: '1' } }))
    expect(await verifierOf({ proofs, claims }).authenticate(proving(BOUND))).toEqual({
      code: 'claim_invalid',
      detail: 'the claims schema refused: sub',
    })
  })
})

const PAIR = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let issuers = 0

/** An issuer of its own with one key, and a clock. */
class Stage {
  readonly issuer = `https://proof-${(issuers += 1)}.example`
  readonly events: AuthEvent[] = []
  ms = NOW * 1000

  open(changes: Options): Verifier<unknown> {
    return createVerifier({
      issuer: this.issuer,
      audience: AUDIENCE,
      jwks: { keys: [{ ...PAIR.publicKey.export({ format: 'jwk' }), kid: 'a' }] },
      now: () => this.ms,
      observer: (event: AuthEvent) => this.events.push(event),
      ...changes,
    })
  }

  token(changes: Changes = {}): string {
    const claims = claimsOf({ iss: this.issuer, cnf: JKT, ...changes })
    const input = `${segment('{"alg":"ES256","kid":"a"}')}.${segment(JSON.stringify(claims))}`
    const key = { key: PAIR.privateKey, dsaEncoding: 'ieee-p1363' } as const
    return `${input}.${segment(sign('sha256', Buffer.from(input), key))}`
  }

  /** Whether each accepted token was remembered, in order. */
  get memos(): readonly boolean[] {
    return this.events.flatMap((event) => (event.type === 'authenticated' ? [event.memo] : []))
  }
}

describe('while a proof is checked', () => {
  // Also of one that does not wait: what happens in it has happened when the result is made.
  const WAYS: readonly (readonly [string, (proven: Proven) => ReturnType<Check>])[] = [
    ['at once', (proven) => proven],
    ['later', async (proven) => proven],
  ]

  test.each(WAYS)('a key that is withdrawn admits nothing: %s', async (_, give) => {
    const stage = new Stage()
    const { proofs } = methods(() => {
      verifier.revokeKey({ issuer: stage.issuer, kid: 'a' })
      return give(HOLDS)
    })
    const verifier = stage.open({ proofs })
    expect(await verifier.authenticate(proving(stage.token()))).toEqual({
      code: 'key_unknown',
      detail: 'the key was withdrawn while we checked',
    })
  })

  test.each(WAYS)('a key that is withdrawn admits nothing that is remembered either: %s', async (_, give) => {
    const stage = new Stage()
    let proofsMade = 0
    const { proofs } = methods(() => {
      proofsMade += 1
      if (proofsMade === 2) verifier.revokeKey({ issuer: stage.issuer, kid: 'a' })
      return give(HOLDS)
    })
    const verifier = stage.open({ proofs })
    const request = proving(stage.token())
    expect(await verdict(verifier, request)).toBe('dpop')
    expect(await verdict(verifier, request)).toBe('key_unknown')
    expect(stage.memos).toEqual([false])
  })

  test.each(WAYS)('a token may run out: %s', async (_, give) => {
    const stage = new Stage()
    const { proofs } = methods(() => {
      stage.ms += 86_400_000
      return give(HOLDS)
    })
    expect(await verdict(stage.open({ proofs }), proving(stage.token()))).toBe('token_expired')
  })

  test.each(WAYS)('a verifier may close, which is 503: %s', async (_, give) => {
    const stage = new Stage()
    const { proofs } = methods(() => {
      void verifier.close()
      return give(HOLDS)
    })
    const verifier = stage.open({ proofs })
    expect(await verdict(verifier, proving(stage.token()))).toBe('keys_unavailable')
  })
})

describe('a token that is remembered', () => {
  test('is proven again each time', async () => {
    const stage = new Stage()
    const answers: readonly (Proven | Refusal)[] = [HOLDS, HOLDS, MISMATCH, HOLDS]
    let asked = 0
    const { proofs, dpop } = methods(() => answers[(asked += 1) - 1] ?? MISMATCH)
    const verifier = stage.open({ proofs })
    const token = stage.token()
    const verdicts: string[] = []
    while (verdicts.length < answers.length) {
      // oxlint-disable-next-line no-await-in-loop -- one request after the other
      verdicts.push(await verdict(verifier, proving(token)))
    }
    expect(verdicts).toEqual(['dpop', 'dpop', 'proof_mismatch', 'dpop'])
    expect(stage.memos).toEqual([false, true, true])
    for (const [context] of dpop.mock.calls) expect(context).toMatchObject({ token, confirmation: JKT })
  })

  test('is refused as bearer token', async () => {
    const stage = new Stage()
    const { proofs, dpop } = methods()
    const verifier = stage.open({ proofs })
    const token = stage.token()
    expect(await verdict(verifier, proving(token))).toBe('dpop')
    expect(await verdict(verifier, proving(token))).toBe('dpop')
    expect(await verdict(verifier, bearing(token))).toBe('proof_required')
    expect(await refusedBy(verifier, token)).toBe('proof_required')
    expect(dpop).toHaveBeenCalledTimes(2)
    expect(await verdict(verifier, proving(token))).toBe('dpop')
  })

  test('is not remembered for its first proof, where that does not hold', async () => {
    const stage = new Stage()
    const answers: (Proven | Refusal)[] = [MISMATCH, HOLDS]
    const { proofs } = methods(() => answers.shift() ?? MISMATCH)
    const verifier = stage.open({ proofs })
    const token = stage.token()
    expect(await verdict(verifier, proving(token))).toBe('proof_mismatch')
    expect(await verdict(verifier, proving(token))).toBe('dpop')
    expect(stage.memos).toEqual([false])
  })

  test('has the fields of each proof for itself', async () => {
    const stage = new Stage()
    const fields = [{ a: '1' }, undefined]
    const { proofs } = methods(() => ({ fields: fields.shift() }))
    const verifier = stage.open({ proofs })
    const token = stage.token()
    const results = [await verifier.authenticate(proving(token)), await verifier.authenticate(proving(token))]
    expect(results.map((result) => (isRefusal(result) ? result : possessionOf(result)?.fields))).toEqual([
      { a: '1' },
      undefined,
    ])
  })
})

describe('the profile fapi2', () => {
  test('demands a binding, of whatever kind, also of a token that came without a request', async () => {
    const stage = new Stage()
    const { proofs } = methods()
    const verifier = stage.open({ profile: 'fapi2', maxTokenAge: 300, proofs })
    const [free, byKey, byCertificate] = [undefined, JKT, X5T].map((cnf) => stage.token({ cnf, iat: NOW }))
    expect(await verdict(verifier, proving(byKey ?? ''))).toBe('dpop')
    expect(await verdict(verifier, bearing(byCertificate ?? ''))).toBe('mtls')
    expect(await verdict(verifier, bearing(free ?? ''))).toBe('proof_required')
    expect(await refusedBy(verifier, free ?? '')).toBe('proof_required')
    expect(await verdict(stage.open({ maxTokenAge: 300, proofs }), bearing(free ?? ''))).toBe('none')
  })
})

function sendingUnder(scheme: Scheme, token: string): RequestView {
  return viewOf({ authorization: `${scheme} ${token}` })
}

describe('a rejection', () => {
  async function rejectionOf(request: RequestView, options: Options = OPTIONS): Promise<Rejection> {
    const { proofs } = methods(() => MISMATCH)
    const outcome = await new CoreVerifier(resolveOptions({ ...options, proofs })).attempt(request)
    if (isRejection(outcome)) return outcome
    throw new Error('it was accepted')
  }

  const NO_TENANT = { now: OPTIONS.now, tenants: { allow: () => false, audience: AUDIENCE } }
  test.each<[Scheme, string, string, Options]>([
    ['Bearer', 'token_malformed', 'abc', OPTIONS],
    ['DPoP', 'token_malformed', 'abc', OPTIONS],
    ['Bearer', 'issuer_unknown', tokenOf({ iss: 'https://other.example' }), OPTIONS],
    ['DPoP', 'issuer_unknown', tokenOf({ iss: 'https://other.example' }), OPTIONS],
    ['Bearer', 'issuer_unknown', tokenOf({}, { alg: 'ES256', kid: 'a' }), NO_TENANT],
    ['DPoP', 'issuer_unknown', tokenOf({}, { alg: 'ES256', kid: 'a' }), NO_TENANT],
    ['Bearer', 'token_expired', tokenOf({ exp: NOW - 60 }), OPTIONS],
    ['DPoP', 'token_expired', tokenOf({ exp: NOW - 60, cnf: JKT }), OPTIONS],
    ['Bearer', 'proof_required', BOUND, OPTIONS],
    ['DPoP', 'proof_mismatch', tokenOf(), OPTIONS],
    ['DPoP', 'signature_invalid', FORGED, OPTIONS],
    ['DPoP', 'proof_mismatch', BOUND, OPTIONS],
  ])('says that the token came under %s: %s', async (scheme, code, token, options) => {
    expect(await rejectionOf(sendingUnder(scheme, token), options)).toMatchObject({
      scheme,
      refusal: { code },
    })
  })

  test('says no scheme where there is no token', async () => {
    expect((await rejectionOf(viewOf())).scheme).toBeUndefined()
    const two = viewOf({ authorization: [`Bearer ${BOUND}`, `DPoP ${BOUND}`] })
    expect((await rejectionOf(two)).scheme).toBeUndefined()
  })
})

describe('CoreVerifier.schemes', () => {
  test.each<Scheme | undefined>(['Bearer', 'DPoP', undefined])(
    'are those of its methods, and the one that was used: %s',
    (used) => {
      const { proofs } = methods()
      const verifier = new CoreVerifier(resolveOptions({ ...OPTIONS, proofs }))
      expect(verifier.schemes(used)).toEqual({
        offered: [
          { scheme: 'Bearer', params: [] },
          { scheme: 'DPoP', params: [] },
        ],
        used,
      })
    },
  )
})
