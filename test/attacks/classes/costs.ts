import { createApp, TRUST, type App } from '../../conformance/support/app.js'
import { json } from '../../conformance/support/issuers.js'
import { ec, P256, STRANGER } from '../../conformance/support/keys.js'
import {
  bearer,
  each,
  granted,
  missing,
  refusal,
  type Case,
  type Expected,
} from '../../conformance/support/table.js'
import {
  AUDIENCE,
  base64url,
  CLAIMS,
  compact,
  HEADER,
  ISSUER,
  mint,
  NOW,
  signer,
  startingWith,
  withSignature,
} from '../../conformance/support/tokens.js'
import type { AuthErrorCode, VerifierOptions } from '@require-jwt/core'
import type { Attack, SetUp } from '../attack.js'
import { judged } from '../support/schema.js'
import { against, publish, target } from '../support/target.js'

const api = against()
const H = JSON.stringify(HEADER)
const C = JSON.stringify(CLAIMS)
const GOOD = mint()
const [HEADER_PART = '', CLAIMS_PART = '', SIGNATURE_PART = ''] = GOOD.split('.')
const FORGED = mint({}, {}, STRANGER)
const ADMIN_PART = base64url(JSON.stringify({ ...CLAIMS, sub: 'admin' }))

export const cachedResult: Attack = {
  name: 'cached-result',
  about: 'what was found out about one token says nothing of another',
  source: 'CVE-2026-35039, CWE-524',
  refuses: [
    ...each(
      {
        'other claims under the same signature': `${HEADER_PART}.${ADMIN_PART}.${SIGNATURE_PART}`,
        'another header under the same signature': `${base64url(JSON.stringify({ ...HEADER, typ: 'JWT' }))}.${CLAIMS_PART}.${SIGNATURE_PART}`,
        'the same claims by a stranger': mint({}, {}, STRANGER),
        'the same claims, and nothing for a signature': `${HEADER_PART}.${CLAIMS_PART}.`,
        'the same end of the signature': withSignature(GOOD, (bytes) =>
          Buffer.concat([changed(bytes.subarray(0, 1)), bytes.subarray(1)]),
        ),
        'the same start of the signature': withSignature(GOOD, (bytes) =>
          Buffer.concat([bytes.subarray(0, -1), changed(bytes.subarray(-1))]),
        ),
      },
      (name, token) => after(name, token, 'signature_invalid'),
    ),
    after(
      'a header with crit that ends like one that was read before',
      compact(`{"crit":["xyz"],${H.slice(1)}`, C),
      'critical_header_rejected',
    ),
    after('the same jti and other claims, expired', mint({ exp: NOW - 60 }), 'token_expired'),
    after('the same token with padding', `${GOOD}=`, 'token_malformed'),
    after('the same claims for another API', mint({ aud: 'urn:other' }), 'audience_mismatch'),
    later('the same token, when it has run out', refusal('token_expired'), aging(300)),
    later('the same token, when it is too old', refusal('token_too_old'), aging(100, { maxTokenAge: 60 })),
    later('the same token, when its key was revoked', refusal('key_unknown'), revoking),
    later(
      'the same token, when its issuer has another key under the kid',
      refusal('signature_invalid'),
      rotating,
    ),
    later('the same token, when the schema of the app likes it no more', refusal('claim_invalid'), judging),
    later(
      'the same token, when the app reads other rights in it',
      refusal('scope_insufficient', missing('read')),
      demanding,
    ),
    elsewhere('the same token, which another API let in', refusal('audience_mismatch')),
    {
      name: 'a forgery that was refused before',
      expected: refusal('signature_invalid'),
      scene: () => ({ app: target(), earlier: [bearer(FORGED), bearer(FORGED)], sent: bearer(FORGED) }),
    },
  ],
  accepts: [
    {
      name: 'the same token again',
      scene: () => ({ app: target(), earlier: [bearer(GOOD), bearer(GOOD)], sent: bearer(GOOD) }),
      expected: granted(),
    },
    {
      name: 'another token with the same jti',
      scene: () => ({ app: target(), earlier: [bearer(GOOD)], sent: bearer(mint({ sub: 'user-2' })) }),
      expected: granted({ subject: 'user-2' }),
    },
    {
      name: 'a good token after its forgery',
      scene: () => ({ app: target(), earlier: [bearer(FORGED)], sent: bearer(GOOD) }),
      expected: granted(),
    },
    {
      name: 'a token that came too soon, when its time has come',
      expected: granted(),
      scene: async () => {
        let now = NOW
        const app = target({ now: () => now * 1000 })
        const token = mint({ nbf: NOW + 60 })
        for (const verifier of app.verifiers) await verifier.verify(token).catch(() => undefined)
        now += 120
        return { app, sent: bearer(token) }
      },
    },
  ],
}

export const patterns: Attack = {
  name: 'patterns',
  about: 'no pattern is matched against a claim, so that none can be slow or keep a state',
  source: 'CVE-2026-35041, CWE-1333',
  refuses: [],
  setUps: [
    set('a pattern for the issuer', 'issuer', /^https:/g),
    set('a list with a pattern for the issuer', 'issuer', [ISSUER, /x/]),
    set('a pattern for the audience', 'audience', /^(a+)+$/),
    set('a list with a pattern for the audience', 'audience', [AUDIENCE, /x/y]),
    set('a function for the audience', 'audience', () => true),
    set('a pattern for the client', 'clientId', /client/),
    set('a pattern for the authorized party', 'authorizedParty', /party/),
  ],
  accepts: [
    against({ audience: '(a+)+$' }).accept(
      'a text that looks like a pattern, to the letter',
      mint({ aud: '(a+)+$' }),
    ),
    against({ clientId: 'client-1' }).accept('a client, to the letter', GOOD),
  ],
}

export const parserCost: Attack = {
  name: 'parser-cost',
  about: 'what it costs to refuse a text does not grow faster than the text, and no text is long',
  source: 'CVE-2025-30204, CVE-2025-27144, CWE-400',
  refuses: [
    ...each(
      {
        'twelve thousand dots': '.'.repeat(12_000),
        'dots after a good token': `${GOOD}${'.'.repeat(10_000)}`,
        'two long segments': `${'A'.repeat(8000)}.${'A'.repeat(8000)}`,
        'a header of brackets': raw('['.repeat(11_000), C),
        'a header of quotes': raw('"'.repeat(11_000), C),
        'a header of backslashes': raw(`{"${'\\\\'.repeat(5000)}`, C),
        'a claims set of opened objects': compact(H, '{"a":'.repeat(2000)),
        'a claims set of digits': compact(H, `{"exp":${'9'.repeat(9000)}x}`),
        'white space without end': compact(H, `{${' '.repeat(10_000)}`),
        'three thousand times the same name': compact(H, `{${'"a":1,'.repeat(1500)}"a":1}`),
      },
      (name, token) => api.refuse(name, token, 'token_malformed'),
    ),
    ...each(
      {
        'a megabyte of letters': 'a'.repeat(2 ** 20),
        'a megabyte of dots': '.'.repeat(2 ** 20),
        'one character too many': `${GOOD}${'A'.repeat(16_385 - GOOD.length)}`,
        'a claims set of 100 KiB, signed': mint({ pad: 'x'.repeat(100 * 1024) }),
        'a signature of 100 KiB': `${HEADER_PART}.${CLAIMS_PART}.${'A'.repeat(100 * 1024)}`,
      },
      (name, token) => api.refuse(name, token, 'token_too_large'),
    ),
    api.refuse(
      '3,500 levels in header and claims set, by a stranger',
      compact(deep(3500, HEADER), deep(1000, CLAIMS), signer('RS256', STRANGER)),
      'signature_invalid',
    ),
    api.refuse(
      'half a megabyte of spaces before rubbish',
      { headers: [['Authorization', `Bearer${' '.repeat(2 ** 19)}"`]] },
      'request_malformed',
    ),
    api.refuse(
      'a megabyte of another scheme',
      { headers: [['Authorization', 'Basic '.repeat(2 ** 17)]] },
      'token_missing',
    ),
    api.refuse(
      'fifty thousand equals signs',
      { headers: [['Authorization', `Bearer ${'='.repeat(50_000)}`]] },
      'request_malformed',
    ),
    api.refuse(
      'two thousand audiences of others',
      mint({ aud: Array.from({ length: 2000 }, () => 'x') }),
      'audience_mismatch',
    ),
    api.refuse(
      'a number of nine thousand digits',
      compact(H, startingWith(`"exp":${'9'.repeat(9000)}`, { ...CLAIMS, exp: undefined })),
      'claim_invalid',
    ),
  ],
  accepts: [
    api.accept('a header of a thousand levels', compact(deep(1000, HEADER), C)),
    api.accept('a claims set of a thousand levels', compact(H, deep(1000, CLAIMS))),
    api.accept(
      'a thousand claims',
      mint(Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`c${at}`, at]))),
    ),
    api.accept('a text of ten thousand characters', mint({ note: '\u00E9'.repeat(5000) })),
    api.accept('half a megabyte of spaces before the token', {
      headers: [['Authorization', `Bearer${' '.repeat(2 ** 19)}${GOOD}`]],
    }),
  ],
}

/** A good token comes first, twice. */
function after(name: string, token: string, code: AuthErrorCode): Case {
  return {
    name,
    scene: () => ({ app: target(), earlier: [bearer(GOOD), bearer(GOOD)], sent: bearer(token) }),
    expected: refusal(code),
  }
}

/** A token that an app lets in, and something that changes afterwards. */
interface Admitted {
  readonly app: App
  readonly token: string
  readonly change: () => void | Promise<void>
}

/** The same token comes again, for the third time, after something else has changed. */
function later(name: string, expected: Expected, make: () => Admitted): Case {
  return {
    name,
    expected,
    scene: async () => {
      const { app, token, change } = make()
      for (const verifier of [...app.verifiers, ...app.verifiers]) await verifier.verify(token)
      await change()
      return { app, sent: bearer(token) }
    },
  }
}

/** Lets seconds pass. */
function aging(seconds: number, options?: Partial<VerifierOptions>): () => Admitted {
  return () => {
    let now = NOW
    return {
      app: target({ now: () => now * 1000, ...options }),
      token: mint({}, {}, P256),
      change: () => void (now += seconds),
    }
  }
}

let issuers = 0

/** Has an issuer of its own: what is revoked stays so for the whole process. */
function revoking(): Admitted {
  issuers += 1
  const issuer = `https://remembering-${issuers}.example`
  const app = target({ issuer })
  return {
    app,
    token: mint({ iss: issuer }, {}, P256),
    change: () => app.verifiers.forEach((verifier) => verifier.revokeKey({ issuer, kid: 'p256' })),
  }
}

function rotating(): Admitted {
  let key = P256
  const jwksUri = publish([], () => json({ keys: [key.jwk] })())
  const app = target({ jwksUri })
  return {
    app,
    token: mint({}, {}, P256),
    change: async () => {
      key = ec('p256', 'ES256', 'P-256')
      await Promise.all(app.verifiers.map((verifier) => verifier.refreshKeys()))
    },
  }
}

function judging(): Admitted {
  let isLiked = true
  return {
    app: target(judged(() => isLiked)),
    token: mint({}, {}, P256),
    change: () => void (isLiked = false),
  }
}

function demanding(): Admitted {
  let scopes = ['read']
  const app = createApp((verify) => {
    const verifier = verify({ ...TRUST, scopesClaim: () => scopes })
    return { steps: ({ requireJwt, requireScope }) => [requireJwt(verifier), requireScope('read')] }
  })
  return { app, token: mint({}, {}, P256), change: () => void (scopes = []) }
}

function elsewhere(name: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const token = mint({}, {}, P256)
      for (const verifier of target().verifiers) await verifier.verify(token)
      return { app: target({ audience: 'urn:other' }), sent: bearer(token) }
    },
  }
}

function set(name: string, option: string, value: unknown): SetUp {
  return { name, options: { ...TRUST, [option]: value }, option: new RegExp(option) }
}

/** Changes one bit of a byte: another byte, whatever the signature happens to be. */
function changed(byte: Buffer): Buffer {
  return Buffer.from([(byte[0] ?? 0) ^ 1])
}

/** Writes an object with a member that is nested. */
function deep(levels: number, rest: object): string {
  return startingWith(`"a":${'['.repeat(levels)}${']'.repeat(levels)}`, rest)
}

function raw(header: string, claims: string): string {
  return compact(header, claims, () => Buffer.alloc(256))
}
