import { bearer, each, refusal, type Case } from '../../conformance/support/table.js'
import { CLAIMS, compact, HEADER, mint, NOW, startingWith } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { judged } from '../support/schema.js'
import { against, target } from '../support/target.js'

const api = against()
const exact = against({ clockTolerance: 0 })
const aging = against({ maxTokenAge: 60 })
const lost = against({ now: () => Number.NaN })
const H = JSON.stringify(HEADER)
const LATER = NOW + 240

/** What is no NumericDate, as JSON. */
const NO_DATES: Readonly<Record<string, string>> = {
  'a text': `"${LATER}"`,
  'an empty text': '""',
  null: 'null',
  true: 'true',
  'a list': `[${LATER}]`,
  'an object': '{}',
  '1e999, which is infinity': '1e999',
  'minus infinity': '-1e999',
  '1e308': '1e308',
  'the year 10000': '253402300800',
  milliseconds: String(LATER * 1000),
  'a negative number': '-1',
}

export const time: Attack = {
  name: 'time',
  about: 'a time is a number of seconds of our calendar, and a token has an end',
  source: 'RFC 7519 §4.1.4, CVE-2026-44459',
  refuses: [
    ...each(NO_DATES, (name, value) => api.refuse(`exp: ${name}`, dated('exp', value), 'claim_invalid')),
    ...each(NO_DATES, (name, value) => api.refuse(`nbf: ${name}`, dated('nbf', value), 'claim_invalid')),
    ...each(NO_DATES, (name, value) => api.refuse(`iat: ${name}`, dated('iat', value), 'claim_invalid')),
    api.refuse('no exp', mint({ exp: undefined }), 'claim_missing'),
    api.refuse('EXP in another case', mint({ exp: undefined, EXP: LATER }), 'claim_missing'),
    api.refuse('exp in the header', mint({ exp: undefined }, { exp: LATER }), 'claim_missing'),
    api.refuse('exp 0', mint({ exp: 0 }), 'token_expired'),
    exact.refuse('exp now', mint({ exp: NOW }), 'token_expired'),
    exact.refuse('exp half a second ago', mint({ exp: NOW - 0.5 }), 'token_expired'),
    api.refuse('exp 1e-300', dated('exp', '1e-300'), 'token_expired'),
    exact.refuse('nbf in a second', mint({ nbf: NOW + 1 }), 'token_not_yet_valid'),
    api.refuse('iat in an hour', mint({ iat: NOW + 3600 }), 'token_not_yet_valid'),
    aging.refuse(
      'an exp in years, and an iat too long ago',
      mint({ iat: NOW - 66, exp: NOW + 1e8 }),
      'token_too_old',
    ),
    aging.refuse('no iat, where the age counts', mint({ iat: undefined }), 'claim_missing'),
    lost.refuse('every exp, by a clock that has no time', mint(), 'token_expired'),
    waiting('an exp that passes while the schema of the app is waited for'),
  ],
  accepts: [
    api.accept('exp as a fraction', mint({ exp: LATER + 0.25 })),
    api.accept('exp with an exponent', dated('exp', '1.7672258E9')),
    api.accept('exp on the last day of 9999', mint({ exp: 253_402_300_799 })),
    api.accept('nbf now, to the second', mint({ nbf: NOW })),
    api.accept('nbf 0', mint({ nbf: 0 })),
    api.accept('iat 300 seconds ahead', mint({ iat: NOW + 300 })),
    api.accept('iat 0', mint({ iat: 0 })),
    api.accept('no iat and no nbf', mint({ iat: undefined })),
    aging.accept('an iat of a minute ago, where that is the limit', mint({ iat: NOW - 60 })),
  ],
}

/** Everything was right when the token came. */
function waiting(name: string): Case {
  return {
    name,
    expected: refusal('token_expired'),
    scene: () => {
      let seconds = NOW
      const slow = judged(() => {
        seconds += 300
        return true
      })
      return { app: target({ now: () => seconds * 1000, ...slow }), sent: bearer(mint()) }
    },
  }
}

function dated(name: string, value: string): string {
  return compact(H, startingWith(`"${name}":${value}`, { ...CLAIMS, [name]: undefined }))
}
