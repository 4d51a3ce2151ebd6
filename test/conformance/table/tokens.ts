import { createCipheriv } from 'node:crypto'
import { protect } from '../support/app.js'
import { P256, published, RSA } from '../support/keys.js'
import { authorization, each, on, type Cases, type Row } from '../support/table.js'
import { base64url, CLAIMS, compact, HEADER, mint, signer, startingWith } from '../support/tokens.js'

const GOOD = mint()
const [HEADER_PART = '', CLAIMS_PART = '', SIGNATURE_PART = ''] = GOOD.split('.')
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)

const api = on(protect())

/** Section "Tokens": their form. */
export const tokens: readonly Row[] = [
  {
    rules: ['JWT-01'],
    about: 'a token is a JWS in compact serialization',
    refuses: [
      ...each(
        {
          'flattened JSON': { payload: CLAIMS_PART, protected: HEADER_PART, signature: SIGNATURE_PART },
          'general JSON': {
            payload: CLAIMS_PART,
            signatures: [{ protected: HEADER_PART, signature: SIGNATURE_PART }],
          },
        },
        (name, jws) => api.refuse(`${name}, in base64url`, base64url(JSON.stringify(jws)), 'token_malformed'),
      ),
      api.refuse(
        'JSON as it is',
        authorization(`Bearer ${JSON.stringify({ payload: CLAIMS_PART })}`),
        'request_malformed',
      ),
      api.refuse('an opaque token', 'VGhpcyBpcyBvcGFxdWU', 'token_malformed'),
      api.refuse('two segments', `${HEADER_PART}.${CLAIMS_PART}`, 'token_malformed'),
      api.refuse('four segments', `${GOOD}.e30`, 'token_malformed'),
      api.refuse('a dot in front', `.${GOOD}`, 'token_malformed'),
      api.refuse('a dot at the end', `${GOOD}.`, 'token_malformed'),
      api.refuse('nothing but dots', '..', 'token_malformed'),
      api.refuse('twelve thousand dots', '.'.repeat(12_000), 'token_malformed'),
      api.refuse('no header', `.${CLAIMS_PART}.${SIGNATURE_PART}`, 'token_malformed'),
      api.refuse('no claims set', `${HEADER_PART}..${SIGNATURE_PART}`, 'token_malformed'),
    ],
    accepts: [api.accept('three segments', GOOD)],
  },
  {
    rules: ['JWT-02'],
    about: 'a token has base64url characters and two dots, nothing else',
    refuses: [
      ...each(
        {
          'padding at the end': `${GOOD}=`,
          'more padding at the end': `${GOOD}==`,
          'a tilde': `${GOOD}~`,
          'a plus of the other alphabet': `${HEADER_PART}.${CLAIMS_PART}.+${SIGNATURE_PART.slice(1)}`,
          'a slash of the other alphabet': `${HEADER_PART}.${CLAIMS_PART}./${SIGNATURE_PART.slice(1)}`,
          'a plus in the claims set': `${HEADER_PART}.+${CLAIMS_PART.slice(1)}.${SIGNATURE_PART}`,
        },
        (name, token) => api.refuse(name, token, 'token_malformed'),
      ),
      ...each(
        {
          'a brace': `${GOOD}{`,
          'a quote': `${GOOD}"`,
          'a space inside': GOOD.replace('.', ' .'),
          'a padded segment': GOOD.replace('.', '=.'),
        },
        (name, token) => api.refuse(name, authorization(`Bearer ${token}`), 'request_malformed'),
      ),
    ],
    accepts: [api.accept('the token alone', GOOD)],
  },
  {
    rules: ['JWT-03'],
    about: 'base64url has one spelling',
    refuses: [
      ...each(
        Object.fromEntries(
          spellings(SIGNATURE_PART).map((text, index) => [`spelling ${index + 1} of the signature`, text]),
        ),
        (name, signature) =>
          api.refuse(name, `${HEADER_PART}.${CLAIMS_PART}.${signature}`, 'token_malformed'),
      ),
      api.refuse('spare bits in the header, signed', spareBits('header'), 'token_malformed'),
      api.refuse('spare bits in the claims set, signed', spareBits('claims'), 'token_malformed'),
      api.refuse('a length that no bytes have', `${GOOD}AAA`, 'token_malformed'),
    ],
    accepts: [api.accept('the canonical spelling', GOOD)],
  },
  {
    rules: ['JWT-04'],
    about: 'header and claims set are JSON objects in UTF-8, each member once',
    refuses: each(
      {
        'alg twice': compact(startingWith('"alg":"none"', HEADER), C),
        'alg twice, once escaped': compact(startingWith('"\\u0061lg":"none"', HEADER), C),
        'kid twice': compact(startingWith('"kid":"other"', HEADER), C),
        'sub twice': compact(H, startingWith('"sub":"admin"', CLAIMS)),
        'exp twice': compact(H, startingWith('"exp":9999999999', CLAIMS)),
        'a member twice, deep inside': compact(H, startingWith('"a":[{"b":1,"b":2}]', CLAIMS)),
        'a byte order mark before the header': compact(`\uFEFF${H}`, C),
        'a byte order mark before the claims set': compact(H, `\uFEFF${C}`),
        'invalid UTF-8 in the header': compact(invalidUtf8(startingWith('"note":"?"', HEADER)), C),
        'invalid UTF-8 in the claims set': compact(H, invalidUtf8(startingWith('"note":"?"', CLAIMS))),
        'UTF-16': compact(H, Buffer.from(C, 'utf16le')),
        'a list as claims set': compact(H, `[${C}]`),
        'a text as claims set': compact(H, JSON.stringify(C)),
        'a number as claims set': compact(H, '1'),
        'null as claims set': compact(H, 'null'),
        'a list as header': compact(`[${H}]`, C),
        'a text as header': compact(JSON.stringify(H), C),
        'something after the claims set': compact(H, `${C}x`),
        'two claims sets': compact(H, `${C}${C}`),
        'a comment': compact(H, `/**/${C}`),
        'an empty claims set': compact(H, ''),
        'another token as claims set': compact(H, GOOD),
      },
      (name, token) => api.refuse(name, token, 'token_malformed'),
    ),
    accepts: [
      api.accept('the same without it', compact(H, C)),
      api.accept('text of all the world', mint({ name: 'Zoë 🔑 – "\\" \u0000' }), { subject: 'user-1' }),
      api.accept('white space', compact(JSON.stringify(HEADER, undefined, 2), `\n${C} `)),
      api.accept('one name in two objects', mint({ a: { b: 1 }, c: { b: 2 } })),
      api.accept('colons and quotes in texts', mint({ 'a:"b"': ':"\\":' })),
      api.accept(
        'a claims set a thousand levels deep',
        compact(H, startingWith(`"a":${'['.repeat(1000)}${']'.repeat(1000)}`, CLAIMS)),
      ),
    ],
  },
  {
    rules: ['JWT-11'],
    about: 'no extension is understood',
    refuses: each<Readonly<Record<string, unknown>>>(
      {
        'an extension': { crit: ['urn:example:x'], 'urn:example:x': true },
        'an extension that is not there': { crit: ['urn:example:x'] },
        'an empty list': { crit: [] },
        'a list that names alg': { crit: ['alg'] },
        'a name twice': { crit: ['x', 'x'], x: 1 },
        'a text': { crit: 'exp' },
        null: { crit: null },
        'a number in the list': { crit: [1] },
        'b64 false, by crit': { crit: ['b64'], b64: false },
        'b64 true, by crit': { crit: ['b64'], b64: true },
        'b64 false, without crit': { b64: false },
      },
      (name, header) => api.refuse(name, mint({}, header), 'critical_header_rejected'),
    ),
    accepts: [
      api.accept('the same name without crit', mint({}, { 'urn:example:x': true })),
      api.accept('no crit', GOOD),
    ],
  },
  {
    rules: ['JWT-13'],
    about: 'kid is text of at most 256 characters that is looked up, and nothing else',
    refuses: [
      ...each(
        {
          'a path': '../../../../dev/null',
          SQL: "' OR 1=1 --",
          'a line break': 'rsa\r\n',
          'the name of every prototype': '__proto__',
          constructor: 'constructor',
          'a URL': 'https://attacker.example/jwks',
          'another case': 'RSA',
          nothing: '',
        },
        (name, kid) => api.refuse(name, mint({}, { kid }), 'key_unknown'),
      ),
      ...each(
        {
          '257 characters': 'k'.repeat(257),
          'ten thousand characters': 'k'.repeat(10_000),
          'a number': 1,
          'a list': ['rsa'],
          'an object': { kid: 'rsa' },
          null: null,
        },
        (name, kid) => api.refuse(name, mint({}, { kid }), 'token_malformed'),
      ),
    ],
    accepts: [
      api.accept('the kid of a key', GOOD),
      withKey({ kid: 'k'.repeat(256) }).accept(
        '256 characters, where a key has them',
        mint({}, { kid: 'k'.repeat(256) }, P256),
      ),
      withKey({ kid: '../../dev/null' }).accept(
        'a path, where a key has it',
        mint({}, { kid: '../../dev/null' }, P256),
      ),
    ],
  },
  {
    rules: ['JWT-25', 'JWT-01'],
    about: 'an encrypted token is refused before anything is decrypted',
    refuses: [
      api.refuse(
        'a token encrypted directly',
        encrypted({ alg: 'dir', enc: 'A256GCM', cty: 'JWT' }, GOOD),
        'token_malformed',
        { detail: /encrypted/ },
      ),
      api.refuse(
        'a password with a billion iterations',
        encrypted({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2s: 'AAAA', p2c: 1e9 }, GOOD),
        'token_malformed',
      ),
      api.refuse(
        'a compressed token',
        encrypted({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }, GOOD),
        'token_malformed',
      ),
      api.refuse(
        'a nested token that is only signed',
        compact(JSON.stringify({ ...HEADER, cty: 'JWT' }), C),
        'type_rejected',
      ),
    ],
    accepts: [api.accept('the signed token inside', GOOD)],
  },
]

function withKey(members: Readonly<Record<string, unknown>>): Cases {
  return on(protect({ jwks: { keys: [published(P256, members)] } }))
}

/** Gives the other texts that a lenient decoder reads as the same bytes. */
function spellings(text: string): readonly string[] {
  const bytes = Buffer.from(text, 'base64url')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet
    .split('')
    .map((last) => text.slice(0, -1) + last)
    .filter((other) => other !== text && Buffer.from(other, 'base64url').equals(bytes))
}

/** Signs a token one segment of which has another spelling. */
function spareBits(segment: 'header' | 'claims'): string {
  const header = segment === 'header' ? respelled(H) : HEADER_PART
  const claims = segment === 'claims' ? respelled(C) : CLAIMS_PART
  const input = `${header}.${claims}`
  return `${input}.${base64url(signer('RS256', RSA)(input))}`
}

/** Encodes text in another spelling; with spaces behind it, until there are bits to spare. */
function respelled(text: string): string {
  const [other] = spellings(base64url(text))
  return other ?? respelled(`${text} `)
}

function invalidUtf8(json: string): Buffer {
  const bytes = Buffer.from(json)
  bytes[bytes.indexOf('?')] = 0xff
  return bytes
}

/** Writes a JWE in compact serialization (RFC 7516 §3.1), with a key of the sender's own. */
function encrypted(header: object, content: string): string {
  const protectedHeader = base64url(JSON.stringify(header))
  const cipher = createCipheriv('aes-256-gcm', Buffer.alloc(32, 1), Buffer.alloc(12, 2)).setAAD(
    Buffer.from(protectedHeader),
  )
  const text = Buffer.concat([cipher.update(content), cipher.final()])
  return [
    protectedHeader,
    '',
    base64url(Buffer.alloc(12, 2)),
    base64url(text),
    base64url(cipher.getAuthTag()),
  ].join('.')
}
