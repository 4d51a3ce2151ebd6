import { STRANGER } from '../../conformance/support/keys.js'
import { each } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

type Line = readonly [name: string, value: string]

const api = against()
const passing = against({ preflight: 'pass' })
const GOOD = mint()
const BAD = mint({}, {}, STRANGER)
const ORIGIN: Line = ['Origin', 'https://app.example']
const METHOD: Line = ['Access-Control-Request-Method', 'GET']
const FIELDS: Line = ['Access-Control-Request-Headers', 'authorization']
const PREFLIGHT = [ORIGIN, METHOD, FIELDS]

export const preflight: Attack = {
  name: 'preflight',
  about: 'what looks like a preflight is no way around, and where those pass nothing else does',
  source: 'CWE-863, Fetch standard §3.3.2',
  refuses: [
    api.refuse('a preflight', { method: 'OPTIONS', headers: PREFLIGHT }, 'token_missing'),
    api.refuse(
      'a preflight with a bad token',
      { method: 'OPTIONS', headers: [...PREFLIGHT, ['Authorization', `Bearer ${BAD}`]] },
      'signature_invalid',
    ),
    api.refuse(
      'a preflight with a token in its query',
      { method: 'OPTIONS', headers: PREFLIGHT, query: `access_token=${GOOD}` },
      'token_missing',
    ),
    passing.refuse('GET with the fields of one, where they pass', { headers: PREFLIGHT }, 'token_missing'),
    passing.refuse(
      'POST with the fields of one, where they pass',
      { method: 'POST', headers: PREFLIGHT, body: '' },
      'token_missing',
    ),
    passing.refuse(
      'POST that asks to be OPTIONS, where they pass',
      { method: 'POST', headers: [...PREFLIGHT, ['X-HTTP-Method-Override', 'OPTIONS']], body: '' },
      'token_missing',
    ),
    ...each<readonly Line[]>(
      { 'no fields': [], 'no origin': [METHOD, FIELDS], 'no method that is asked for': [ORIGIN, FIELDS] },
      (name, headers) =>
        passing.refuse(
          `OPTIONS with ${name}, where preflights pass`,
          { method: 'OPTIONS', headers },
          'token_missing',
        ),
    ),
    passing.refuse(
      'one with a bad token, where they pass',
      { method: 'OPTIONS', headers: [...PREFLIGHT, ['Authorization', `Bearer ${BAD}`]] },
      'signature_invalid',
    ),
  ],
  accepts: [
    api.accept('a preflight with a good token', {
      method: 'OPTIONS',
      headers: [...PREFLIGHT, ['Authorization', `Bearer ${GOOD}`]],
    }),
    passing.accept('GET with the fields of one and a good token', {
      headers: [...PREFLIGHT, ['Authorization', `Bearer ${GOOD}`]],
    }),
  ],
}
