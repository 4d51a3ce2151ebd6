import type { Verifier, VerifierOptions } from '@require-jwt/core'
import { protect, type App } from '../support/app.js'
import { anHourLater, json, serveDocuments, type Documents } from '../support/issuers.js'
import { P256, published, RSA, STRANGER, type Pair } from '../support/keys.js'
import { bearer, granted, refusal, type Case, type Expected, type Row, type Scene } from '../support/table.js'
import { ISSUER, mint } from '../support/tokens.js'

/** Beyond every clock of these scenes. */
const FAR = 4_000_000_000

const GOOD = mint({ exp: FAR })
/** Its keys are revoked, for the whole process: it has the name to itself. */
const REVOKING = 'https://revoking.example'
const KEYS_URI = 'https://keys.example/jwks'
const MOVED_URI = 'https://keys.example/moved'
const METADATA = `${ISSUER}/.well-known/oauth-authorization-server`
const BOTH = [RSA, P256]

const UNKNOWN = refusal('key_unknown')
const UNAVAILABLE = refusal('keys_unavailable')
const down = (): Response => new Response('', { status: 503 })

/** Section "Keys and discovery": what becomes of tokens when the keys of their issuer change. */
export const changingKeys: readonly Row[] = [
  {
    rules: ['KEY-04'],
    about: 'a new key under an old kid is found by the second request',
    refuses: [
      changing('the first one', [[STRANGER], [RSA]], refusal('signature_invalid')),
      changing('a forged token, however often', [[STRANGER]], refusal('signature_invalid'), {
        earlier: [bearer(GOOD), bearer(GOOD), bearer(GOOD)],
        fetches: 2,
      }),
    ],
    accepts: [changing('the second one', [[STRANGER], [RSA]], granted(), { act: refuseOne, fetches: 2 })],
  },
  {
    rules: ['KEY-04'],
    about: 'a key that the operator revokes is refused at once and for good',
    refuses: [
      operated('its token', UNKNOWN, async (verifier) =>
        verifier.revokeKey({ issuer: REVOKING, kid: 'p256' }),
      ),
      operated('its token, when the issuer was asked again', UNKNOWN, async (verifier) => {
        verifier.revokeKey({ issuer: REVOKING, kid: 'p256' })
        await verifier.refreshKeys()
      }),
    ],
    accepts: [
      operated(
        'a token of another key',
        granted(),
        async (verifier) => verifier.revokeKey({ issuer: REVOKING, kid: 'p256' }),
        RSA,
      ),
    ],
  },
  {
    rules: ['KEY-04'],
    about: 'after refreshKeys a withdrawn key is refused',
    refuses: [changing('its token', [BOTH, [P256]], UNKNOWN, { act: (verifier) => verifier.refreshKeys() })],
    accepts: [
      changing('its token before', [BOTH, [P256]], granted(), { act: async () => undefined }),
      changing('a token of a key that stays', [BOTH, [RSA]], granted(), {
        act: (verifier) => verifier.refreshKeys(),
      }),
    ],
  },
  {
    rules: ['KEY-04'],
    about: 'keys that have moved are found by the metadata, and those that are gone are not used for ever',
    refuses: [moving('which say nothing new', KEYS_URI, 3 * 3600, UNAVAILABLE)],
    accepts: [
      moving('which name another place', MOVED_URI, 3 * 3600, granted()),
      moving('which say nothing new, for a while', KEYS_URI, 1800, granted()),
    ],
  },
  {
    rules: ['KEY-04', 'KEY-01'],
    about: 'keys from a store are those of this issuer, of the place that the options say, and not too old',
    refuses: [
      stored('of another URL', { url: 'https://attacker.example/jwks' }, UNAVAILABLE),
      stored('of another form', { v: 2 }, UNAVAILABLE),
      stored('that are too old', { fetchedAt: 0 }, UNAVAILABLE),
      stored('that say they live for ever', { fetchedAt: 0, ttlMs: 1e300 }, UNAVAILABLE),
      stored('from a time to come', { fetchedAt: FAR * 1000 }, UNAVAILABLE),
      stored('that are secrets', { jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'rsa' }] } }, UNAVAILABLE),
      stored('without the key', { jwks: { keys: [P256.jwk] } }, UNKNOWN),
    ],
    accepts: [stored('as they were written, while the issuer is down', {}, granted())],
  },
]

interface Changes {
  /** Sent before, each after the answer to the one before. */
  readonly earlier?: Scene['earlier']
  /** What happens when the keys are known. */
  readonly act?: (verifier: Verifier) => Promise<void>
  /** How often the keys must have been fetched. */
  readonly fetches?: number
  readonly issuer?: string
  readonly token?: string
}

/** The issuer publishes one list of keys after the other, the last one for ever. */
function changing(
  name: string,
  lists: readonly (readonly Pair[])[],
  expected: Expected,
  { earlier = [], act, fetches, issuer = ISSUER, token = GOOD }: Changes = {},
): Case {
  return {
    name,
    expected,
    scene: async () => {
      const left = [...lists]
      const documents = serveDocuments({
        [KEYS_URI]: () =>
          json({ keys: (left.length > 1 ? left.shift() : left[0])?.map((key) => published(key)) })(),
      })
      const app = fetchingFrom(documents, { issuer })
      if (act) {
        await app.ready()
        await operate(app, act)
      }
      const also = [() => documents.requests.length, fetches] as const
      return { app, earlier, sent: bearer(token), ...(fetches !== undefined && { also }) }
    },
  }
}

/** Both keys are known; the operator does something. */
function operated(
  name: string,
  expected: Expected,
  act: (verifier: Verifier) => Promise<void>,
  key: Pair = P256,
): Case {
  const token = mint({ iss: REVOKING, exp: FAR }, {}, key)
  return changing(name, [BOTH], expected, { act, issuer: REVOKING, token })
}

/** The keys are known; then they are gone from where they were, and the metadata name this place. */
function moving(name: string, place: string, seconds: number, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const { clock, pass } = movable()
      let moved = false
      const documents = serveDocuments({
        [METADATA]: () => json({ issuer: ISSUER, jwks_uri: moved ? place : KEYS_URI })(),
        [KEYS_URI]: () => (moved ? new Response('', { status: 410 }) : json({ keys: [RSA.jwk] })()),
        [MOVED_URI]: json({ keys: [RSA.jwk] }),
      })
      const app = protect({ jwks: undefined, fetch: documents.fetch, now: clock })
      await app.ready()
      moved = true
      pass(seconds)
      return { app, sent: bearer(GOOD) }
    },
  }
}

/** A store has what another process wrote into it, changed; the issuer is down. */
function stored(name: string, change: object, expected: Expected): Case {
  return {
    name,
    expected,
    scene: async () => {
      const kept = new Map<string, string>()
      const store = {
        get: (key: string) => kept.get(key),
        set: (key: string, value: string) => kept.set(key, value),
      }
      const { clock } = movable()
      const up = serveDocuments({ [KEYS_URI]: json({ keys: [RSA.jwk] }) })
      await fetchingFrom(up, { keySet: { store }, now: clock }).ready()
      for (const [key, value] of kept) kept.set(key, JSON.stringify({ ...JSON.parse(value), ...change }))
      const app = fetchingFrom(serveDocuments({ [KEYS_URI]: down }), {
        keySet: { store },
        now: () => clock(),
      })
      return { app, sent: bearer(GOOD) }
    },
  }
}

function fetchingFrom({ fetch }: Documents, options: Partial<VerifierOptions> = {}): App {
  return protect({ jwks: undefined, jwksUri: KEYS_URI, fetch, now: anHourLater(), ...options })
}

async function operate({ verifiers }: App, act: (verifier: Verifier) => Promise<void>): Promise<void> {
  for (const verifier of verifiers) await act(verifier)
}

/** The first request, and the refresh that it begins. */
async function refuseOne(verifier: Verifier): Promise<void> {
  await verifier.verify(GOOD).catch(() => undefined)
  while (verifier.status().sources.some(({ fetching }) => fetching)) {
    // oxlint-disable-next-line no-await-in-loop -- a turn of the event loop after the other
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function movable(): { readonly clock: () => number; readonly pass: (seconds: number) => void } {
  const start = anHourLater()()
  let passed = 0
  return {
    clock: () => start + passed * 1000,
    pass: (seconds) => {
      passed += seconds
    },
  }
}
