import { authorization, each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, mint, startingWith } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)
const GOOD = mint()
const [HEADER_PART = '', CLAIMS_PART = '', SIGNATURE_PART = ''] = GOOD.split('.')

export const structure: Attack = {
  name: 'structure',
  about: 'header and claims set are JSON objects in UTF-8 with one reading, three segments in all',
  source: 'RFC 7519 §7.2, CVE-2022-39227',
  refuses: [
    ...each(
      {
        'a byte that is no UTF-8': compact(H, withBytes(0xff)),
        'an overlong slash': compact(H, withBytes(0xc0, 0xaf)),
        'half a surrogate pair': compact(H, withBytes(0xed, 0xa0, 0x80)),
        'a character cut short': compact(H, withBytes(0xe2, 0x82)),
        'a byte order mark': compact(H, `\uFEFF${C}`),
        'a byte order mark before the header': compact(`\uFEFF${H}`, C),
        'UTF-16': compact(H, Buffer.from(C, 'utf16le')),
        'a header in UTF-16': compact(Buffer.from(H, 'utf16le'), C),
        'a list': compact(H, `[${C}]`),
        'a text': compact(H, JSON.stringify(C)),
        null: compact(H, 'null'),
        true: compact(H, 'true'),
        'a number': compact(H, '1767225600'),
        // The first character says nothing of these.
        'null behind a space': compact(H, ' null'),
        'a list behind a space': compact(H, ` [${C}]`),
        'a text behind a space': compact(H, ` ${JSON.stringify(C)}`),
        'a number behind a space': compact(H, ' 1767225600'),
        'a list for a header': compact(`[${H}]`, C),
        'null for a header': compact('null', C),
        'a token in a token': compact(H, GOOD),
        'a token in quotes': compact(H, JSON.stringify(GOOD)),
        'two objects': compact(H, `${C}${C}`),
        'something behind the object': compact(H, `${C};`),
        'a zero behind the object': compact(H, `${C}\u0000`),
        'a comma at the end': compact(H, `${C.slice(0, -1)},}`),
        'single quotes': compact(H, C.replaceAll('"', "'")),
        'a comment': compact(H, `{/**/${C.slice(1)}`),
        'a line break in a text': compact(H, startingWith('"a":"\n"', CLAIMS)),
        'a number with a zero in front': compact(H, startingWith('"a":01', CLAIMS)),
        NaN: compact(H, startingWith('"a":NaN', CLAIMS)),
        'sub twice': compact(H, startingWith('"sub":"admin"', CLAIMS)),
        'sub twice, once escaped': compact(H, startingWith('"s\\u0075b":"admin"', CLAIMS)),
        'sub twice, once with a space behind it': compact(H, startingWith('"sub" :"admin"', CLAIMS)),
        'sub twice, once with a line break behind it': compact(H, startingWith('"sub"\n:"admin"', CLAIMS)),
        'exp twice': compact(H, startingWith('"exp":9999999999', CLAIMS)),
        'a member twice, deep inside': compact(H, startingWith('"a":{"b":[{"c":1,"c":2}]}', CLAIMS)),
        'kid twice': compact(startingWith('"kid":"other"', HEADER), C),
        'no object at all': compact(H, ''),
        'the JSON serialization, encoded': base64url(json()),
        'two segments': `${HEADER_PART}.${CLAIMS_PART}`,
        'four segments': `${GOOD}.${SIGNATURE_PART}`,
      },
      (name, token) => api.refuse(name, token, 'token_malformed'),
    ),
    api.refuse('the JSON serialization', authorization(`Bearer ${json()}`), 'request_malformed'),
    api.refuse(
      'a token that is JSON as well',
      authorization(`Bearer {"${GOOD.replace('.', '":"')}"}`),
      'request_malformed',
    ),
    api.refuse('cty, which announces a token inside', mint({}, { cty: 'JWT' }), 'type_rejected'),
  ],
  accepts: [
    api.accept(
      'white space around everything',
      compact(JSON.stringify(HEADER, undefined, '\t'), `\r\n${C}\t`),
    ),
    api.accept('names in escapes', compact(H, C.replace('"iss"', '"\\u0069ss"'))),
    api.accept('a text with every escape', mint({ note: '"\\/\b\f\n\r\t\u0000' })),
    api.accept('a text beyond the basic plane', mint({ name: '\u{1F511}\u{10FFFF}' })),
    api.accept('one name in two objects', mint({ a: { b: 1 }, c: [{ b: 2 }, { b: 3 }] })),
    api.accept('a claims set as the text of a claim', mint({ inner: C })),
    api.accept('what reads like members, in a text', mint({ note: 'of 5": long, "so": to speak' })),
    api.accept('numbers in every form', compact(H, startingWith('"a":[-0,1E2,1e-7,0.5,1e400]', CLAIMS))),
    api.accept('an empty name', compact(H, startingWith('"":null', CLAIMS))),
    api.accept(
      'lists a thousand deep',
      compact(H, startingWith(`"a":${'['.repeat(1000)}${']'.repeat(1000)}`, CLAIMS)),
    ),
    api.accept('a claims set that repeats the header', mint({ alg: 'none', typ: 'none', kid: 'none' })),
  ],
}

function json(): string {
  return JSON.stringify({ payload: CLAIMS_PART, protected: HEADER_PART, signature: SIGNATURE_PART })
}

/** A claims set with bytes of a text exchanged. */
function withBytes(...bytes: readonly number[]): Buffer {
  const text = Buffer.from(startingWith(`"note":"${'?'.repeat(bytes.length)}"`, CLAIMS))
  text.set(bytes, text.indexOf('?'))
  return text
}
