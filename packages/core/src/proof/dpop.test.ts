import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { possessionOf } from '../auth.js'
import { AuthError } from '../auth-error.js'
import { ConfigError } from '../errors.js'
import { isRefusal, type Refusal } from '../refusal.js'
import type { RequestView } from '../request.js'
import {
  bearing,
  messageOf,
  NOW,
  OPTIONS,
  segment,
  thrownBy,
  tokenOf,
  viewOf,
  type Changes,
} from '../tokens.test-support.js'
import { createVerifier, type Verifier } from '../verifier.js'
import { dpop, type DpopOptions } from './dpop.js'
import type { ProofMethod } from './proof-method.js'
import { ReplayGuard } from './replay-guard.js'
import { memoryReplayStore, type ReplayStore } from './replay-store.js'

const BASE = 'https://api.example'
const PARTS = { now: OPTIONS.now, baseUrl: { origin: BASE, path: '' } }
const CLIENT = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const { crv, kty, x, y } = CLIENT.publicKey.export({ format: 'jwk' })
const JKT = hash(JSON.stringify({ crv, kty, x, y })) // RFC 7638 §3
const TOKEN = tokenOf({ cnf: { jkt: JKT } })
const OTHER_TOKEN = tokenOf({ cnf: { jkt: hash('another key') } })
const SECRET = 'a nonce secret of thirty-two bytes and more'

type Given = DpopOptions['mode'] | DpopOptions

afterEach(() => {
  vi.useRealTimers()
})

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

let made = 0

/** A good proof for a GET of `/orders` with a `jti` of its own, with changes. */
function proofOf(claims: Changes = {}, token = TOKEN): string {
  made += 1
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk: { crv, kty, x, y } }
  const jti = `the-jti-of-proof-${made}`
  const whole = { jti, htm: 'GET', htu: `${BASE}/orders`, iat: NOW, ath: hash(token), ...claims }
  const input = `${segment(JSON.stringify(header))}.${segment(JSON.stringify(whole))}`
  const key = { key: CLIENT.privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${segment(sign('sha256', Buffer.from(input), key))}`
}

/** A request with a token and a proof. */
function sending(proof: string | readonly string[], token = TOKEN, url = '/orders?page=2'): RequestView {
  return viewOf({ authorization: `DPoP ${token}`, dpop: proof }, { url })
}

function verifierOf(given: Given, more: Readonly<Record<string, unknown>> = {}): Verifier<unknown> {
  return createVerifier({ ...OPTIONS, baseUrl: BASE, proofs: [dpop(given)], ...more })
}

/** Which proof was checked, or the code of the refusal. */
async function verdict(verifier: Verifier<unknown>, request: RequestView): Promise<string> {
  const result = await verifier.authenticate(request)
  return isRefusal(result) ? result.code : result.proof
}

/** A store of the user's, and what it was asked. */
function watchedStore(claim: ReplayStore['claim'] = () => true) {
  const asked = vi.fn<ReplayStore['claim']>(claim)
  return { asked, replayStore: { claim: asked } satisfies ReplayStore }
}

function methodOf(given: Given): ProofMethod {
  return dpop(given)(PARTS)
}

const ALGS = 'ES256, ES384, EdDSA, Ed25519, PS256, RS256'

describe('dpop', () => {
  test('makes a method for the member jkt and the scheme DPoP', () => {
    expect(methodOf('required')).toMatchObject({
      kind: 'dpop',
      scheme: 'DPoP',
      member: 'jkt',
      required: true,
      challenge: [['algs', 'ES256 ES384 EdDSA Ed25519 PS256 RS256']],
    })
    expect(methodOf('allowed')).toMatchObject({ kind: 'dpop', required: false })
  })

  test('takes a mode alone for the option mode', () => {
    for (const mode of ['allowed', 'required'] as const)
      expect({ ...methodOf(mode), check: undefined }).toEqual({ ...methodOf({ mode }), check: undefined })
  })

  test('takes undefined for absent', () => {
    const absent = { algorithms: undefined, proofMaxAge: undefined, replayStore: undefined, nonce: undefined }
    expect({ ...methodOf({ mode: 'required', ...absent }), check: undefined }).toEqual({
      ...methodOf('required'),
      check: undefined,
    })
  })

  test('names the algorithms in an order of its own, whatever that of the option', () => {
    const { challenge } = methodOf({ mode: 'allowed', algorithms: ['RS256', 'Ed25519', 'ES256'] })
    expect(challenge).toEqual([['algs', 'ES256 Ed25519 RS256']])
  })

  const FIX = "Pass 'allowed', 'required' or { mode, … }."
  const FIX_STORE = 'Pass an object with the function claim(key, ttlMs).'
  const FIX_NONCE = 'Pass { secret }, or leave it out: then no nonce is asked for.'

  test.each<[unknown, string]>([
    [undefined, `dpop: got undefined. ${FIX}`],
    [null, `dpop: got null. ${FIX}`],
    [true, `dpop: got true. ${FIX}`],
    [60, `dpop: got 60. ${FIX}`],
    [['required'], `dpop: got ["required"]. ${FIX}`],
    [() => 'required', `dpop: got a function. ${FIX}`],
    ['', `dpop: got "". ${FIX}`],
    ['off', `dpop: got "off". ${FIX}`],
    ['Required', `dpop: got "Required". ${FIX}`],
    [{}, `dpop: got undefined. ${FIX}`],
    [{ mode: undefined }, `dpop: got undefined. ${FIX}`],
    [{ mode: null }, `dpop: got null. ${FIX}`],
    [{ mode: 'optional' }, `dpop: got "optional". ${FIX}`],
    [{ mode: ['required'] }, `dpop: got ["required"]. ${FIX}`],
  ])('refuses a mode that is none: %j', (given, message) => {
    const error = thrownBy(() => dpop(given as Given))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toHaveProperty('message', message)
  })

  test.each<[object, string]>([
    [{ algorithms: [] }, `dpop.algorithms: got an empty array. Pass a list of names of: ${ALGS}.`],
    [{ algorithms: [''] }, `dpop.algorithms: got [""]. Pass a list of names of: ${ALGS}.`],
    [{ algorithms: [5] }, `dpop.algorithms: got [5]. Pass a list of names of: ${ALGS}.`],
    [{ algorithms: null }, `dpop.algorithms: got null. Pass a list of names of: ${ALGS}.`],
    [{ algorithms: {} }, `dpop.algorithms: got an object. Pass a list of names of: ${ALGS}.`],
    [{ algorithms: ['none'] }, `dpop.algorithms: got ["none"]. Pass a list of names of: ${ALGS}.`],
    [
      { algorithms: ['ES256', 'HS256'] },
      `dpop.algorithms: got ["ES256", "HS256"]. Pass a list of names of: ${ALGS}.`,
    ],
    [
      { algorithms: ['ES256', 'ES256'] },
      `dpop.algorithms: got ["ES256", "ES256"]. Pass a list of names of: ${ALGS}.`,
    ],
    [{ algorithms: ['es256'] }, `dpop.algorithms: got ["es256"]. Pass a list of names of: ${ALGS}.`],

    [{ proofMaxAge: 0 }, 'dpop.proofMaxAge: got 0. Pass seconds between 1 and 300; the default is 60.'],
    [{ proofMaxAge: 0.9 }, 'dpop.proofMaxAge: got 0.9. Pass seconds between 1 and 300; the default is 60.'],
    [{ proofMaxAge: 301 }, 'dpop.proofMaxAge: got 301. Pass seconds between 1 and 300; the default is 60.'],
    [
      { proofMaxAge: Number.NaN },
      'dpop.proofMaxAge: got NaN. Pass seconds between 1 and 300; the default is 60.',
    ],
    [{ proofMaxAge: '60' }, 'dpop.proofMaxAge: got "60". Pass seconds between 1 and 300; the default is 60.'],
    [{ proofMaxAge: null }, 'dpop.proofMaxAge: got null. Pass seconds between 1 and 300; the default is 60.'],

    [{ replayStore: null }, `dpop.replayStore: got null. ${FIX_STORE}`],
    [{ replayStore: 'memory' }, `dpop.replayStore: got "memory". ${FIX_STORE}`],
    [{ replayStore: {} }, `dpop.replayStore: got an object. ${FIX_STORE}`],
    [{ replayStore: { claim: true } }, `dpop.replayStore: got an object. ${FIX_STORE}`],
    [{ replayStore: () => true }, `dpop.replayStore: got a function. ${FIX_STORE}`],

    [{ nonce: true }, `dpop.nonce: got true. ${FIX_NONCE}`],
    [{ nonce: null }, `dpop.nonce: got null. ${FIX_NONCE}`],
    [{ nonce: {} }, 'dpop.nonce.secret: got "undefined". Pass a string or bytes.'],
    [
      { nonce: { secret: SECRET, lifetime: 9 } },
      'dpop.nonce.lifetime: got 9. Pass seconds between 10 and 3600; the default is 300.',
    ],
    [
      { nonce: { secret: SECRET, secrets: [] } },
      'dpop.nonce.secrets: there is no such option. Did you mean secret?',
    ],

    [{ algorithm: ['ES256'] }, 'dpop.algorithm: there is no such option. Did you mean algorithms?'],
    [
      { maxAge: 60 },
      'dpop.maxAge: there is no such option. The options are: mode, algorithms, proofMaxAge, replayStore, nonce.',
    ],
    [
      { baseUrl: BASE },
      'dpop.baseUrl: there is no such option. The options are: mode, algorithms, proofMaxAge, replayStore, nonce.',
    ],
  ])('refuses an option that is wrong: %j', (wrong, message) => {
    const error = thrownBy(() => dpop({ mode: 'required', ...wrong }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toHaveProperty('message', message)
  })

  test('shows no secret in an error', () => {
    const secret = 'too-short-to-be-one'
    const message = messageOf(() => dpop({ mode: 'required', nonce: { secret } }))
    expect(message).toBe(
      'dpop.nonce.secret: got "19 bytes". A nonce needs at least 32 random bytes; a password is no secret.',
    )
  })

  test('needs the URL of the API where the verifier is made, and not before', () => {
    const factory = dpop('required')
    const message =
      "baseUrl: got undefined. dpop needs it: pass the origin of this API, for example 'https://api.example'."
    const error = thrownBy(() => factory({ ...PARTS, baseUrl: undefined }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toHaveProperty('message', message)
    expect(messageOf(() => createVerifier({ ...OPTIONS, proofs: [factory] }))).toBe(message)
  })
})

describe('a token that is bound to a DPoP key', () => {
  test('is accepted with its proof', async () => {
    const result = await verifierOf('required').authenticate(sending(proofOf()))
    expect(result).toMatchObject({ subject: 'user-1', proof: 'dpop' })
  })

  test('is proven for the path that a proxy cuts off as well', async () => {
    const verifier = verifierOf('required', { baseUrl: `${BASE}/v1/` })
    expect(await verdict(verifier, sending(proofOf({ htu: `${BASE}/v1/orders` })))).toBe('dpop')
    expect(await verdict(verifier, sending(proofOf()))).toBe('dpop_proof_invalid')
  })

  test('is what every token must be only where that is demanded', async () => {
    const plain = bearing(tokenOf())
    expect(await verdict(verifierOf('allowed'), plain)).toBe('none')
    expect(await verdict(verifierOf('required'), plain)).toBe('proof_required')
  })

  test.each([[[JKT]], [''], [null], [5], [{}], [`${JKT}=`], [JKT.toUpperCase()]])(
    'is bound to the key of no proof where its jkt is no thumbprint: %j',
    async (jkt) => {
      const token = tokenOf({ cnf: { jkt } })
      expect(await verdict(verifierOf('required'), sending(proofOf({}, token), token))).toBe('proof_mismatch')
    },
  )

  test.each([
    ['by default', {}, NOW - 60, NOW - 60.001],
    ['as an option', { proofMaxAge: 1 }, NOW - 1, NOW - 1.001],
    ['as an option, at most', { proofMaxAge: 300 }, NOW - 300, NOW - 300.001],
  ])('is proven by a proof that is not too old, %s', async (_, options, oldest, tooOld) => {
    const verifier = verifierOf({ mode: 'required', ...options })
    expect(await verdict(verifier, sending(proofOf({ iat: oldest })))).toBe('dpop')
    expect(await verdict(verifier, sending(proofOf({ iat: tooOld })))).toBe('dpop_proof_invalid')
  })

  test('is proven by a proof that is up to 5 s ahead', async () => {
    const verifier = verifierOf({ mode: 'required', proofMaxAge: 1 })
    expect(await verdict(verifier, sending(proofOf({ iat: NOW + 5 })))).toBe('dpop')
    expect(await verdict(verifier, sending(proofOf({ iat: NOW + 5.001 })))).toBe('dpop_proof_invalid')
  })

  test('is proven by an algorithm of the option alone', async () => {
    const others = verifierOf({ mode: 'required', algorithms: ['PS256', 'EdDSA'] })
    expect(await others.authenticate(sending(proofOf()))).toEqual({
      code: 'dpop_proof_invalid',
      detail: 'alg is not among the algorithms for proofs',
    })
    expect(await verdict(verifierOf({ mode: 'required', algorithms: ['ES256'] }), sending(proofOf()))).toBe(
      'dpop',
    )
  })
})

/** What is refused before the store is asked. */
const WORTHLESS: readonly (readonly [string, Refusal['code'], () => RequestView])[] = [
  ['no proof', 'dpop_proof_invalid', () => sending([])],
  ['two proofs', 'dpop_proof_invalid', () => sending([proofOf(), proofOf()])],
  ['garbage', 'dpop_proof_invalid', () => sending('garbage')],
  ['a proof for another method', 'dpop_proof_invalid', () => sending(proofOf({ htm: 'POST' }))],
  ['a proof for another URL', 'dpop_proof_invalid', () => sending(proofOf({ htu: `${BASE}/` }))],
  ['a proof for another token', 'dpop_proof_invalid', () => sending(proofOf({ ath: hash('x') }))],
  ['a proof that is too old', 'dpop_proof_invalid', () => sending(proofOf({ iat: NOW - 61 }))],
  ['a proof of tomorrow', 'dpop_proof_invalid', () => sending(proofOf({ iat: NOW + 86_400 }))],
  ['a changed signature', 'dpop_proof_invalid', () => sending(tampered(proofOf()))],
  ['a URL that has a space', 'dpop_proof_invalid', () => sending(proofOf(), TOKEN, '/a b')],
  ['a proof by another key', 'proof_mismatch', () => sending(proofOf({}, OTHER_TOKEN), OTHER_TOKEN)],
  ['a token that is bound to no key', 'proof_mismatch', () => sending(proofOf({}, tokenOf()), tokenOf())],
  ['a bearer token', 'proof_required', () => bearing(TOKEN)],
  ['a token that has expired', 'token_expired', () => sendingChanged({ exp: NOW - 60 })],
  ['a token with another signature', 'signature_invalid', () => sendingChanged({}, tampered)],
]

/** Changes one character in the middle of the signature. */
function tampered(text: string): string {
  const at = text.length - 20
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

/** A request with a changed token and a proof for that. */
function sendingChanged(claims: Changes, change = (token: string): string => token): RequestView {
  const token = change(tokenOf({ cnf: { jkt: JKT }, ...claims }))
  return sending(proofOf({}, token), token)
}

describe('the replay store', () => {
  test.each(WORTHLESS)('is not asked about %s', async (_, code, request) => {
    const { asked, replayStore } = watchedStore()
    expect(await verdict(verifierOf({ mode: 'allowed', replayStore }), request())).toBe(code)
    expect(asked).not.toHaveBeenCalled()
  })

  test.each([
    ['no nonce', {}],
    ['a wrong nonce', { nonce: 'of-somebody-else' }],
  ])('is not asked about a proof with %s', async (_, claims) => {
    const { asked, replayStore } = watchedStore()
    const verifier = verifierOf({ mode: 'required', replayStore, nonce: { secret: SECRET } })
    expect(await verdict(verifier, sending(proofOf(claims)))).toBe('dpop_nonce_required')
    expect(asked).not.toHaveBeenCalled()
  })

  test('says in the detail what is wrong with the URL of a request', async () => {
    expect(await verifierOf('required').authenticate(sending(proofOf(), TOKEN, '/a b'))).toEqual({
      code: 'dpop_proof_invalid',
      detail: 'the URL of the request is none that a proof can be made for',
    })
  })

  test('gets a key that holds neither the jti nor the thumbprint in clear, the same for the same proof', async () => {
    const { asked, replayStore } = watchedStore()
    const verifier = verifierOf({ mode: 'required', replayStore })
    const jti = 'jti-in-clear'
    const proofs = [proofOf({ jti }), proofOf({ jti, iat: NOW - 1 }), proofOf({ jti: 'another-jti' })]
    for (const proof of proofs) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      expect(await verdict(verifier, sending(proof))).toBe('dpop')
    }
    const keys = asked.mock.calls.map(([key]) => key)
    for (const key of keys) {
      expect(key).toMatch(/^[\w-]{43}$/)
      for (const clear of [jti, 'another-jti', JKT, segment(jti)]) expect(key).not.toContain(clear)
    }
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })

  test.each([
    ['now', {}, NOW, 60_000],
    ['a moment ago', {}, NOW - 0.0004, 59_999.6],
    ['nearly too long ago', {}, NOW - 59.5, 500],
    ['as long ago as can be', {}, NOW - 60, 0],
    ['ahead', {}, NOW + 5, 65_000],
    ['now, and is good for long', { proofMaxAge: 300 }, NOW, 300_000],
    ['ahead, and is good for a second', { proofMaxAge: 1 }, NOW + 5, 6_000],
  ])('keeps a proof as long as it can be used, which was made %s', async (_, options, iat, leftMs) => {
    const { asked, replayStore } = watchedStore()
    await verdict(verifierOf({ mode: 'required', replayStore, ...options }), sending(proofOf({ iat })))
    expect(asked).toHaveBeenCalledOnce()
    const ttlMs = asked.mock.calls[0]?.[1] ?? 0
    expect(Number.isInteger(ttlMs)).toBe(true)
    expect(ttlMs).toBeGreaterThanOrEqual(Math.max(1, leftMs))
    // Not for long: a stranger fills the store no further than with what still counts.
    expect(ttlMs).toBeLessThanOrEqual(leftMs + 10_000)
  })

  const UNAVAILABLE = {
    code: 'store_unavailable',
    detail: 'the replay store cannot tell whether the proof is new',
    retryAfter: 1,
  }

  test.each<[string, ReplayStore['claim']]>([
    [
      'throws',
      () => {
        throw new Error('redis://user:password@store.internal is down')
      },
    ],
    ['rejects', () => Promise.reject(new Error('redis://user:password@store.internal is down'))],
    ['answers nothing', () => undefined as unknown as boolean],
    ['answers a text', () => 'OK' as unknown as boolean],
    ['answers a number', () => Promise.resolve(1 as unknown as boolean)],
  ])('that %s is a 503 with Retry-After, and lets nobody in', async (_, claim) => {
    const { replayStore } = watchedStore(claim)
    const refused = await verifierOf({ mode: 'required', replayStore }).authenticate(sending(proofOf()))
    expect(refused).toEqual(UNAVAILABLE)
    const error = new AuthError(refused as Refusal)
    expect([error.status, error.headers]).toEqual([503, { 'Retry-After': '1', 'Cache-Control': 'no-store' }])
  })

  test('that hangs is a 503 after a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { asked, replayStore } = watchedStore(() => new Promise(() => undefined))
    const isAsked = new Promise<void>((resolve) => {
      asked.mockImplementation(() => {
        resolve()
        return new Promise(() => undefined)
      })
    })
    const settled = vi.fn<(result: unknown) => void>()
    const refused = verifierOf({ mode: 'required', replayStore }).authenticate(sending(proofOf()))
    const told = refused.then(settled)
    await isAsked
    await vi.advanceTimersByTimeAsync(999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await told
    expect(await refused).toEqual(UNAVAILABLE)
  })

  test('that is full is a 503: it forgets no proof for a new one', async () => {
    const verifier = verifierOf({ mode: 'required', replayStore: memoryReplayStore({ maxEntries: 1 }) })
    const first = sending(proofOf())
    expect(await verdict(verifier, first)).toBe('dpop')
    expect(await verdict(verifier, sending(proofOf()))).toBe('store_unavailable')
    expect(await verdict(verifier, first)).toBe('dpop_proof_replayed')
  })

  test('is spared a key that makes more proofs than are remembered', async () => {
    vi.spyOn(ReplayGuard.prototype, 'claim').mockResolvedValue('too many')
    expect(await verifierOf('required').authenticate(sending(proofOf()))).toEqual({
      code: 'dpop_proof_replayed',
      detail: 'this key has made more proofs than are remembered',
    })
  })

  test('is asked by the thumbprint and the jti of the proof', async () => {
    const claim = vi.spyOn(ReplayGuard.prototype, 'claim').mockResolvedValue('first')
    expect(await verdict(verifierOf('required'), sending(proofOf({ jti: 'the one' })))).toBe('dpop')
    expect(claim).toHaveBeenCalledExactlyOnceWith(JKT, 'the one', expect.any(Number))
  })
})

describe('a proof that comes again', () => {
  test('is refused', async () => {
    const verifier = verifierOf('required')
    const request = sending(proofOf())
    expect(await verdict(verifier, request)).toBe('dpop')
    expect(await verifier.authenticate(request)).toEqual({
      code: 'dpop_proof_replayed',
      detail: 'the proof was used before',
    })
  })

  test('two hundred times at once gets in once', async () => {
    const verifier = verifierOf('required')
    const request = sending(proofOf())
    const verdicts = await Promise.all(Array.from({ length: 200 }, async () => verdict(verifier, request)))
    expect(verdicts.filter((code) => code === 'dpop')).toHaveLength(1)
    expect(verdicts.filter((code) => code === 'dpop_proof_replayed')).toHaveLength(199)
  })

  test('at two processes with one store gets in once', async () => {
    const claimed = new Set<string>()
    const { replayStore } = watchedStore(async (key) => claimed.size < claimed.add(key).size)
    const verifiers = [1, 2].map(() => verifierOf({ mode: 'required', replayStore }))
    const request = sending(proofOf())
    const verdicts = await Promise.all(
      verifiers.flatMap((verifier) => Array.from({ length: 20 }, async () => verdict(verifier, request))),
    )
    expect(verdicts.filter((code) => code === 'dpop')).toHaveLength(1)
    expect(verdicts.filter((code) => code === 'dpop_proof_replayed')).toHaveLength(39)
  })

  test('at two verifiers with one method gets in once; a method made anew knows nothing of it', async () => {
    const shared = { proofs: [dpop('required')] }
    const request = sending(proofOf())
    expect(await verdict(verifierOf('required', shared), request)).toBe('dpop')
    expect(await verdict(verifierOf('required', shared), request)).toBe('dpop_proof_replayed')
    expect(await verdict(verifierOf('required'), request)).toBe('dpop')
  })

  test('with another token is refused as well: it is for the one that it names', async () => {
    const verifier = verifierOf('required')
    const proof = proofOf()
    expect(await verdict(verifier, sending(proof))).toBe('dpop')
    const other = tokenOf({ cnf: { jkt: JKT }, sub: 'user-2' })
    expect(await verdict(verifier, sending(proof, other))).toBe('dpop_proof_invalid')
    const anew = proofOf({ jti: `the-jti-of-proof-${made}` }, other)
    expect(await verdict(verifier, sending(anew, other))).toBe('dpop_proof_replayed')
  })

  test.each([
    ['at once', 0],
    ['a moment before it is too old', 59_999],
    ['at the last moment at which it is not too old', 60_000],
  ])('is refused %s', async (_, laterMs) => {
    let ms = NOW * 1000
    const replayStore = memoryReplayStore({}, () => ms)
    const verifier = verifierOf({ mode: 'required', replayStore }, { now: () => ms })
    const request = sending(proofOf())
    expect(await verdict(verifier, request)).toBe('dpop')
    ms += laterMs
    expect(await verdict(verifier, request)).toBe('dpop_proof_replayed')
  })

  test('is refused also where it grows too old while it is checked', async () => {
    let ms = NOW * 1000
    const replayStore = memoryReplayStore({}, () => ms)
    const verifier = verifierOf({ mode: 'required', replayStore }, { now: () => ms })
    const request = sending(proofOf())
    expect(await verdict(verifier, request)).toBe('dpop')
    ms += 59_999
    const again = verdict(verifier, request)
    // Its time was looked at before the first wait, which is that for a hash.
    ms += 10
    expect(await again).toBe('dpop_proof_replayed')
  })
})

describe('nonces', () => {
  const LIFETIME = 60
  const NONCE = 'DPoP-Nonce'

  /** A verifier that demands nonces, and its clock. */
  class Stage {
    ms = NOW * 1000
    readonly verifier: Verifier<unknown>

    constructor(secret = SECRET) {
      const given = { mode: 'required', nonce: { secret, lifetime: LIFETIME } } as const
      this.verifier = verifierOf(given, { now: () => this.ms })
    }

    /** What a proof of this moment gets: which proof was checked or the code, and the nonce of the answer. */
    async send(claims: Changes): Promise<{ readonly verdict: string; readonly nonce: string | undefined }> {
      const result = await this.verifier.authenticate(sending(proofOf({ iat: this.ms / 1000, ...claims })))
      return isRefusal(result)
        ? { verdict: result.code, nonce: result.fields?.[NONCE] }
        : { verdict: result.proof, nonce: possessionOf(result)?.fields?.[NONCE] }
    }

    /** The nonce that a refusal brings. */
    async nonce(): Promise<string> {
      return (await this.send({})).nonce ?? ''
    }
  }

  const BASE64URL = expect.stringMatching(/^[\w-]{43}$/) as string

  test.each([
    ['no nonce', {}, 'the proof has no nonce'],
    ['the nonce of somebody else', { nonce: 'other' }, 'the nonce of the proof is none that is accepted now'],
    ['an empty nonce', { nonce: '' }, 'the nonce of the proof is none that is accepted now'],
  ])('a proof with %s is refused, and the answer has one', async (_, claims, detail) => {
    const { verifier } = new Stage()
    expect(await verifier.authenticate(sending(proofOf(claims)))).toEqual({
      code: 'dpop_nonce_required',
      detail,
      fields: { [NONCE]: BASE64URL },
    })
  })

  test('the one of the answer is accepted, as often as there are proofs, and there is no new one', async () => {
    const stage = new Stage()
    const nonce = await stage.nonce()
    expect(await stage.send({ nonce })).toEqual({ verdict: 'dpop', nonce: undefined })
    expect(await stage.send({ nonce })).toEqual({ verdict: 'dpop', nonce: undefined })
  })

  test('the one before is accepted, and the answer has the new one', async () => {
    const stage = new Stage()
    const former = await stage.nonce()
    stage.ms += LIFETIME * 1000
    const next = await stage.nonce()
    expect(next).not.toBe(former)
    expect(await stage.send({ nonce: former })).toEqual({ verdict: 'dpop', nonce: next })
    expect(await stage.send({ nonce: next })).toEqual({ verdict: 'dpop', nonce: undefined })
  })

  test('an older one is refused, and the answer has the new one', async () => {
    const stage = new Stage()
    const old = await stage.nonce()
    stage.ms += 2 * LIFETIME * 1000
    expect(await stage.send({ nonce: old })).toEqual({ verdict: 'dpop_nonce_required', nonce: BASE64URL })
  })

  test('are those of every process with the same secret, and of no other', async () => {
    const nonce = await new Stage().nonce()
    expect(await new Stage().send({ nonce })).toEqual({ verdict: 'dpop', nonce: undefined })
    expect(await new Stage(`${SECRET}!`).send({ nonce })).toEqual({
      verdict: 'dpop_nonce_required',
      nonce: BASE64URL,
    })
  })

  test.each<[string, Changes]>([
    ['is wrong in another way', { htm: 'POST' }],
    ['has a nonce of another type', { nonce: 5 }],
  ])('a proof that %s brings none', async (_, claims) => {
    expect(await new Stage().send(claims)).toEqual({ verdict: 'dpop_proof_invalid', nonce: undefined })
  })

  test('a proof that comes again brings none', async () => {
    const stage = new Stage()
    const former = await stage.nonce()
    stage.ms += LIFETIME * 1000
    const claims = { nonce: former, jti: 'used-twice' }
    expect(await stage.send(claims)).toMatchObject({ verdict: 'dpop', nonce: BASE64URL })
    expect(await stage.send(claims)).toEqual({ verdict: 'dpop_proof_replayed', nonce: undefined })
  })

  test('are not asked for without the option, and a proof may have one', async () => {
    const result = await verifierOf('required').authenticate(sending(proofOf({ nonce: 'any' })))
    expect(isRefusal(result) ? result.code : possessionOf(result)).toEqual({
      kinds: ['dpop'],
      fields: undefined,
    })
  })
})
