import { ec, P256, published, STRANGER } from '../../conformance/support/keys.js'
import { bearer, each, granted, refusal, type Case } from '../../conformance/support/table.js'
import { CLAIMS, compact, HEADER, hmac, mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { ATTACKER } from '../support/attacker.js'
import { asked, against, publish, target } from '../support/target.js'

const api = against()
const twins = against({}, [P256.jwk, ec('other', 'ES256', 'P-256').jwk])
const C = JSON.stringify(CLAIMS)

const KIDS: Readonly<Record<string, string>> = {
  'a path to an empty file': '../../../../../../dev/null',
  'a path with encoded dots': '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  'a path of Windows': '..\\..\\windows\\win.ini',
  SQL: "x' UNION SELECT 'AAAA' --",
  'a shell command': '$(sleep 10)',
  'another command': 'rsa|sleep 10',
  'a template': '{{constructor.constructor("return process")()}}',
  'the name of every prototype': '__proto__',
  constructor: 'constructor',
  hasOwnProperty: 'hasOwnProperty',
  'an index of the list': '0',
  'a URL': `${ATTACKER}/jwks`,
  'the kid in another case': 'RSA',
  'the kid and a zero': 'rsa\u0000',
  'the kid and a space': 'rsa ',
  'an empty text': '',
  'a pattern': '.*',
  '256 characters': 'k'.repeat(256),
  'an emoji': '\u{1F511}',
}

const strange = (kid: string): Case =>
  against({}, [published(P256, { kid })]).accept(
    `${JSON.stringify(kid.slice(0, 40))}, where a key has it`,
    mint({}, { kid }, P256),
  )

export const kid: Attack = {
  name: 'kid',
  about: 'kid is text that is looked up among the keys of the issuer, and nothing else',
  source: 'RFC 8725 §3.10, CWE-22, CWE-89',
  refuses: [
    ...each(KIDS, (name, value) => api.refuse(name, mint({}, { kid: value }, STRANGER), 'key_unknown')),
    twins.refuse('no kid, and two keys that fit', mint({}, { kid: undefined }, P256), 'key_unknown'),
    api.refuse('a path, and a MAC with an empty key', emptyMac('/dev/null'), 'algorithm_rejected'),
    ...each<unknown>(
      {
        '257 characters': 'k'.repeat(257),
        'eight thousand characters': 'k'.repeat(8000),
        'a number': 0,
        'a list': ['rsa'],
        'an object': { $ne: '' },
        null: null,
        true: true,
      },
      (name, value) => api.refuse(name, mint({}, { kid: value }), 'token_malformed'),
    ),
  ],
  accepts: [
    strange('../../dev/null'),
    strange("' OR 1=1 --"),
    strange('__proto__'),
    strange('constructor'),
    strange(''),
    strange('\u{1F511} k\u0000'),
    strange('k'.repeat(256)),
    api.accept('no kid, one key that fits', mint({}, { kid: undefined })),
  ],
}

export const kidFlood: Attack = {
  name: 'kid-flood',
  about: 'invented kids cost the issuer two questions, and good tokens nothing',
  source: 'CVE-2026-48524',
  refuses: [
    flood('sixty random kids', (index) => `${index}-${Math.sin(index)}`),
    flood('one kid sixty times', () => 'the same'),
    flood('kids that differ in case', (index) =>
      'abcdef'.replace('abcdef'[index % 6] ?? '', (c) => c.toUpperCase()),
    ),
    flood(
      'kids that are names of Object.prototype',
      (index) => ['toString', 'valueOf', '__proto__'][index % 3] ?? '',
    ),
    flood('kids of every length', (index) => 'k'.repeat(index + 1)),
    flood('kids that begin like a good one', (index) => `rsa${index}`),
  ],
  accepts: [
    flooded('a good token after sixty bad ones', () => mint()),
    flooded('a good token of another key after sixty bad ones', () => mint({}, {}, P256)),
  ],
}

/** Sixty tokens, the last of them looked at. The keys are asked for at the first token, and twice for unknown kids. */
function flood(name: string, kidOf: (index: number) => string): Case {
  const tokens = Array.from({ length: 60 }, (_, index) => mint({}, { kid: kidOf(index) }, STRANGER))
  return {
    name,
    expected: refusal('key_unknown'),
    scene: () => {
      const jwksUri = publish()
      const [first = '', ...rest] = tokens
      const app = target({ jwksUri })
      return { app, sent: bearer(first), together: rest.map(bearer), also: [() => asked(jwksUri) <= 3, true] }
    },
  }
}

function flooded(name: string, token: () => string): Case {
  return {
    name,
    expected: granted(),
    scene: () => {
      const jwksUri = publish()
      const earlier = Array.from({ length: 60 }, (_, index) =>
        bearer(mint({}, { kid: `none-${index}` }, STRANGER)),
      )
      return {
        app: target({ jwksUri }),
        earlier,
        sent: bearer(token()),
        also: [() => asked(jwksUri) <= 3, true],
      }
    },
  }
}

function emptyMac(value: string): string {
  return compact(JSON.stringify({ ...HEADER, alg: 'HS256', kid: value }), C, hmac(256, ''))
}
