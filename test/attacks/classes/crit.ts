import { each } from '../../conformance/support/table.js'
import {
  base64url,
  CLAIMS,
  compact,
  HEADER,
  mint,
  signer,
  startingWith,
} from '../../conformance/support/tokens.js'
import { RSA } from '../../conformance/support/keys.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const C = JSON.stringify(CLAIMS)

export const crit: Attack = {
  name: 'crit',
  about: 'what a token calls critical is not understood, so it is refused',
  source: 'RFC 7515 §4.1.11, CVE-2025-59420',
  refuses: [
    ...each<Readonly<Record<string, unknown>>>(
      {
        'an unknown extension': { crit: ['urn:example:x'], 'urn:example:x': true },
        'an extension that is not there': { crit: ['urn:example:x'] },
        'an empty list': { crit: [] },
        'a registered parameter': { crit: ['alg'] },
        itself: { crit: ['crit'] },
        'a name of every object': { crit: ['toString'] },
        'the name of every prototype': { crit: ['__proto__'] },
        'a name twice': { crit: ['x', 'x'], x: 1 },
        'a text': { crit: 'exp' },
        'an object': { crit: { 0: 'exp', length: 1 } },
        null: { crit: null },
        false: { crit: false },
        'a list in a list': { crit: [['b64']] },
        'a thousand names': { crit: Array.from({ length: 1000 }, (_, index) => `x${index}`) },
        'b64 false': { crit: ['b64'], b64: false },
        'b64 true': { crit: ['b64'], b64: true },
        'http://openbanking.org.uk/iat': { crit: ['http://openbanking.org.uk/iat'] },
      },
      (name, header) => api.refuse(name, mint({}, header), 'critical_header_rejected'),
    ),
    api.refuse('b64 false, without crit', mint({}, { b64: false }), 'critical_header_rejected'),
    api.refuse('a payload that is signed as it stands (RFC 7797)', unencoded(), 'critical_header_rejected'),
    api.refuse(
      'crit, once escaped',
      compact(startingWith('"\\u0063rit":["x"]', HEADER), C),
      'critical_header_rejected',
    ),
    api.refuse('crit twice', compact(startingWith('"crit":[],"crit":["x"]', HEADER), C), 'token_malformed'),
  ],
  accepts: [
    api.accept('an extension that is not critical', mint({}, { 'urn:example:x': true })),
    api.accept('Crit in another case', mint({}, { Crit: ['x'] })),
    api.accept('a claim named crit', mint({ crit: ['exp'] })),
    api.accept('a claim named b64', mint({ b64: false })),
  ],
}

/** The same bytes are signed whether the payload is read as base64url or as it stands. */
function unencoded(): string {
  const header = base64url(JSON.stringify({ ...HEADER, b64: false, crit: ['b64'] }))
  const input = `${header}.${base64url(C)}`
  return `${input}.${base64url(signer('RS256', RSA)(input))}`
}
