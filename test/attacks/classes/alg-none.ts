import { each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, mint, startingWith } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)
const UNSIGNED = (): Buffer => Buffer.alloc(0)

export const algNone: Attack = {
  name: 'alg-none',
  about: 'a token that says it has no signature has no say',
  source: 'RFC 8725 §2.1, CVE-2022-23540',
  refuses: [
    ...each(
      {
        none: 'none',
        'None, in another case': 'None',
        NONE: 'NONE',
        noNE: 'noNE',
        'a space behind it': 'none ',
        'a space before it': ' none',
        'a tab behind it': 'none\t',
        'a zero behind it': 'none\u0000',
        'a Cyrillic o': 'n\u043Ene',
        'a full-width n': '\uFF4Eone',
        'a soft hyphen inside': 'no\u00ADne',
        'an empty text': '',
        null: null,
        false: false,
        'the number 0': 0,
        'a list': ['none'],
        'an object': { toString: 'none' },
        'no alg at all': undefined,
      },
      (name, alg) =>
        api.refuse(name, compact(JSON.stringify({ ...HEADER, alg }), C, UNSIGNED), 'algorithm_rejected'),
    ),
    api.refuse('none, with the signature of a good token', mint({}, { alg: 'none' }), 'algorithm_rejected'),
    api.refuse(
      'none, with a text for a signature',
      compact(JSON.stringify({ ...HEADER, alg: 'none' }), C, () => Buffer.from('none')),
      'algorithm_rejected',
    ),
    api.refuse(
      'none first, RS256 after it',
      compact(startingWith('"alg":"none"', HEADER), C),
      'token_malformed',
    ),
    api.refuse(
      'RS256 first, none after it',
      compact(`${H.slice(0, -1)},"alg":"none"}`, C, UNSIGNED),
      'token_malformed',
    ),
    api.refuse(
      'none without a third segment',
      `${base64url(JSON.stringify({ alg: 'none' }))}.${base64url(C)}`,
      'token_malformed',
    ),
    against({ algorithms: ['ES256'] }).refuse(
      'none, where the list has one name',
      compact(JSON.stringify({ alg: 'none', kid: 'p256' }), C, UNSIGNED),
      'algorithm_rejected',
    ),
  ],
  accepts: [
    api.accept('RS256 after a parameter named none', mint({}, { none: 'none' })),
    api.accept('RS256 with a claim alg that says none', mint({ alg: 'none' })),
    api.accept('RS256 with its name in escapes', compact(H.replace('"RS256"', '"\\u0052S256"'), C)),
    api.accept('alg as the last parameter', compact(JSON.stringify({ kid: 'rsa', alg: 'RS256' }), C)),
  ],
}
