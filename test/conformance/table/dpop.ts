import {
  createVerifier,
  dpop,
  hasProof,
  isRefusal,
  type DpopOptions,
  type ReplayStore,
  type VerifierOptions,
} from '@require-jwt/core'
import { createApp, protect, TRUST, type App } from '../support/app.js'
import type { Sent } from '../support/http.js'
import { ec } from '../support/keys.js'
import {
  BASE,
  bound,
  CLIENT,
  hashOf,
  proofFor,
  proven,
  publicOf,
  thumbprintOf,
  withLines,
  type Unusual,
} from '../support/proofs.js'
import {
  bearer,
  each,
  granted,
  on,
  refusal,
  type Case,
  type Cases,
  type Expected,
  type Row,
} from '../support/table.js'
import { mint, NOW } from '../support/tokens.js'

const ALGS = 'ES256 ES384 EdDSA Ed25519 PS256 RS256'
const OTHER = ec('other', 'ES256', 'P-256')
const TOKEN = bound()
const PLAIN = mint()

const app = (given: DpopOptions['mode'] | DpopOptions, options: Partial<VerifierOptions> = {}): App =>
  protect({ baseUrl: BASE, proofs: [dpop(given)], ...options })

const allowed = on(app('allowed'))
const required = on(app('required'))
const off = on(protect())

const BEARER = 'Bearer realm="api"'
const OFFER = `DPoP algs="${ALGS}"`
const TEXTS = {
  invalid_token: 'The access token is not valid here',
  invalid_dpop_proof: 'The DPoP proof is not valid for this request',
  use_dpop_nonce: 'Resource server requires nonce in DPoP proof',
  invalid_request: 'The credentials of the request are malformed',
} as const

/** An error in the challenge of one scheme. */
function wrong(scheme: 'Bearer' | 'DPoP', error: keyof typeof TEXTS): string {
  const said = `error="${error}", error_description="${TEXTS[error]}"`
  if (scheme === 'Bearer') return `Bearer realm="api", ${said}`
  return error === 'use_dpop_nonce' ? `DPoP ${said}` : `DPoP ${said}, algs="${ALGS}"`
}

const INVALID_PROOF: Partial<Expected> = { challenge: wrong('DPoP', 'invalid_dpop_proof') }
const INVALID_TOKEN: Partial<Expected> = { challenge: wrong('DPoP', 'invalid_token') }

/** A proof that is refused. */
function badProof(name: string, unusual: Unusual): Case {
  return required.refuse(name, proven(TOKEN, unusual), 'dpop_proof_invalid', INVALID_PROOF)
}

function goodProof(name: string, unusual: Unusual = {}): Case {
  return required.accept(name, proven(TOKEN, unusual), { proof: 'dpop', subject: 'user-1' })
}

const perRoute = createApp((verify) => {
  const verifier = verify({ ...TRUST, baseUrl: BASE, proofs: [dpop('allowed')] })
  return { steps: ({ requireJwt, requireThat }) => [requireJwt(verifier), requireThat(hasProof('dpop'))] }
})

const replays = app('required')
const remembering = app('allowed')

const SECRET = 'a secret of thirty-two bytes and more'
const nonces = app({ mode: 'required', nonce: { secret: SECRET, lifetime: 60 } })
const elsewhere = app({ mode: 'required', nonce: { secret: SECRET, lifetime: 60 } })
const otherSecret = app({ mode: 'required', nonce: { secret: `${SECRET}!`, lifetime: 60 } })

/** An app that asks a store of its own. */
function withStore(claim: ReplayStore['claim']): Cases {
  return on(app({ mode: 'required', replayStore: { claim } }))
}

/** A request with one and the same proof, however often it is sent. */
function once(token: string): Sent {
  const made = new Map<string, string>()
  return withLines(token, (path) => {
    const proof = made.get(path) ?? proofFor(token, path)
    made.set(path, proof)
    return [['DPoP', proof]]
  })
}

/** Changes one character in the middle of the signature. */
function tampered(proof: string): string {
  const at = proof.length - 40
  return proof.slice(0, at) + (proof[at] === 'A' ? 'B' : 'A') + proof.slice(at + 1)
}

/** The nonce of the table's secret, at its moment or so many seconds later: as an answer brings it. */
async function nonceOf(later = 0): Promise<string> {
  const proofs = [dpop({ mode: 'required', nonce: { secret: SECRET, lifetime: 60 } })]
  const now = (): number => (NOW + later) * 1000
  const verifier = createVerifier({ ...TRUST, baseUrl: BASE, proofs, now })
  const proof = proofFor(TOKEN, '/', { claims: { iat: NOW + later } })
  const fields: Readonly<Record<string, readonly string[]>> = {
    authorization: [`DPoP ${TOKEN}`],
    dpop: [proof],
  }
  const refused = await verifier.authenticate({
    method: 'GET',
    url: '/',
    values: (name) => fields[name] ?? [],
  })
  return isRefusal(refused) ? (refused.fields?.['DPoP-Nonce'] ?? '') : ''
}

function nonceRefusal(): Expected {
  return refusal('dpop_nonce_required', {
    challenge: wrong('DPoP', 'use_dpop_nonce'),
    headers: { 'DPoP-Nonce': /^[\w-]{20,}$/ },
  })
}

function nonceCase(name: string, nonce: () => string | undefined): Case {
  return {
    name,
    scene: () => ({ app: nonces, sent: proven(TOKEN, { claims: { nonce: nonce() } }) }),
    expected: nonceRefusal(),
  }
}

/** Section "DPoP". */
export const dpopRows: readonly Row[] = [
  {
    rules: ['DP-01', 'DP-02', 'DP-21'],
    about: 'a token under the scheme DPoP comes with exactly one proof',
    refuses: [
      required.refuse(
        'no proof',
        withLines(TOKEN, () => []),
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
      required.refuse(
        'two proofs',
        withLines(TOKEN, (path) => [
          ['DPoP', proofFor(TOKEN, path)],
          ['DPoP', proofFor(TOKEN, path)],
        ]),
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
      required.refuse(
        'two proofs in one field',
        withLines(TOKEN, (path) => [['DPoP', `${proofFor(TOKEN, path)}, ${proofFor(TOKEN, path)}`]]),
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
      ...each(
        { garbage: 'garbage', 'an empty field': '', 'a JWE': 'a.b.c.d.e', JSON: '{"payload":""}' },
        (name, value) =>
          required.refuse(
            name,
            withLines(TOKEN, () => [['DPoP', value]]),
            'dpop_proof_invalid',
            INVALID_PROOF,
          ),
      ),
      required.refuse(
        'the token itself',
        withLines(TOKEN, () => [['DPoP', TOKEN]]),
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
    ],
    accepts: [goodProof('one proof')],
  },
  {
    rules: ['DP-03', 'DP-04'],
    about: 'a proof has every member that it needs, of the right type',
    refuses: [
      ...each({ typ: 1, alg: 2, jwk: 3 }, (name) =>
        badProof(`no ${name}`, { header: { [name]: undefined } }),
      ),
      ...each({ jti: 1, htm: 2, htu: 3, iat: 4, ath: 5 }, (name) =>
        badProof(`no ${name}`, { claims: { [name]: undefined } }),
      ),
      ...each({ jti: 5, htm: ['GET'], htu: {}, iat: String(NOW), ath: null }, (name, value) =>
        badProof(`${name} of another type`, { claims: { [name]: value } }),
      ),
      badProof('an empty jti', { claims: { jti: '' } }),
      ...each({ JWT: 'JWT', 'at+jwt': 'at+jwt', 'another type': 'dpop' }, (name, typ) =>
        badProof(`typ ${name}`, { header: { typ } }),
      ),
      badProof('crit', { header: { crit: ['x'], x: 1 } }),
    ],
    accepts: [
      goodProof('all of them, and one more', { claims: { more: true }, header: { kid: 'x' } }),
      goodProof('typ in another case', { header: { typ: 'DPoP+JWT' } }),
    ],
  },
  {
    rules: ['DP-05', 'DP-06'],
    about: 'a proof is signed by the public key that it carries',
    refuses: [
      badProof('alg none', { header: { alg: 'none' } }),
      badProof('HS256 with the key as secret', { header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } } }),
      badProof('a private key', { header: { jwk: CLIENT.privateKey.export({ format: 'jwk' }) } }),
      badProof('another signature', {
        header: { jwk: publicOf(CLIENT) },
        key: { ...CLIENT, privateKey: OTHER.privateKey },
      }),
      required.refuse(
        'a signature that was changed',
        withLines(TOKEN, (path) => [['DPoP', tampered(proofFor(TOKEN, path))]]),
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
    ],
    accepts: [goodProof('its own')],
  },
  {
    rules: ['DP-07', 'DP-08'],
    about: 'a proof is for the method and the URL of the request',
    refuses: [
      badProof('another method', { claims: { htm: 'POST' } }),
      badProof('the method in lower case', { claims: { htm: 'get' } }),
      badProof('another host', { uri: (path) => `https://other.example${path}` }),
      badProof('http', { uri: (path) => `http://api.example${path}` }),
      badProof('another port', { uri: (path) => `https://api.example:8443${path}` }),
      badProof('another path', { uri: (path) => `${BASE}${path}s` }),
      badProof('a slash at the end', { uri: (path) => `${BASE}${path}/` }),
      badProof('two slashes', { uri: (path) => `${BASE}/${path}` }),
      badProof('a relative reference', { uri: (path) => `.${path}` }),
    ],
    accepts: [
      goodProof('the URL with the host in upper case', { uri: (path) => `HTTPS://API.EXAMPLE${path}` }),
      goodProof('the URL with the default port', { uri: (path) => `https://api.example:443${path}` }),
      goodProof('the URL with letters escaped', {
        uri: (path) => `${BASE}${path.replace('thing', '%74h%69ng')}`,
      }),
      goodProof('the URL with dot segments', { uri: (path) => `${BASE}/x/..${path}` }),
      required.accept('a request with a query', { ...proven(TOKEN), query: 'a=b' }, { proof: 'dpop' }),
    ],
  },
  {
    rules: ['DP-09'],
    about: 'the URL of the request is what the options say, whatever the request says',
    refuses: [
      required.refuse(
        'a proof for another host, with X-Forwarded-Host',
        {
          headers: [
            ['Authorization', `DPoP ${TOKEN}`],
            ['X-Forwarded-Host', 'other.example'],
            ['X-Forwarded-Proto', 'https'],
            ['Forwarded', 'host=other.example;proto=https'],
          ],
          linesFor: (path) => [
            ['DPoP', proofFor(TOKEN, path, { uri: (own) => `https://other.example${own}` })],
          ],
        },
        'dpop_proof_invalid',
        INVALID_PROOF,
      ),
    ],
    accepts: [
      required.accept(
        'a proof for this API, with X-Forwarded-Host',
        {
          ...proven(TOKEN),
          headers: [
            ['Authorization', `DPoP ${TOKEN}`],
            ['X-Forwarded-Host', 'other.example'],
          ],
        },
        { proof: 'dpop' },
      ),
    ],
  },
  {
    rules: ['DP-10'],
    about: 'a proof is for the token that was sent',
    refuses: [
      badProof('the hash of another token', { claims: { ath: hashOf(PLAIN) } }),
      badProof('the token itself', { claims: { ath: TOKEN } }),
    ],
    accepts: [goodProof('the hash of this token')],
  },
  {
    rules: ['DP-11', 'DP-12'],
    about: 'the key of the proof is the one that the token is bound to',
    refuses: [
      required.refuse('another key', proven(TOKEN, { key: OTHER }), 'proof_mismatch', INVALID_TOKEN),
      required.refuse(
        'a token that is bound to another key',
        proven(bound({}, OTHER)),
        'proof_mismatch',
        INVALID_TOKEN,
      ),
    ],
    accepts: [
      goodProof('the key'),
      required.accept(
        'cnf with more members',
        proven(bound({ cnf: { jkt: thumbprintOf(CLIENT), foo: 'x' } })),
        {
          proof: 'dpop',
        },
      ),
    ],
  },
  {
    rules: ['DP-13'],
    about: 'a proof is of this minute',
    refuses: [
      badProof('61 s old', { claims: { iat: NOW - 61 } }),
      badProof('6 s ahead', { claims: { iat: NOW + 6 } }),
      badProof('without end', { claims: { iat: 1e300 } }),
    ],
    accepts: [
      goodProof('60 s old', { claims: { iat: NOW - 60 } }),
      goodProof('5 s ahead', { claims: { iat: NOW + 5 } }),
    ],
  },
  {
    rules: ['DP-14'],
    about: 'a proof is used once',
    refuses: [
      {
        name: 'the same proof twice',
        scene: () => {
          const again = once(TOKEN)
          return { app: replays, sent: again, earlier: [again] }
        },
        expected: refusal('dpop_proof_replayed', INVALID_PROOF),
      },
      withStore(() => false).refuse(
        'what a store of your own has seen before',
        proven(TOKEN),
        'dpop_proof_replayed',
        INVALID_PROOF,
      ),
      withStore(() => {
        throw new Error('down')
      }).refuse('any proof while the store is down, for now', proven(TOKEN), 'store_unavailable'),
    ],
    accepts: [
      {
        name: 'another proof of the same key',
        scene: () => ({ app: replays, sent: once(TOKEN), earlier: [once(TOKEN)] }),
        expected: granted({ proof: 'dpop' }),
      },
      withStore(async () => true).accept('what a store of your own has not seen', proven(TOKEN), {
        proof: 'dpop',
      }),
    ],
  },
  {
    rules: ['DP-15', 'DP-16', 'DP-17'],
    about: 'where nonces are demanded, the answer has one and a proof must have it',
    refuses: [
      nonceCase('no nonce', () => undefined),
      nonceCase('a nonce of somebody else', () => 'nonce-of-the-authorization-server'),
      {
        name: 'a nonce that was made with another secret',
        scene: async () => ({
          app: otherSecret,
          sent: proven(TOKEN, { claims: { nonce: await nonceOf() } }),
        }),
        expected: nonceRefusal(),
      },
    ],
    accepts: [
      {
        name: 'the nonce of the answer',
        scene: async () => ({ app: nonces, sent: proven(TOKEN, { claims: { nonce: await nonceOf() } }) }),
        expected: granted({ proof: 'dpop' }, { headers: { 'DPoP-Nonce': undefined } }),
      },
      {
        name: 'the nonce of another process with the same secret',
        scene: async () => ({ app: elsewhere, sent: proven(TOKEN, { claims: { nonce: await nonceOf() } }) }),
        expected: granted({ proof: 'dpop' }),
      },
      {
        name: 'the nonce before, and the answer has the new one',
        scene: async () => ({ app: nonces, sent: proven(TOKEN, { claims: { nonce: await nonceOf(-60) } }) }),
        expected: granted({ proof: 'dpop' }, { headers: { 'DPoP-Nonce': /^[\w-]{20,}$/ } }),
      },
    ],
  },
  {
    rules: ['DP-18'],
    about: 'a token that is bound to a DPoP key never passes as a bearer token',
    refuses: [
      allowed.refuse('as bearer token', TOKEN, 'proof_required', {
        challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}`,
      }),
      required.refuse('as bearer token, where DPoP is demanded', TOKEN, 'proof_required', {
        challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}`,
      }),
      allowed.refuse(
        'as bearer token with a proof beside it',
        withLines(TOKEN, (path) => [['DPoP', proofFor(TOKEN, path)]], 'Bearer'),
        'proof_required',
        { challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}` },
      ),
      off.refuse('as bearer token, where DPoP is off', TOKEN, 'proof_required'),
      {
        name: 'as bearer token, after it was proven and remembered',
        scene: () => ({
          app: remembering,
          sent: bearer(TOKEN),
          earlier: [proven(TOKEN), proven(TOKEN), proven(TOKEN)],
        }),
        expected: refusal('proof_required', { challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}` }),
      },
    ],
    accepts: [
      allowed.accept('with its proof', proven(TOKEN), { proof: 'dpop' }),
      allowed.accept('a token that is bound to no key', PLAIN, { proof: 'none' }),
    ],
  },
  {
    rules: ['DP-19'],
    about: 'a token that is bound to no key is no DPoP token',
    refuses: [
      allowed.refuse('it under the scheme DPoP, with a proof', proven(PLAIN), 'proof_mismatch', {
        challenge: `${BEARER}, ${wrong('DPoP', 'invalid_token')}`,
      }),
      required.refuse('it as bearer token, where DPoP is demanded', PLAIN, 'proof_required', {
        challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}`,
      }),
    ],
    accepts: [allowed.accept('it as bearer token, where DPoP is allowed', PLAIN, { proof: 'none' })],
  },
  {
    rules: ['DP-20', 'ERR-12'],
    about: 'a challenge offers every scheme, and only that which was used says what is wrong',
    refuses: [
      allowed.refuse('no credentials', {}, 'token_missing', { challenge: `${BEARER}, ${OFFER}` }),
      required.refuse('no credentials, where DPoP is demanded', {}, 'token_missing', { challenge: OFFER }),
      allowed.refuse('a bad bearer token', 'abc', 'token_malformed', {
        challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}`,
      }),
      allowed.refuse('a bad DPoP token', proven('abc'), 'token_malformed', {
        challenge: `${BEARER}, ${wrong('DPoP', 'invalid_token')}`,
      }),
      allowed.refuse(
        'both schemes at once: no one can tell which was meant',
        {
          headers: [
            ['Authorization', `Bearer ${PLAIN}`],
            ['Authorization', `DPoP ${TOKEN}`],
          ],
        },
        'request_malformed',
        { challenge: `${wrong('Bearer', 'invalid_request')}, ${wrong('DPoP', 'invalid_request')}` },
      ),
      on(app({ mode: 'required', algorithms: ['ES256', 'PS256'] })).refuse(
        "a list of one's own",
        {},
        'token_missing',
        {
          challenge: 'DPoP algs="ES256 PS256"',
        },
      ),
    ],
    accepts: [allowed.accept('a good token', PLAIN)],
  },
  {
    rules: ['DP-23'],
    about: 'a route demands DPoP where the API allows it',
    refuses: [
      on(perRoute).refuse('a bearer token', PLAIN, 'proof_required', {
        challenge: `${wrong('Bearer', 'invalid_token')}, ${OFFER}`,
        authenticated: 1,
      }),
      on(perRoute).refuse('no token', {}, 'token_missing', { challenge: `${BEARER}, ${OFFER}` }),
    ],
    accepts: [on(perRoute).accept('a token with its proof', proven(TOKEN), { proof: 'dpop' })],
  },
]
