import type { Sent } from '../conformance/support/http.js'
import { mint } from '../conformance/support/tokens.js'

/** Field lines that a proxy and an API may read in two ways. */
export interface Lines {
  /** Completes "refuses …", "keeps to the caller's own token, or refuses, with …" or "accepts …". */
  readonly name: string
  readonly headers: NonNullable<Sent['headers']>
}

/** One kind of lines. Without what is hostile in them, the caller is `user-1`, or nobody. */
export interface Kind {
  readonly kind: string
  /** The handler never runs. */
  readonly refuses: readonly Lines[]
  /** The caller is `user-1`, as without them, or refused. */
  readonly keeps: readonly Lines[]
  /** Neighbours, by which `user-1` gets through. */
  readonly accepts: readonly Lines[]
}

type Line = readonly [name: string, value: string]

const AUTHORIZATION = 'Authorization'
const TOKEN = mint()
const OWN: Line = [AUTHORIZATION, `Bearer ${TOKEN}`]
const OTHER: Line = [AUTHORIZATION, `Bearer ${mint({ sub: 'user-2' })}`]
const PASSWORD: Line = [AUTHORIZATION, 'Basic dXNlcjpwYXNz']

export const KINDS: readonly Kind[] = [
  {
    kind: 'doubled',
    refuses: [
      lines('the same field twice', OWN, OWN),
      lines('two tokens', OWN, OTHER),
      lines('two tokens, one under a name in another case', OWN, ['authorization', OTHER[1]]),
      lines('two tokens, far apart', OWN, ...small(50), OTHER),
      lines('three tokens', OWN, OWN, OTHER),
      lines('a password before the token', PASSWORD, OWN),
      lines('a password behind the token', OWN, PASSWORD),
      lines('an empty field before the token', [AUTHORIZATION, ''], OWN),
      lines('two tokens in one field', [AUTHORIZATION, `${OWN[1]}, ${OTHER[1]}`]),
      lines('two tokens, one with a space before the colon', OWN, [`${AUTHORIZATION} `, OTHER[1]]),
      lines('two tokens, one with a tab before the colon', OTHER, [`${AUTHORIZATION}\t`, OWN[1]]),
    ],
    keeps: [
      lines('a field that Connection names', ['Connection', AUTHORIZATION], OWN),
      lines('two hosts', ['Host', 'other.example'], OWN),
    ],
    accepts: [
      lines('one field', OWN),
      lines('another field twice', ['X-Note', 'a'], OWN, ['X-Note', 'b']),
      lines('a token for somebody else beside it', OWN, ['Proxy-Authorization', OTHER[1]]),
    ],
  },
  {
    kind: 'folded',
    refuses: [
      lines('a token that is folded into another field', ['X-Note', `a\r\n ${AUTHORIZATION}: ${OWN[1]}`]),
      lines('the same with a tab', ['X-Note', `a\r\n\t${AUTHORIZATION}: ${OWN[1]}`]),
      lines('a token behind a bare CR in another field', ['X-Note', `a\r${AUTHORIZATION}: ${OWN[1]}`]),
      lines('a fold within the token', [AUTHORIZATION, `${OWN[1].slice(0, 60)}\r\n ${OWN[1].slice(60)}`]),
      lines('a second token in a fold', [AUTHORIZATION, `${OWN[1]}\r\n , ${OTHER[1]}`]),
      lines('a second token in a fold, without a comma', [AUTHORIZATION, `${OWN[1]}\r\n ${OTHER[1]}`]),
    ],
    keeps: [
      lines('a fold before the token', [AUTHORIZATION, `Bearer\r\n ${TOKEN}`]),
      lines('a fold with a tab before the token', [AUTHORIZATION, `Bearer\r\n\t${TOKEN}`]),
      lines('a fold before the scheme', [AUTHORIZATION, `\r\n ${OWN[1]}`]),
      lines('a fold behind the token', [AUTHORIZATION, `${OWN[1]}\r\n `]),
      lines('a fold after a bare LF', [AUTHORIZATION, `Bearer\n ${TOKEN}`]),
      lines('a line before it that ends with a bare LF', ['X-Note', `a\n${AUTHORIZATION}: ${OWN[1]}`]),
      lines('another token that is folded into another field', OWN, [
        'X-Note',
        `a\r\n ${AUTHORIZATION}: ${OTHER[1]}`,
      ]),
    ],
    accepts: [
      lines('spaces around the value', [AUTHORIZATION, `   ${OWN[1]}  `]),
      lines('spaces before the token', [AUTHORIZATION, `Bearer   ${TOKEN}`]),
      lines('the name of the field in the value of another', OWN, [
        'X-Note',
        `${AUTHORIZATION}: ${OTHER[1]}`,
      ]),
    ],
  },
  {
    kind: 'underscored',
    refuses: underscored((name) => lines(`a token in ${name}`, [name, OWN[1]])),
    keeps: underscored((name) => lines(`another token in ${name}`, [name, OTHER[1]], OWN)),
    accepts: [
      lines('an underscore in the name of another field', ['x_request_id', 'a'], OWN),
      lines('an underscore in the value of another field', ['X-Note', 'a_b'], OWN),
      lines('another token in X-Authorization', ['X-Authorization', OTHER[1]], OWN),
    ],
  },
  {
    kind: 'oversized',
    refuses: [
      lines('20,000 characters behind the token', OWN, pad(20_000)),
      lines('20,000 characters before the token', pad(20_000), OWN),
      lines('40,000 characters behind the token', OWN, pad(40_000)),
      lines('40,000 characters before the token', pad(40_000), OWN),
      lines('300,000 characters behind the token', OWN, pad(300_000)),
      lines('four fields of 6,000 characters', OWN, ...Array.from({ length: 4 }, () => pad(6000))),
      lines('a name of 40,000 characters', OWN, ['x'.repeat(40_000), 'a']),
      lines('a token of 17,000 characters', [AUTHORIZATION, `Bearer ${longToken(17_000)}`]),
      lines('a token of 40,000 characters', [AUTHORIZATION, `Bearer ${longToken(40_000)}`]),
      lines('3,000 small fields behind the token', OWN, ...small(3000)),
      lines('3,000 small fields before the token', ...small(3000), OWN),
      lines('3,000 small fields between two tokens', OWN, ...small(3000), OTHER),
    ],
    keeps: [
      lines('200 small fields behind the token', OWN, ...small(200)),
      lines('200 small fields before the token', ...small(200), OWN),
    ],
    accepts: [
      lines('10,000 characters behind the token', OWN, pad(10_000)),
      lines('10,000 characters before the token', pad(10_000), OWN),
      lines('a token of 14,000 characters', [AUTHORIZATION, `Bearer ${longToken(14_000)}`]),
      lines('90 small fields', ...small(45), OWN, ...small(45)),
    ],
  },
]

function lines(name: string, ...headers: readonly Line[]): Lines {
  return { name, headers }
}

// What becomes `Authorization`, or looks like it, where `_` counts as `-` or is left out.
function underscored(make: (name: string) => Lines): readonly Lines[] {
  return [
    'Authorization_',
    '_Authorization',
    'Authorization_x',
    'Autho_rization',
    'x_authorization',
    'HTTP_AUTHORIZATION',
    'http_authorization',
    'proxy_authorization',
  ].map(make)
}

function small(count: number): readonly Line[] {
  return Array.from({ length: count }, () => ['a', 'b'])
}

function pad(length: number): Line {
  return ['X-Pad', 'x'.repeat(length)]
}

/** A good token, of about this many characters. */
function longToken(length: number): string {
  return mint({ pad: 'x'.repeat((length - TOKEN.length) * 0.75) })
}
