import * as fc from 'fast-check'
import type { Caching, Fault, IssuerMood, MetadataMood, PublicKey } from './issuer.test-support.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** What a schedule is played with. */
export interface Setup {
  readonly ttlMs: number | undefined
  readonly staleWhileRevalidateMs: number | undefined
  readonly staleIfErrorMs: number
  readonly waitMs: number
  readonly fetchTimeoutMs: number
  /** What every random number is. */
  readonly random: number
  /** Which form of the metadata URL the issuer serves; `undefined`: the JWKS URL is configured. */
  readonly form: number | undefined
  readonly isolated: boolean
  /** How the store behaves at first; `undefined`: there is none. */
  readonly store: StoreMood | undefined
}

/** How a store behaves. */
export type StoreMood = 'works' | 'slow' | 'late' | 'throws' | 'hangs'

/** What stands in a store that the source did not write. */
export type Planted = 'stale' | 'fresh' | 'future' | 'old' | 'foreign' | 'version' | 'broken' | 'unusable'

/** One thing that happens. */
export type Step =
  | { readonly do: 'pass'; readonly ms: number }
  /** Also what a suspended machine sees: the wall clock goes on, the monotonic one does not. */
  | { readonly do: 'set the wall clock'; readonly by: number }
  | {
      readonly do: 'ask'
      readonly verifier: 0 | 1
      readonly kids: readonly (string | undefined)[]
      readonly everyMs: number
      readonly waitUntil: boolean
    }
  | { readonly do: 'suspect'; readonly times: number; readonly everyMs: number; readonly waitUntil: boolean }
  | { readonly do: 'ready' | 'refresh' | 'restart' }
  | { readonly do: 'revoke'; readonly kid: string }
  | { readonly do: 'be an issuer'; readonly mood: IssuerMood }
  | { readonly do: 'have metadata'; readonly mood: MetadataMood }
  | { readonly do: 'close' | 'open'; readonly verifier: 0 | 1 }
  | { readonly do: 'be a store'; readonly mood: StoreMood }
  | { readonly do: 'plant'; readonly what: Planted; readonly keys: readonly PublicKey[] }

const setup: fc.Arbitrary<Setup> = fc
  .record({
    ttlMs: fc.constantFrom(undefined, undefined, MINUTE, 10 * MINUTE, HOUR),
    staleWhileRevalidateMs: fc.constantFrom(undefined, undefined, 0, 30 * SECOND, 30 * MINUTE),
    staleIfErrorMs: fc.constantFrom(HOUR, HOUR, 0, MINUTE, 24 * HOUR),
    waitMs: fc.constantFrom(5 * SECOND, 5 * SECOND, 0, SECOND, 20 * SECOND),
    fetchTimeoutMs: fc.constantFrom(15 * SECOND, 15 * SECOND, 2 * SECOND, MINUTE),
    random: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.99, noNaN: true })),
    form: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
    isolated: fc.constantFrom(false, false, false, true),
    store: fc.constantFrom(undefined, undefined, 'works' as const, 'slow' as const),
  })
  .map((figures) => ({
    ...figures,
    staleWhileRevalidateMs:
      figures.staleWhileRevalidateMs && Math.min(figures.staleWhileRevalidateMs, figures.staleIfErrorMs),
  }))

const verifier = fc.constantFrom<0 | 1>(0, 0, 0, 1)
const kidName = fc.constantFrom('a', 'b', 'c', 'd')
const hostileKid = fc.constantFrom(
  'https://evil.example/jwks',
  '//evil.example/jwks',
  '../../evil',
  '/evil?jku=https://evil.example',
  'idp.example@evil.example',
  '#',
  '',
  '__proto__',
  'constructor',
  'x'.repeat(256),
)
const kids = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(fc.option(kidName, { freq: 6, nil: undefined }), { minLength: 1, maxLength: 6 }),
  },
  { weight: 2, arbitrary: fc.array(hostileKid, { minLength: 1, maxLength: 6 }) },
  // Each is asked once: nothing that was remembered helps.
  { weight: 2, arbitrary: fc.array(fc.uuid(), { minLength: 2, maxLength: 12 }) },
)
const everyMs = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: SECOND }),
  fc.integer({ min: 0, max: 20 * SECOND }),
)
const ms = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 2 * SECOND }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: MINUTE }) },
  { weight: 3, arbitrary: fc.integer({ min: MINUTE, max: 80 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: HOUR, max: 26 * HOUR }) },
)
const publicKeys: fc.Arbitrary<readonly PublicKey[]> = fc.uniqueArray(
  fc.record({ kid: kidName, seed: fc.constantFrom('1', '2', '3', '4', '5') }),
  { minLength: 1, maxLength: 3, selector: ({ kid }) => kid },
)
// Never on the very moment at which a flight or a wait ends: who comes first then is nobody's promise.
const afterMs = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * SECOND }).map((whole) => whole + 0.25) },
)
const caching: fc.Arbitrary<Caching | undefined> = fc.option(
  fc.record({
    directive: fc.constantFrom('max-age', 'max-age', 'no-store', 'no-cache', 'private', 'must-revalidate'),
    maxAge: fc.constantFrom(0, 30, 60, 90, 300, 3600, 100_000),
    age: fc.constantFrom(undefined, undefined, 10, 50, 4000),
    staleIfError: fc.constantFrom(undefined, undefined, 0, 30, 600, 100_000),
  }),
  { freq: 3, nil: undefined },
)
const fault: fc.Arbitrary<Fault> = fc.record({
  fault: fc.constantFrom<Fault['fault']>(
    'status 500',
    'status 503',
    'status 429',
    'status 408',
    'status 401',
    'status 404',
    'status 410',
    'status 302',
    'status 304',
    'no connection',
    'hangs',
    'hangs in the body',
    'no keys',
    'no usable keys',
    'no JSON',
    'HTML',
    'too long',
    'says that it is too long',
  ),
  retryAfter: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    '0',
    '7',
    '40',
    '3600',
    '999999999999',
    'soon',
  ),
  afterMs,
})
const good: fc.Arbitrary<IssuerMood> = fc.record({
  keys: publicKeys,
  afterMs,
  caching,
  validator: fc.constantFrom('etag', 'last-modified', undefined),
  answersConditions: fc.boolean(),
})
const metadata: fc.Arbitrary<MetadataMood> = fc.oneof(
  fc.record({ place: fc.constantFrom('jwks', 'moved'), afterMs }),
  fc.record({
    fault: fc.constantFrom<Exclude<MetadataMood, { place: string }>['fault']>(
      'status 503',
      'status 404',
      'no connection',
      'hangs',
      'another issuer',
      'http',
      'no JSON',
      'HTML',
    ),
    afterMs,
  }),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: ms.map((time): Step => ({ do: 'pass', ms: time })) },
  {
    weight: 2,
    arbitrary: fc
      .integer({ min: -3 * HOUR, max: 2 * HOUR })
      .map((by): Step => ({ do: 'set the wall clock', by })),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      verifier,
      kids,
      everyMs,
      waitUntil: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('suspect' as const),
      times: fc.integer({ min: 1, max: 5 }),
      everyMs,
      waitUntil: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'ready' }, { do: 'refresh' }, { do: 'restart' }) },
  { weight: 1, arbitrary: kidName.map((kid): Step => ({ do: 'revoke', kid })) },
  { weight: 4, arbitrary: good.map((mood): Step => ({ do: 'be an issuer', mood })) },
  { weight: 3, arbitrary: fault.map((mood): Step => ({ do: 'be an issuer', mood })) },
  { weight: 2, arbitrary: metadata.map((mood): Step => ({ do: 'have metadata', mood })) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('close' as const, 'open' as const, 'open' as const),
      verifier,
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<StoreMood>('works', 'slow', 'late', 'throws', 'hangs')
      .map((mood): Step => ({ do: 'be a store', mood })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('plant' as const),
      what: fc.constantFrom<Planted>(
        'stale',
        'fresh',
        'future',
        'old',
        'foreign',
        'version',
        'broken',
        'unusable',
      ),
      keys: publicKeys,
    }),
  },
)

/** Any setup, with anything that may happen in it. */
export const schedules: fc.Arbitrary<{ readonly setup: Setup; readonly steps: readonly Step[] }> = fc.record({
  setup,
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
})
