import { RSA } from '../../conformance/support/keys.js'
import { authorization, each } from '../../conformance/support/table.js'
import { base64url, CLAIMS, compact, HEADER, mint, signer } from '../../conformance/support/tokens.js'
import type { Attack } from '../attack.js'
import { against } from '../support/target.js'

const api = against()
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)
const GOOD = mint()
const [HEADER_PART = '', CLAIMS_PART = '', SIGNATURE_PART = ''] = GOOD.split('.')

export const encoding: Attack = {
  name: 'encoding',
  about: 'a token has one spelling',
  source: 'RFC 7515 §5.2, RFC 4648 §3.5',
  refuses: [
    ...each(
      {
        'one sign of padding': `${GOOD}=`,
        'two signs of padding': `${GOOD}==`,
        'five signs of padding': `${GOOD}=====`,
        'spare bits in the signature': respelled(SIGNATURE_PART, `${HEADER_PART}.${CLAIMS_PART}.`),
        'four spare bits in the header': signed(spare(H, 1), CLAIMS_PART),
        'two spare bits in the header': signed(spare(H, 2), CLAIMS_PART),
        'four spare bits in the claims set': signed(HEADER_PART, spare(C, 1)),
        'two spare bits in the claims set': signed(HEADER_PART, spare(C, 2)),
        'a header in base64': signed(
          Buffer.from(withSlash()).toString('base64').replace(/=+$/, ''),
          CLAIMS_PART,
        ),
        'claims in base64': signed(
          HEADER_PART,
          Buffer.from(withSlash()).toString('base64').replace(/=+$/, ''),
        ),
        'three characters more': `${GOOD}AAA`,
        'a tilde': `${GOOD}~`,
        'hexadecimal claims': signed(HEADER_PART, `${Buffer.from(C).toString('hex')}x`),
        'a dot more': `${GOOD}.`,
        'text that is not encoded': `${HEADER_PART}.iss-https.${SIGNATURE_PART}`,
      },
      (name, token) => api.refuse(name, token, 'token_malformed'),
    ),
    ...each(
      {
        'padding inside': GOOD.replace('.', '==.'),
        'a space inside': GOOD.replace('.', '. '),
        'a percent sign': GOOD.replace('.', '%2E'),
        'a zero inside': GOOD.replace('.', '.%00'),
        'a full-width dot': GOOD.replace('.', '\uFF0E'),
        'a zero-width space at the end': `${GOOD}\u200B`,
        'a quote at the end': `${GOOD}"`,
      },
      (name, token) => api.refuse(name, authorization(`Bearer ${token}`), 'request_malformed'),
    ),
    // Another byte, not another spelling.
    api.refuse('a character more', `${GOOD}A`, 'signature_invalid'),
  ],
  accepts: [
    api.accept('dashes and underscores of the right alphabet', signed(base64url(H), base64url(withSlash()))),
    api.accept('a claims set one byte longer', compact(H, `${C} `)),
    api.accept('a claims set two bytes longer', compact(H, ` ${C} `)),
    api.accept('spaces behind the token, which belong to the field', authorization(`Bearer ${GOOD}   `)),
  ],
}

/** Signs two segments as they stand. */
function signed(header: string, claims: string): string {
  const input = `${header}.${claims}`
  return `${input}.${base64url(signer('RS256', RSA)(input))}`
}

/** A claims set whose base64 has both characters that base64url has not. */
function withSlash(): string {
  return JSON.stringify({ ...CLAIMS, note: '>>>???~~~\u00FF\u00FE>>?' })
}

/** Encodes text, and spaces behind it, so that one or two bytes are left over: the last character has bits to spare. */
function spare(text: string, left: 1 | 2): string {
  return Buffer.byteLength(text) % 3 === left ? respelled(base64url(text)) : spare(`${text} `, left)
}

/** Exchanges the last character for the next one of the alphabet: the same bytes to a lenient decoder. */
function respelled(encoded: string, before = ''): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(encoded.slice(-1))
  return `${before}${encoded.slice(0, -1)}${alphabet[last + 1] ?? ''}`
}
