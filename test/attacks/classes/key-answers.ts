import { sealedKeyStore, type FetchLike, type KeyStore } from '@require-jwt/core'
import { protect, type App } from '../../conformance/support/app.js'
import { anHourLater, json } from '../../conformance/support/issuers.js'
import { P256, published, RSA, STRANGER, WEAK_RSA } from '../../conformance/support/keys.js'
import { bearer, each, granted, refusal, type Case, type Expected } from '../../conformance/support/table.js'
import { mint } from '../../conformance/support/tokens.js'
import type { AuthErrorCode } from '@require-jwt/core'
import type { Attack } from '../attack.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const KEYS_URI = 'https://keys.example/jwks'
const GOOD = mint({ exp: FAR })
const EVIL = published(STRANGER, { kid: 'evil' })
const FORGED = mint({ exp: FAR }, { kid: 'evil' }, STRANGER)

/** Answers with the key of an attacker in them, of which none is a key set. */
const POISON: Readonly<Record<string, () => Response>> = {
  'a 203': () => new Response(JSON.stringify({ keys: [EVIL] }), { status: 203 }),
  'a 404': () => new Response(JSON.stringify({ keys: [EVIL] }), { status: 404 }),
  'a redirect with a body': () =>
    new Response(JSON.stringify({ keys: [EVIL] }), {
      status: 302,
      headers: { Location: 'https://attacker.example/jwks' },
    }),
  HTML: json({ keys: [EVIL] }, 'text/html'),
  'a list': json([EVIL]),
  'one key': json(EVIL),
  'half a document': () => new Response(`{"keys":[${JSON.stringify(EVIL)}`),
  '300 KiB': json({ keys: [EVIL], pad: 'x'.repeat(300 * 1024) }),
  '501 keys': json({ keys: Array.from({ length: 501 }, () => EVIL) }),
  'no keys, and one beside them': json({ keys: [], key: EVIL }),
}

export const poisonedAnswer: Attack = {
  name: 'poisoned-answer',
  about: 'an answer that is no key set adds no key to those at hand, and takes none away',
  source: 'CWE-349, CVE-2025-59936',
  refuses: each(POISON, (name, answer) =>
    poisoned(`the key that came with ${name}`, answer, 0, FORGED, refusal('key_unknown')),
  ),
  accepts: [
    ...each(POISON, (name, answer) => poisoned(`a good token after ${name}`, answer, 1201, GOOD, granted())),
    poisoned('a new key that came in a key set', json({ keys: [RSA.jwk, EVIL] }), 0, FORGED, granted()),
  ],
}

type Entry = Readonly<Record<string, unknown>>

export const keyStore: Attack = {
  name: 'key-store',
  about: 'what a store gives is what the issuer could have given, and not too old, or it is not there',
  source: 'CWE-345, CWE-349',
  refuses: [
    ...each<(entry: Entry) => Entry>(
      {
        'from another URL': (entry) => ({ ...entry, url: 'https://attacker.example/jwks' }),
        'from another path': (entry) => ({ ...entry, url: `${KEYS_URI}/other` }),
        'of another form': (entry) => ({ ...entry, v: 2 }),
        'from a time to come': (entry) => ({ ...entry, fetchedAt: Number(entry['fetchedAt']) + 3_600_000 }),
        'older than keys may be': (entry) => ({
          ...entry,
          fetchedAt: Number(entry['fetchedAt']) - 4_201_000,
        }),
        'that says it lives for ever': (entry) => ({ ...entry, fetchedAt: 1, ttlMs: 1e300 }),
        'without a time': (entry) => ({ ...entry, fetchedAt: undefined }),
        'without keys': (entry) => ({ ...entry, jwks: { keys: [] } }),
        'with a secret for a key': (entry) => ({
          ...entry,
          jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'rsa' }] },
        }),
      },
      (name, change) => stored(`an entry ${name}`, changed(change), GOOD, 'keys_unavailable'),
    ),
    stored(
      'a weak key in an entry',
      changed((entry) => ({ ...entry, jwks: { keys: [RSA.jwk, WEAK_RSA.jwk] } })),
      mint({ exp: FAR }, {}, WEAK_RSA),
      'key_unknown',
    ),
    stored('text that is no entry', () => 'keys', GOOD, 'keys_unavailable'),
    sealed('a seal with another key behind it', (text) => text.replace('"rsa"', '"RSA"')),
    sealed(
      'a seal with another first character',
      (text) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`,
    ),
    sealed('what bears no seal', (text) => text.slice(text.indexOf('.') + 1)),
    sealed('a seal of another entry', (text) => text, 'another'),
  ],
  accepts: [
    stored('an entry as it was written', (text) => text, GOOD),
    stored('an entry that is ten minutes old', (text) => text, GOOD, undefined, 600),
    sealed('a seal as it was written', (text) => text, undefined, granted()),
  ],
}

export const isolates: Attack = {
  name: 'isolates',
  about: 'where requests share no promises, those that hang or are forged hold up no other',
  source: 'CWE-400, CWE-833',
  refuses: [
    ...each<readonly [token: string, code: AuthErrorCode]>(
      {
        'a forged signature': [mint({ exp: FAR }, {}, STRANGER), 'signature_invalid'],
        'an invented kid': [FORGED, 'key_unknown'],
        'a token that has run out': [mint(), 'token_expired'],
        'no signature': [mint({ exp: FAR }, { alg: 'none' }), 'algorithm_rejected'],
        'a token for another API': [mint({ exp: FAR, aud: 'urn:other' }), 'audience_mismatch'],
      },
      (name, [token, code]) =>
        beside(`${name}, while the fetch of another request hangs`, 1, token, refusal(code)),
    ),
  ],
  accepts: [
    beside('a good token, while the fetch of another request hangs', 1, GOOD, granted()),
    beside('a good token, while those of ten hang', 10, GOOD, granted()),
  ],
}

/** The issuer published keys; `seconds` later it answers with something else. */
function poisoned(
  name: string,
  answer: () => Response,
  seconds: number,
  token: string,
  expected: Expected,
): Case {
  return {
    name,
    expected,
    scene: async () => {
      const start = anHourLater()()
      let passed = 0
      let answers = json({ keys: [RSA.jwk, P256.jwk] })
      const app = remote(
        async () => answers(),
        () => start + passed * 1000,
      )
      await app.ready()
      passed = seconds
      answers = answer
      return { app, sent: bearer(token) }
    },
  }
}

/** One app has filled the store; another starts with what became of the entry, while the issuer is down. */
function stored(
  name: string,
  change: (text: string) => string,
  token: string,
  code?: AuthErrorCode,
  seconds = 0,
): Case {
  return {
    name,
    expected: code === undefined ? granted() : refusal(code),
    scene: async () => {
      const start = anHourLater()()
      const text = await fill(start, (store) => store)
      const store = { get: () => change(text), set: () => undefined }
      return { app: remote(down, () => start + seconds * 1000, store), sent: bearer(token) }
    },
  }
}

/** The same with a seal. `place` moves the entry of another issuer there. */
function sealed(
  name: string,
  change: (text: string) => string,
  place = '',
  expected: Expected = refusal('keys_unavailable'),
): Case {
  const secret = 'a secret of the seal, which is no password'
  return {
    name,
    expected,
    scene: async () => {
      const start = anHourLater()()
      const text = await fill(start, (raw) => {
        const store = sealedKeyStore(raw, secret)
        return {
          get: (key) => store.get(key),
          set: (key, value, ttlMs) => store.set(place + key, value, ttlMs),
        }
      })
      const store = sealedKeyStore({ get: () => change(text), set: () => undefined }, secret)
      return { app: remote(down, () => start, store), sent: bearer(GOOD) }
    },
  }
}

/** Some requests wait for keys that never come; then one more comes. */
function beside(name: string, count: number, token: string, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const now = anHourLater()
      let fetches = 0
      const app = await new Promise<App>((resolve) => {
        const fetch = async (): Promise<Response> => {
          fetches += 1
          if (fetches === count) resolve(hanging)
          return fetches > count ? json({ keys: [RSA.jwk] })() : new Promise<Response>(() => undefined)
        }
        const hanging = remote(fetch, now, undefined, true)
        for (let request = 0; request < count; request += 1) {
          for (const verifier of hanging.verifiers) verifier.verify(GOOD).catch(() => undefined)
        }
      })
      return { app, sent: bearer(token) }
    },
  }
}

function remote(fetch: FetchLike, now: () => number, store?: KeyStore, isolated = false): App {
  return protect({ jwks: undefined, jwksUri: KEYS_URI, fetch, now, keySet: { store }, isolates: isolated })
}

async function down(): Promise<Response> {
  return new Response('', { status: 404 })
}

/** Gives what an app writes into its store once it has fetched its keys. */
function fill(start: number, wrap: (raw: KeyStore) => KeyStore): Promise<string> {
  return new Promise((resolve, reject) => {
    const store = wrap({ get: () => undefined, set: (_key, text) => resolve(text) })
    remote(
      async () => json({ keys: [RSA.jwk] })(),
      () => start,
      store,
    )
      .ready()
      .catch(reject)
  })
}

function changed(change: (entry: Entry) => Entry): (text: string) => string {
  return (text) => JSON.stringify(change(JSON.parse(text) as Entry))
}
