import { STRANGER } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const GOOD = mint()
const BAD = mint({}, {}, STRANGER)

const ASKING = {
  'If-None-Match that fits anything': ['If-None-Match', '*'],
  'If-None-Match with a tag': ['If-None-Match', 'W/"3a-x", "x"'],
  'If-Modified-Since in the future': ['If-Modified-Since', 'Fri, 31 Dec 2100 23:59:59 GMT'],
  'If-Match that fits nothing': ['If-Match', '"x"'],
  'a range': ['Range', 'bytes=0-0'],
  'Cache-Control that allows what is stale': ['Cache-Control', 'max-stale=86400'],
  'Cache-Control that wants a stored answer': ['Cache-Control', 'only-if-cached'],
} as const

export const caching: Attack = {
  name: 'caching',
  about: 'a refusal is whole and never cached, whatever a request says of caches',
  source: 'CWE-525, RFC 9111 §3.5',
  refuses: [
    ...each<readonly [string, string]>(ASKING, (name, line) =>
      api.refuse(`${name}, without a token`, { headers: [line] }, 'token_missing'),
    ),
    ...each<readonly [string, string]>(ASKING, (name, line) =>
      api.refuse(
        `${name}, with a bad token`,
        { headers: [line, ['Authorization', `Bearer ${BAD}`]] },
        'signature_invalid',
      ),
    ),
    api.refuse('HEAD without a token', { method: 'HEAD' }, 'token_missing', { body: '' }),
  ],
  accepts: [
    api.accept('a tag of another answer beside a good token', {
      headers: [
        ['If-None-Match', '"x"'],
        ['Authorization', `Bearer ${GOOD}`],
      ],
    }),
    api.accept('only-if-cached beside a good token', {
      headers: [
        ['Cache-Control', 'only-if-cached'],
        ['Authorization', `Bearer ${GOOD}`],
      ],
    }),
  ],
}
