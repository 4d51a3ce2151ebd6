import { createHash, randomUUID } from 'node:crypto'
import { createVerifier, dpop, isRefusal, memoryReplayStore, type RequestView } from '@require-jwt/core'
import { TRUST } from '../../conformance/support/app.js'
import type { Line, Sent } from '../../conformance/support/http.js'
import { ec, P256, RSA, WEAK_RSA } from '../../conformance/support/keys.js'
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
} from '../../conformance/support/proofs.js'
import { bearer, each, type Case } from '../../conformance/support/table.js'
import {
  base64url,
  CLAIMS,
  compact,
  hmac,
  mint,
  NOW,
  signer,
  startingWith,
  withSignature,
  type Signer,
} from '../../conformance/support/tokens.js'
import type { Attack, SetUp } from '../attack.js'
import { ATTACKER } from '../support/attacker.js'
import { casesOf, once, proving } from '../support/proving.js'

type Members = Readonly<Record<string, unknown>>

const OTHER = ec('other', 'ES256', 'P-256')
const LARGER = ec('larger', 'ES384', 'P-384')

const TOKEN = bound()
const PLAIN = mint()
/** Those of ES256 are remembered. */
const REMEMBERED = mint({ cnf: { jkt: thumbprintOf(CLIENT) } }, {}, P256)
const BOTH = mint({ cnf: { jkt: thumbprintOf(CLIENT), 'x5t#S256': 'A'.repeat(43) } })

const api = casesOf(proving('required'))
const lax = casesOf(proving('allowed'))
const narrow = casesOf(proving('required', { more: { algorithms: ['ES256'] } }))
const cutOff = casesOf(proving('required', { options: { baseUrl: `${BASE}/v1` } }))
const LOOPBACK = 'http://127.0.0.1:8080'
const local = casesOf(proving('required', { options: { baseUrl: LOOPBACK } }))

const NONCE = { secret: 'a secret of thirty-two bytes and more', lifetime: 60 }
const nonces = casesOf(proving('required', { more: { nonce: NONCE } }))

const signed: Signer = signer('ES256', CLIENT)

/** A key that is no point of its curve: nobody has its private half. */
const NO_POINT = {
  crv: 'P-256',
  kty: 'EC',
  x: base64url(Buffer.alloc(32, 1)),
  y: base64url(Buffer.alloc(32, 1)),
}

const PUBLIC_PEM = CLIENT.publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** What a proof is not for. Each is a URL of its own, or a text that some reader takes for the right one. */
const FOREIGN_URLS: Readonly<Record<string, (path: string) => unknown>> = {
  'of another host': (path) => `https://other.example${path}`,
  'of a host that begins like ours': (path) => `${BASE}.other.example${path}`,
  'of our host with a dot at the end': (path) => `${BASE}.${path}`,
  'of another scheme': (path) => `http://api.example${path}`,
  'of another port': (path) => `${BASE}:8443${path}`,
  'of another path': (path) => `${BASE}${path}s`,
  'of the path in upper case': (path) => `${BASE}${path.toUpperCase()}`,
  'of the path and a slash': (path) => `${BASE}${path}/`,
  'of no path': () => BASE,
  'without a scheme': (path) => `//api.example${path}`,
  'with our host for a user name': (path) => `https://api.example@other.example${path}`,
  'with a user name before our host': (path) => `https://user:password@api.example${path}`,
  'with a backslash for the slash': (path) => `${BASE}${path.replace('/', '\\')}`,
  'with backslashes before the host': (path) => `https:\\\\api.example${path}`,
  'with the slash encoded': (path) => `${BASE}${path.replace('/', '%2F')}`,
  'with encoded slashes that go back': (path) => `${BASE}/x%2F..${path.replace('/', '%2F')}`,
  'with a full-width letter in the host': (path) => `https://\uFF41pi.example${path}`,
  'with an ideographic full stop in the host': (path) => `https://api\u3002example${path}`,
  'with a soft hyphen in the host': (path) => `https://a\u00ADpi.example${path}`,
  'with the host escaped': (path) => `https://api%2Eexample${path}`,
  'with a tab in the host': (path) => `https://api.exa\tmple${path}`,
  'with a space before it': (path) => ` ${BASE}${path}`,
  'with a line feed behind it': (path) => `${BASE}${path}\n`,
  'with a zero before the port': (path) => `${BASE}:0443${path}`,
  'that goes back out of a query': (path) => `${BASE}/x?/..${path}`,
  'that goes back out of a fragment': (path) => `${BASE}/x#/..${path}`,
  'that goes back over a broken escape': (path) => `${BASE}/%zz/..${path}`,
  'in a list': (path) => [`${BASE}${path}`],
  'in an object': (path) => ({ href: `${BASE}${path}` }),
}

export const proof: Attack = {
  name: 'proof',
  about:
    'a proof is good for one request of one client: its method, its URL, its token, its minute, and once',
  source: 'RFC 9449 §4.3, §7.2, §11.1',
  refuses: [
    ...replays(),
    ...each(FOREIGN_URLS, (name, htu) =>
      api.refuse(`a proof for a URL ${name}`, () => forUrl(htu), 'dpop_proof_invalid'),
    ),
    ...each(
      {
        '127.1': 'http://127.1:8080',
        hexadecimal: 'http://0x7f.0.0.1:8080',
        'one number': 'http://2130706433:8080',
      },
      (name, origin) =>
        local.refuse(
          `a proof for our address in another spelling: ${name}`,
          () => proven(TOKEN, { uri: (path) => `${origin}${path}` }),
          'dpop_proof_invalid',
        ),
    ),
    cutOff.refuse(
      'a proof without the path that a proxy cuts off',
      () => proven(TOKEN),
      'dpop_proof_invalid',
    ),
    ...each<readonly Line[]>(
      {
        'X-Forwarded-Host': [
          ['X-Forwarded-Host', 'other.example'],
          ['X-Forwarded-Proto', 'https'],
        ],
        Forwarded: [['Forwarded', 'host=other.example;proto=https']],
        'a second Host': [['Host', 'other.example']],
      },
      (name, fields) =>
        api.refuse(
          `a proof for the host that a field names: ${name}`,
          () => beside(fields, { uri: (path) => `https://other.example${path}` }),
          'dpop_proof_invalid',
        ),
    ),
    api.refuse(
      'a proof for the path that a field names',
      () =>
        beside(
          [
            ['X-Original-URL', '/other'],
            ['X-Rewrite-URL', '/other'],
            ['X-Forwarded-Prefix', '/other'],
          ],
          { uri: () => `${BASE}/other` },
        ),
      'dpop_proof_invalid',
    ),
    api.refuse(
      'a proof for the method that a field names',
      () => beside([['X-HTTP-Method-Override', 'POST']], { claims: { htm: 'POST' } }),
      'dpop_proof_invalid',
    ),
    ...each<unknown>(
      {
        'another method': 'POST',
        'the method in lower case': 'get',
        'a list of methods': ['GET'],
        'no method': undefined,
      },
      (name, htm) => bad(`a proof for ${name}`, { claims: { htm } }),
    ),
    ...each<unknown>(
      {
        'another token': hashOf(PLAIN),
        'the token itself': TOKEN,
        'the hash with padding': `${hashOf(TOKEN)}=`,
        'the hash in hexadecimal': createHash('sha256').update(TOKEN).digest('hex'),
        'no token': undefined,
        'a list of tokens': [hashOf(TOKEN)],
      },
      (name, ath) => bad(`a proof for ${name}`, { claims: { ath } }),
    ),
    ...each<unknown>(
      {
        '61 s ago': NOW - 61,
        'in 6 s': NOW + 6,
        'in milliseconds': NOW * 1000,
        'after all time': 1e300,
        'in a text': String(NOW),
        'with nothing': undefined,
        'with true': true,
      },
      (name, iat) => bad(`a proof dated ${name}`, { claims: { iat } }),
    ),
    api.refuse('a proof of another key', () => proven(TOKEN, { key: OTHER }), 'proof_mismatch'),
    api.refuse(
      'a token of another client, with a proof of our own',
      () => proven(bound({}, OTHER)),
      'proof_mismatch',
    ),
    lax.refuse(
      'a proof of another key, where the token was proven before',
      () => ({ sent: proven(REMEMBERED, { key: OTHER }), earlier: thrice(() => proven(REMEMBERED)) }),
      'proof_mismatch',
    ),
    nonces.refuse('a proof without a nonce', () => proven(TOKEN), 'dpop_nonce_required'),
    ...nonceCases(),
    nonces.refuse(
      'a proof whose nonce is a number',
      () => proven(TOKEN, { claims: { nonce: 1 } }),
      'dpop_proof_invalid',
    ),
    lines('two proofs, the first of them good', (path) => [
      ['DPoP', proofFor(TOKEN, path)],
      ['DPoP', proofFor(TOKEN, path, { key: OTHER })],
    ]),
    lines('two proofs, the last of them good', (path) => [
      ['DPoP', proofFor(TOKEN, path, { claims: { htm: 'POST' } })],
      ['DPoP', proofFor(TOKEN, path)],
    ]),
    lines('two proofs in one field', (path) => [
      ['DPoP', `${proofFor(TOKEN, path)}, ${proofFor(TOKEN, path)}`],
    ]),
    lines('no proof', () => []),
    lines('an empty proof', () => [['DPoP', '']]),
    lines('a proof in fields of similar names', (path) => [
      ['X-DPoP', proofFor(TOKEN, path)],
      ['DPoP_', proofFor(TOKEN, path)],
      ['DPoP-Proof', proofFor(TOKEN, path)],
    ]),
    bad('a private key', { header: { jwk: CLIENT.privateKey.export({ format: 'jwk' }) } }),
    bad('no key', { header: { jwk: undefined } }),
    bad('a key that is a URL', { header: { jwk: `${ATTACKER}/jwk` } }),
    bad('a key that x5u points to', { header: { jwk: { kty: 'EC', crv: 'P-256', x5u: `${ATTACKER}/x` } } }),
    bad('no key, and x5u and jku beside it', {
      header: { jwk: undefined, x5u: `${ATTACKER}/x`, jku: `${ATTACKER}/jwks` },
    }),
    api.refuse(
      'a key that is no point of its curve',
      () =>
        proven(
          mint({ cnf: { jkt: createHash('sha256').update(JSON.stringify(NO_POINT)).digest('base64url') } }),
          {
            header: { jwk: NO_POINT },
          },
        ),
      'dpop_proof_invalid',
    ),
    bad('a key that is weak', { key: WEAK_RSA }),
    bad('a key of another kind than the algorithm', { header: { jwk: RSA.jwk, alg: 'ES256' } }),
    written('HS256 with the public key as PEM', (header, claims) =>
      compact(json({ ...header, alg: 'HS256' }), json(claims), hmac(256, PUBLIC_PEM)),
    ),
    written('HS256 with the public key as JWK', (header, claims) =>
      compact(json({ ...header, alg: 'HS256' }), json(claims), hmac(256, json(publicOf(CLIENT)))),
    ),
    written('HS256 with a secret that the proof brings along', (header, claims) =>
      compact(
        json({ ...header, alg: 'HS256', jwk: { kty: 'oct', k: base64url('x'.repeat(32)) } }),
        json(claims),
        hmac(256, 'x'.repeat(32)),
      ),
    ),
    written('alg none, without a signature', (header, claims) =>
      compact(json({ ...header, alg: 'none' }), json(claims), () => Buffer.alloc(0)),
    ),
    bad('alg none, with a good signature', { header: { alg: 'none' } }),
    bad('a list of algorithms', { header: { alg: ['ES256'] } }),
    bad('an algorithm of another curve', { header: { alg: 'ES384' } }),
    narrow.refuse(
      'an algorithm that is not on the list',
      () => proven(bound({}, LARGER), { key: LARGER }),
      'dpop_proof_invalid',
    ),
    bad('a signature of another key', { header: { jwk: publicOf(CLIENT) }, key: OTHER }),
    written('no signature', (header, claims) => compact(json(header), json(claims), () => Buffer.alloc(0))),
    written('a signature of zeros', (header, claims) =>
      compact(json(header), json(claims), () => Buffer.alloc(64)),
    ),
    changed('a signature with padding', (text) => `${text}==`),
    changed('a signature with spare bits', (text) => text.slice(0, -1) + spare(text.at(-1))),
    changed('a fourth segment, signed as well', (text) => {
      const input = `${text.slice(0, text.lastIndexOf('.'))}.AAAA`
      return `${input}.${base64url(signed(input))}`
    }),
    changed('JSON around it', (text) => {
      const [header, payload, signature] = text.split('.')
      return json({ protected: header, payload, signature })
    }),
    ...each<unknown>(
      {
        JWT: 'JWT',
        'at+jwt': 'at+jwt',
        none: undefined,
        'more than dpop+jwt': 'dpop+jwt; v=1',
        'other types before dpop+jwt': 'x-dpop+jwt',
        'a list': ['DPoP+JWT'],
      },
      (name, typ) => bad(`a proof whose typ is ${name}`, { header: { typ } }),
    ),
    ...each<Members>(
      { crit: { crit: ['x'], x: 1 }, b64: { b64: true }, cty: { cty: 'JWT' } },
      (name, header) => bad(`a proof with ${name}`, { header }),
    ),
    ...each<unknown>(
      {
        empty: '',
        'a number': 7,
        'of 257 characters': 'j'.repeat(257),
        'of a megabyte': 'j'.repeat(2 ** 20),
        'nested JSON': JSON.parse(`${'{"a":['.repeat(500)}${']}'.repeat(500)}`),
        null: null,
        'not there': undefined,
      },
      (name, jti) => bad(`a jti that is ${name}`, { claims: { jti } }),
    ),
    bad('a proof of 9 KiB', { claims: { more: 'x'.repeat(9 * 1024) } }),
    written('a member that is there twice in the claims', (header, claims) =>
      compact(json(header), startingWith('"jti":"first"', claims), signed),
    ),
    written('a member that is there twice in the header', (header, claims) =>
      compact(startingWith('"alg":"none"', header), json(claims), signed),
    ),
    written('a member that is there twice in the key', (header, claims) =>
      compact(json(header).replace('"jwk":{', '"jwk":{"crv":"P-384",'), json(claims), signed),
    ),
    written('a member named __proto__', (header, claims) =>
      compact(json(header), startingWith('"__proto__":{"jti":"x"}', claims), signed),
    ),
    api.refuse(
      'a proof for the access token',
      () => ({
        linesFor: (path) => {
          const text = proofFor(TOKEN, path)
          return [
            ['Authorization', `DPoP ${text}`],
            ['DPoP', text],
          ]
        },
      }),
      'issuer_unknown',
    ),
    api.refuse(
      'a proof that says all that an access token says',
      () => proven(mint({ cnf: { jkt: thumbprintOf(CLIENT) } }, { typ: 'dpop+jwt' })),
      'type_rejected',
    ),
    lines('the access token for the proof', () => [['DPoP', TOKEN]]),
    written('a proof that says all that an access token says, for the proof', (header, claims) =>
      compact(json({ ...header, typ: 'at+jwt' }), json({ ...CLAIMS, ...claims }), signed),
    ),
    lax.refuse('a bound token as bearer token', () => bearer(TOKEN), 'proof_required', 'Bearer'),
    lax.refuse(
      'a bound token as bearer token, with its proof beside it',
      () => withLines(TOKEN, (path) => [['DPoP', proofFor(TOKEN, path)]], 'Bearer'),
      'proof_required',
      'Bearer',
    ),
    lax.refuse(
      'a bound token as bearer token, when it was proven before',
      () => ({ sent: bearer(REMEMBERED), earlier: thrice(() => proven(REMEMBERED)) }),
      'proof_required',
      'Bearer',
    ),
    lax.refuse(
      'a bound token as bearer token with its proof, when it was proven before',
      () => ({
        sent: withLines(REMEMBERED, (path) => [['DPoP', proofFor(REMEMBERED, path)]], 'Bearer'),
        earlier: thrice(() => proven(REMEMBERED)),
      }),
      'proof_required',
      'Bearer',
    ),
    lax.refuse('a token that is bound to no key, under DPoP', () => proven(PLAIN), 'proof_mismatch'),
    api.refuse(
      'a token that is bound to no key, where one is demanded',
      () => bearer(PLAIN),
      'proof_required',
      'Bearer',
    ),
    lax.refuse('a token that is bound to a certificate as well', () => proven(BOTH), 'proof_required'),
  ],
  setUps: [
    set('no URL of its own', { proofs: [dpop('required')] }, /baseUrl/),
    set('a URL over http', { baseUrl: 'http://api.example', proofs: [dpop('required')] }, /baseUrl/),
    set(
      'a URL with a user name',
      { baseUrl: 'https://user@api.example', proofs: [dpop('required')] },
      /baseUrl/,
    ),
    set(
      'a MAC among the algorithms of proofs',
      { baseUrl: BASE, proofs: [deferred(() => dpop({ mode: 'required', algorithms: ['ES256', 'HS256'] }))] },
      /algorithms/,
    ),
    set(
      'a secret for nonces that anybody can guess',
      { baseUrl: BASE, proofs: [deferred(() => dpop({ mode: 'required', nonce: { secret: 'secret' } }))] },
      /secret/,
    ),
  ],
  accepts: [
    api.accept('one proof', () => proven(TOKEN)),
    ...each<(path: string) => string>(
      {
        'the host in mixed case': (path) => `HTTPS://Api.Example${path}`,
        'the default port': (path) => `${BASE}:443${path}`,
        'letters of the path escaped': (path) => `${BASE}${path.replace('th', '%74%68')}`,
        'dot segments': (path) => `${BASE}/x/.././y/..${path}`,
        'dot segments that are escaped': (path) => `${BASE}/x/%2E%2e${path}`,
      },
      (name, uri) => api.accept(`a proof for the URL with ${name}`, () => proven(TOKEN, { uri })),
    ),
    api.accept('a request with a query, which no proof is for', () => ({
      ...proven(TOKEN),
      query: 'a=/../b',
    })),
    cutOff.accept('a proof with the path that a proxy cuts off', () =>
      proven(TOKEN, { uri: (path) => `${BASE}/v1${path}` }),
    ),
    local.accept('a proof for our address', () => proven(TOKEN, { uri: (path) => `${LOOPBACK}${path}` })),
    api.accept('a proof for this API, whatever host the fields name', () =>
      beside([
        ['X-Forwarded-Host', 'other.example'],
        ['Forwarded', 'host=other.example;proto=http'],
        ['X-Original-URL', '/other'],
      ]),
    ),
    api.accept('a proof dated 60 s ago', () => proven(TOKEN, { claims: { iat: NOW - 60 } })),
    api.accept('a proof dated in 5 s', () => proven(TOKEN, { claims: { iat: NOW + 5 } })),
    api.accept('a proof dated half a second ago', () => proven(TOKEN, { claims: { iat: NOW - 0.5 } })),
    api.accept('a jti of 256 characters', () =>
      proven(TOKEN, { claims: { jti: randomUUID().padEnd(256, 'j') } }),
    ),
    api.accept('the jti of another client', () => {
      const claims = { jti: randomUUID() }
      return { sent: proven(bound({}, OTHER), { key: OTHER, claims }), earlier: [proven(TOKEN, { claims })] }
    }),
    api.accept('the jti of a proof that was refused', () => {
      const jti = randomUUID()
      const refused = proven(TOKEN, { claims: { jti, htm: 'POST' } })
      return { sent: proven(TOKEN, { claims: { jti } }), earlier: [refused, refused] }
    }),
    ...each<unknown>(
      { 'DPoP+JWT': 'DPoP+JWT', 'application/dpop+jwt': 'application/dpop+jwt' },
      (name, typ) => api.accept(`a proof whose typ is ${name}`, () => proven(TOKEN, { header: { typ } })),
    ),
    api.accept('x5u, jku and kid beside the key, which nobody reads', () =>
      proven(TOKEN, { header: { x5u: `${ATTACKER}/x`, jku: `${ATTACKER}/jwks`, kid: `${ATTACKER}/k` } }),
    ),
    api.accept('x5u and kid within the key, which nobody reads', () =>
      proven(TOKEN, { header: { jwk: { ...publicOf(CLIENT), x5u: `${ATTACKER}/x`, kid: 'k' } } }),
    ),
    api.accept('members that nobody knows', () => proven(TOKEN, { claims: { more: [[[]]], iss: ATTACKER } })),
    api.accept('ES384', () => proven(bound({}, LARGER), { key: LARGER })),
    api.accept('the name of the field in another case', () =>
      withLines(TOKEN, (path) => [['dpop', proofFor(TOKEN, path)]]),
    ),
    api.accept('the name of the scheme in another case', () =>
      withLines(TOKEN, (path) => [['DPoP', proofFor(TOKEN, path)]], 'dpop'),
    ),
    nonces.accept('the nonce of this minute', async () =>
      proven(TOKEN, { claims: { nonce: await nonceOf() } }),
    ),
    nonces.accept('the nonce of the minute before', async () =>
      proven(TOKEN, { claims: { nonce: await nonceOf({ later: -60 }) } }),
    ),
    lax.accept('a token that is bound to no key, as bearer token', () => bearer(PLAIN), { proof: 'none' }),
    lax.accept('a bound token with a proof, when it was proven before', () => ({
      sent: proven(REMEMBERED),
      earlier: thrice(() => proven(REMEMBERED)),
    })),
  ],
}

/** A proof that differs from a good one in something that it says. */
function bad(name: string, unusual: Unusual): Case {
  const token = unusual.key === WEAK_RSA ? boundToWeak() : TOKEN
  return api.refuse(name, () => proven(token, unusual), 'dpop_proof_invalid')
}

/** A token that an issuer bound to a key of 1,024 bits (RFC 7638 §3). */
function boundToWeak(): string {
  const { e, kty, n } = publicOf(WEAK_RSA)
  return mint({ cnf: { jkt: createHash('sha256').update(json({ e, kty, n })).digest('base64url') } })
}

/** Field lines in place of the one with a good proof. */
function lines(name: string, linesFor: (path: string) => readonly Line[]): Case {
  return api.refuse(name, () => withLines(TOKEN, linesFor), 'dpop_proof_invalid')
}

/** A good proof, and then another text. */
function changed(name: string, change: (text: string) => string): Case {
  return lines(name, (path) => [['DPoP', change(proofFor(TOKEN, path))]])
}

/** A proof that is written and signed anew, out of the parts of a good one. */
function written(name: string, write: (header: Members, claims: Members) => string): Case {
  return changed(name, (text) => {
    const [header, claims] = text
      .split('.', 2)
      .map((segment) => JSON.parse(Buffer.from(segment, 'base64url').toString()) as Members)
    return write(header ?? {}, claims ?? {})
  })
}

/** A proof with any `htu`. */
function forUrl(htu: (path: string) => unknown): Sent {
  return withLines(TOKEN, (path) => [['DPoP', proofFor(TOKEN, path, { claims: { htu: htu(path) } })]])
}

/** A proof, and other fields. */
function beside(fields: readonly Line[], unusual?: Unusual): Sent {
  return {
    headers: [['Authorization', `DPoP ${TOKEN}`], ...fields],
    linesFor: (path) => [['DPoP', proofFor(TOKEN, path, unusual)]],
  }
}

function replays(): readonly Case[] {
  const again = (name: string, change: (first: Sent) => Sent): Case =>
    api.refuse(
      name,
      () => {
        const first = once(proven(TOKEN, { claims: { jti: randomUUID() } }))
        return { sent: change(first), earlier: [first] }
      },
      'dpop_proof_replayed',
    )
  return [
    again('the same proof again', (first) => first),
    again('the same proof again, with another query', (first) => ({ ...first, query: 'again=1' })),
    again('the same proof again, with another body', (first) => ({ ...first, body: 'again' })),
    again('the same proof again, with the other signature', (first) => ({
      ...first,
      linesFor: (path) =>
        (first.linesFor?.(path) ?? []).map(([name, text]): Line => [
          name,
          withSignature(text, otherSignature),
        ]),
    })),
    api.refuse(
      'a new proof with the same jti',
      () => {
        const claims = { jti: randomUUID() }
        return { sent: proven(TOKEN, { claims }), earlier: [proven(TOKEN, { claims })] }
      },
      'dpop_proof_replayed',
    ),
    api.refuse(
      'a new proof with the same jti, for another token of the client',
      () => {
        const claims = { jti: randomUUID() }
        return { sent: proven(bound({ sub: 'user-2' }), { claims }), earlier: [proven(TOKEN, { claims })] }
      },
      'dpop_proof_replayed',
    ),
    afterAMinute(),
  ]
}

/** A proof of a clock that is ahead holds for more than a minute, and is remembered for as long. */
function afterAMinute(): Case {
  let now = NOW
  const clock = (): number => now * 1000
  const twins = proving('required', {
    more: { replayStore: memoryReplayStore({}, clock) },
    options: { now: clock },
  })
  return casesOf(twins).refuse(
    'the same proof of a clock that is ahead, after a minute',
    async () => {
      now = NOW
      const sent = once(proven(TOKEN, { claims: { jti: randomUUID(), iat: NOW + 5 } }))
      await twins.own.verifiers[0]?.authenticate(viewOf(sent))
      now = NOW + 62
      return sent
    },
    'dpop_proof_replayed',
  )
}

/** RFC 7518 §3.4: with (r, s) also (r, n − s) is a signature, and nobody needs a key to know it. */
function otherSignature(bytes: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  return Buffer.concat([
    bytes.subarray(0, 32),
    Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'),
  ])
}

function nonceCases(): readonly Case[] {
  const cases: Readonly<Record<string, () => string | Promise<string>>> = {
    'of the authorization server': () => 'nonce-of-the-authorization-server',
    'of another secret': () => nonceOf({ secret: `${NONCE.secret}!` }),
    'of two minutes ago': () => nonceOf({ later: -120 }),
    'of the next minute': () => nonceOf({ later: 60 }),
    'and one character more': async () => `${await nonceOf()}A`,
    'that is empty': () => '',
  }
  return Object.entries(cases).map(([name, nonce]) =>
    nonces.refuse(
      `a proof with a nonce ${name}`,
      async () => proven(TOKEN, { claims: { nonce: await nonce() } }),
      'dpop_nonce_required',
    ),
  )
}

/** The nonce that a verifier with this secret gives out, so many seconds later. */
async function nonceOf({ later = 0, secret = NONCE.secret } = {}): Promise<string> {
  const proofs = [dpop({ mode: 'required', nonce: { ...NONCE, secret } })]
  const verifier = createVerifier({ ...TRUST, baseUrl: BASE, proofs, now: () => (NOW + later) * 1000 })
  const refused = await verifier.authenticate(viewOf(proven(TOKEN, { claims: { iat: NOW + later } })))
  return isRefusal(refused) ? (refused.fields?.['DPoP-Nonce'] ?? '') : ''
}

/** A request as the verifier sees it, where attacks go to. */
function viewOf({ headers = [], linesFor }: Sent): RequestView {
  const url = '/thing'
  const all = [...headers, ...(linesFor?.(url) ?? [])]
  return {
    method: 'GET',
    url,
    values: (name) => all.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value),
  }
}

function thrice(make: () => Sent): readonly Sent[] {
  return [make(), make(), make()]
}

/** The next character: of the last one of 64 bytes, four bits are spare. */
function spare(last = ''): string {
  return String.fromCodePoint((last.codePointAt(0) ?? 0) + 1)
}

function json(value: unknown): string {
  return JSON.stringify(value)
}

function set(name: string, options: Members, option: RegExp): SetUp {
  return { name, options: { ...TRUST, ...options }, option }
}

/** Makes a method when the verifier is made: a wrong option throws then. */
function deferred<Args extends readonly unknown[], Made>(
  make: () => (...args: Args) => Made,
): (...args: Args) => Made {
  return (...args) => make()(...args)
}
