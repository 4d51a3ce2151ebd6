import { readFreshness, readRetryAfter } from '../../../packages/core/src/keys/freshness.js'
import { below, mutateText, pick } from '../mutate.js'
import type { Target } from '../target.js'

const NOW = Date.UTC(2030, 0, 1)
const LONGEST = 2 ** 31
const DIRECTIVES = [
  'max-age=600',
  'max-age="60"',
  'MAX-AGE=5',
  'stale-if-error=86400',
  'no-cache',
  'No-Store',
  'public',
  'private="a, max-age=1"',
  'max-age=99999999999999',
  'max-age=x',
  'max-age',
  'stale-if-error=-1',
]
const RETRIES = [
  '120',
  'Tue, 01 Jan 2030 00:02:00 GMT',
  'Tuesday, 01-Jan-30 00:02:00 GMT',
  'Tue Jan  1 00:02:00 2030',
  'Mon, 31 Dec 2029 00:00:00 GMT',
  '-5',
  '1e3',
  '99999999999',
  '2030-01-01',
]

/** The readers of `Cache-Control`, `Age` and `Retry-After`. An input has a line for each; an empty one is absent. */
export const freshness: Target = {
  name: 'freshness',
  rooms: ['keys/freshness.ts'],
  words: [...DIRECTIVES, ...RETRIES, ',', ', ', '=', '"', 'max-age=', '00:00:00', 'Tue, ', '1'],
  maxLength: 32_768,
  generate(random) {
    const control = Array.from({ length: below(4, random) }, () => pick(DIRECTIVES, random)).join(
      pick([', ', ',', ' , '], random),
    )
    const age = pick(['', '10', '700', 'x', '1, 2'], random)
    const lines = [control, age, pick(['', ...RETRIES], random)]
    return random() < 0.4
      ? lines.join('\n')
      : lines.map((line) => mutateText(line, freshness.words, random)).join('\n')
  },
  run: (input) => readFreshness(headersOf(input)) ?? readRetryAfter(headersOf(input), NOW),
  wrap: (text) => `${text}\n${text}\n${text}`,
  check(input) {
    const headers = headersOf(input)
    const fresh = readFreshness(headers)
    const control = headers.get('cache-control')
    if ((fresh === undefined) !== (control === null)) return 'says something where nothing was said'
    for (const ms of [fresh?.maxAgeMs, fresh?.staleIfErrorMs]) {
      if (ms !== undefined && !(ms >= 0)) return 'gives a time that is none'
    }
    const expected = control === null ? undefined : slowFreshness(control, headers.get('age'))
    if (
      expected &&
      (fresh?.maxAgeMs !== expected.maxAgeMs || fresh?.staleIfErrorMs !== expected.staleIfErrorMs)
    )
      return 'reads Cache-Control other than the reference'
    const retry = readRetryAfter(headers, NOW)
    if (!(retry >= 0 && Number.isFinite(retry))) return 'gives a pause that is none'
    const pause = slowRetryAfter(headers.get('retry-after') ?? '')
    return pause === undefined || pause === retry ? undefined : 'reads Retry-After other than the reference'
  },
}

function headersOf(input: string): { get(name: string): string | null } {
  const [control, age, retry] = input.split('\n')
  const fields = new Map([
    ['cache-control', control],
    ['age', age],
    ['retry-after', retry],
  ])
  return { get: (name) => fields.get(name) || null }
}

const WELL_FORMED = /^[!#$%&'*+.^_`|~\w-]+(?:=(?:"[^"\\]*"|[!#$%&'*+.^_`|~\w-]+))?$/

/** Reads a list of well-formed directives whose names have no odd characters; `undefined` for any other. */
function slowFreshness(
  control: string,
  age: string | null,
): { maxAgeMs: number | undefined; staleIfErrorMs: number | undefined } | undefined {
  const directives = splitList(control)
  if (!directives.every((directive) => WELL_FORMED.test(directive) && /^[\w-]+(?:=|$)/.test(directive)))
    return undefined
  const maxAges: number[] = []
  const errors: number[] = []
  for (const directive of directives) {
    const equals = directive.indexOf('=')
    const name = (equals === -1 ? directive : directive.slice(0, equals)).toLowerCase()
    const value = equals === -1 ? undefined : slowSeconds(directive.slice(equals + 1).replaceAll('"', ''))
    if (name === 'no-store' || name === 'no-cache') maxAges.push(0)
    if (name === 'max-age') maxAges.push(value ?? 0)
    if (name === 'stale-if-error') errors.push(value ?? Number.POSITIVE_INFINITY)
  }
  const old = slowSeconds(age ?? '') ?? 0
  return {
    maxAgeMs: maxAges.length === 0 ? undefined : 1000 * Math.max(0, Math.min(...maxAges) - old),
    staleIfErrorMs: errors.length === 0 ? undefined : 1000 * Math.min(...errors),
  }
}

function splitList(text: string): readonly string[] {
  const parts = ['']
  let quoted = false
  for (const char of text) {
    if (char === '"') quoted = !quoted
    if (char === ',' && !quoted) parts.push('')
    else parts.push((parts.pop() ?? '') + char)
  }
  // RFC 9110 §5.6.1: empty elements of a list count for nothing, and space is around elements, not in them.
  return parts.map((part) => part.replace(/^[ \t]+|[ \t]+$/g, '')).filter((part) => part !== '')
}

function slowSeconds(text: string): number | undefined {
  const isNumber = text !== '' && text.split('').every((char) => char >= '0' && char <= '9')
  return isNumber ? Math.min(LONGEST, Number(text)) : undefined
}

// RFC 9110 §5.6.7: IMF-fixdate. The others are read too; of those only that they give a time is looked at.
const IMF = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (Jan|Feb|Dec) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/

function slowRetryAfter(text: string): number | undefined {
  const delay = slowSeconds(text)
  if (delay !== undefined) return delay * 1000
  if (text === '') return 0
  const [, day, month = '', year, hour, minute, second] = IMF.exec(text) ?? []
  if (day === undefined || Number(day) < 1 || Number(day) > 28 || Number(hour) > 23 || Number(minute) > 59)
    return undefined
  if (Number(second) > 59 || Number(year) < 1970) return undefined
  const at = [Number(day), Number(hour), Number(minute), Number(second)] as const
  return Math.max(0, Date.UTC(Number(year), { Jan: 0, Feb: 1, Dec: 11 }[month] ?? 0, ...at) - NOW)
}
