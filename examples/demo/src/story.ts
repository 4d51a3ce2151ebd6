import type { Fault, TokenClaims } from '@require-jwt/testing'

/** What the demo tells, in order: data, and nothing that runs. */
export interface Chapter {
  readonly question: string
  readonly rows: readonly Row[]
}

/** One request to each framework, and the answer that all of them are told to give. */
export interface Row {
  readonly title: string
  /** What happens before the request is sent. */
  readonly meanwhile?: { readonly event: WorldEvent; readonly text: string }
  readonly path: '/orders' | '/admin'
  readonly token: TokenOrder | undefined
  readonly told: Told
}

/** What can happen to the issuer and the servers. */
export type WorldEvent = 'rotation' | 'outage' | 'restart'

/** What kind of token the request carries. */
export interface TokenOrder {
  /** Default: a customer's. */
  readonly claims?: TokenClaims
  /** What is wrong with it. Default: nothing. */
  readonly fault?: Fault
  /** Signed when the demo began, before anything happened. Default: signed just before the request. */
  readonly old?: true
}

/** The answer: what the caller sees, and what the operator reads of it. */
export interface Told {
  readonly status: number
  /** The `WWW-Authenticate` field. */
  readonly challenge: string | null
  /** Whether there is a `Retry-After` field. */
  readonly retryAfter: boolean
  /** The code of a refusal, or `authenticated`. */
  readonly reason: string
}

/** Reads orders, and is no admin. */
export const CUSTOMER: TokenClaims = { sub: 'carla', scope: 'orders:read', roles: ['customer'] }

/** Is an admin as well. */
export const ADMIN: TokenClaims = { sub: 'ada', scope: 'orders:read', roles: ['admin'] }

const GRANTED: Told = { status: 200, challenge: null, retryAfter: false, reason: 'authenticated' }

/** The story. */
export const STORY: readonly Chapter[] = [
  {
    question: 'Who are you?',
    rows: [
      {
        title: 'no token',
        path: '/orders',
        token: undefined,
        told: { status: 401, challenge: 'Bearer realm="api"', retryAfter: false, reason: 'token_missing' },
      },
      { title: 'good token', path: '/orders', token: {}, told: GRANTED },
      {
        title: "expired token, copied from yesterday's terminal",
        path: '/orders',
        token: { fault: 'expired' },
        told: unauthenticated('token_expired', 'The access token expired'),
      },
      {
        title: 'wrong audience: a token for another API',
        path: '/orders',
        token: { fault: 'wrongAudience' },
        told: unauthenticated('audience_mismatch'),
      },
      {
        title: 'tampered: other claims, the same signature',
        path: '/orders',
        token: { fault: 'swappedPayload' },
        told: unauthenticated('signature_invalid'),
      },
      {
        title: 'alg: none, and no signature',
        path: '/orders',
        token: { fault: 'algorithmNone' },
        told: unauthenticated('algorithm_rejected'),
      },
    ],
  },
  {
    question: 'May you?',
    rows: [
      {
        title: 'a customer at an admin route',
        path: '/admin',
        token: { claims: CUSTOMER },
        told: {
          status: 403,
          challenge:
            'Bearer realm="api", error="insufficient_scope", error_description="The access token lacks a right that this request needs"',
          retryAfter: false,
          reason: 'role_insufficient',
        },
      },
      { title: 'an admin at the same route', path: '/admin', token: { claims: ADMIN }, told: GRANTED },
    ],
  },
  {
    question: 'And when the issuer changes, or is down?',
    rows: [
      {
        meanwhile: { event: 'rotation', text: 'The issuer rotates its keys.' },
        title: 'key rotation: a token signed with the new key',
        path: '/orders',
        token: {},
        told: GRANTED,
      },
      {
        title: 'key rotation: a token signed with the withdrawn key',
        path: '/orders',
        token: { old: true },
        told: unauthenticated('key_unknown'),
      },
      {
        meanwhile: { event: 'outage', text: 'The issuer goes down. Half an hour passes.' },
        title: 'issuer down: its keys are known',
        path: '/orders',
        token: {},
        told: GRANTED,
      },
      {
        meanwhile: { event: 'restart', text: 'The three servers restart. The issuer is still down.' },
        title: 'issuer down from the start: no keys are known',
        path: '/orders',
        token: {},
        told: { status: 503, challenge: null, retryAfter: true, reason: 'keys_unavailable' },
      },
    ],
  },
]

function unauthenticated(reason: string, description = 'The access token is not valid here'): Told {
  const challenge = `Bearer realm="api", error="invalid_token", error_description="${description}"`
  return { status: 401, challenge, retryAfter: false, reason }
}
