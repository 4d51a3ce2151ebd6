import type { Auth, AuthErrorCode, AuthEvent } from '@require-jwt/core'
import type { RuleId } from '../rules.js'
import type { App } from './app.js'
import type { Answer, Sent } from './http.js'

/** What the table says of one rule, or of a few that belong together. */
export interface Row {
  readonly rules: readonly [RuleId, ...RuleId[]]
  /** A sentence about behaviour. */
  readonly about: string
  readonly refuses: readonly [Case, ...Case[]]
  /** Neighbours that differ from what is refused in one thing. */
  readonly accepts: readonly [Case, ...Case[]]
}

/** One request and its answer. */
export interface Case {
  /** Completes "refuses …" or "accepts …". */
  readonly name: string
  readonly scene: () => Scene | Promise<Scene>
  readonly expected: Expected
}

/** What a case needs when it runs. */
export interface Scene {
  readonly app: App
  readonly sent: Sent
  /** Sent before, one after the other; nobody looks at the answers. */
  readonly earlier?: readonly Sent[]
  /** Sent at the same time; the answers must be the same. */
  readonly together?: readonly Sent[]
  /** A request whose answer must have the same bytes. */
  readonly sameAs?: { readonly app: App; readonly sent: Sent }
  /** Something else to look at when the answer is there, and what it must be. */
  readonly also?: readonly [look: (answer: Answer) => unknown, expected: unknown]
}

/** What the wire, the operator and the handler must see. */
export interface Expected {
  readonly status: number
  /** All values of `WWW-Authenticate`, joined; `undefined`: there is none. */
  readonly challenge: string | undefined
  /** Other headers; `undefined`: the field is not there. */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>>
  /** A text to the letter, a pattern, or the JSON that the body holds at least. */
  readonly body?: string | RegExp | object
  /** The code of the one `rejected` event; `undefined`: there is none. */
  readonly code: AuthErrorCode | undefined
  /** What the operator is told beside the code. */
  readonly detail?: RegExp
  /** How many `authenticated` events there are. Default: one for each run of the handler; without one, any number. */
  readonly authenticated?: number
  readonly ran: boolean
}

const INVALID_REQUEST = wire(
  400,
  'Bad Request',
  'invalid_request',
  'The credentials of the request are malformed',
)
const INVALID_TOKEN = wire(401, 'Unauthorized', 'invalid_token', 'The access token is not valid here')
const EXPIRED = wire(401, 'Unauthorized', 'invalid_token', 'The access token expired')
const INVALID_PROOF = wire(
  401,
  'Unauthorized',
  'invalid_dpop_proof',
  'The DPoP proof is not valid for this request',
)
const INSUFFICIENT = wire(
  403,
  'Forbidden',
  'insufficient_scope',
  'The access token lacks a right that this request needs',
)

const UNAVAILABLE: Wire = {
  status: 503,
  challenge: undefined,
  body: '{"type":"about:blank","title":"Service Unavailable","status":503}',
}

interface Wire {
  readonly status: number
  readonly challenge: string | undefined
  readonly body: string
}

// Written down here and not taken from the product: what goes over the wire is a promise.
const WIRE: Readonly<Record<AuthErrorCode, Wire>> = {
  token_missing: {
    status: 401,
    challenge: 'Bearer realm="api"',
    body: '{"type":"about:blank","title":"Unauthorized","status":401}',
  },
  request_malformed: INVALID_REQUEST,
  token_malformed: INVALID_TOKEN,
  token_too_large: INVALID_TOKEN,
  algorithm_rejected: INVALID_TOKEN,
  type_rejected: INVALID_TOKEN,
  critical_header_rejected: INVALID_TOKEN,
  issuer_unknown: INVALID_TOKEN,
  key_unknown: INVALID_TOKEN,
  signature_invalid: INVALID_TOKEN,
  token_expired: EXPIRED,
  token_not_yet_valid: INVALID_TOKEN,
  token_too_old: INVALID_TOKEN,
  audience_mismatch: INVALID_TOKEN,
  claim_missing: INVALID_TOKEN,
  claim_invalid: INVALID_TOKEN,
  proof_required: INVALID_TOKEN,
  proof_mismatch: INVALID_TOKEN,
  dpop_proof_invalid: INVALID_PROOF,
  dpop_proof_replayed: INVALID_PROOF,
  dpop_nonce_required: wire(
    401,
    'Unauthorized',
    'use_dpop_nonce',
    'Resource server requires nonce in DPoP proof',
  ),
  scope_insufficient: INSUFFICIENT,
  role_insufficient: INSUFFICIENT,
  permission_insufficient: INSUFFICIENT,
  group_insufficient: INSUFFICIENT,
  claims_insufficient: INSUFFICIENT,
  keys_unavailable: UNAVAILABLE,
  store_unavailable: UNAVAILABLE,
}

function wire(status: number, title: string, error: string, text: string): Wire {
  return {
    status,
    challenge: `Bearer realm="api", error="${error}", error_description="${text}"`,
    body: JSON.stringify({ type: 'about:blank', title, status, error, error_description: text }),
  }
}

/** What a refusal looks like, unless the row says otherwise. */
export function refusal(code: AuthErrorCode, more: Partial<Expected> = {}): Expected {
  const { status, challenge, body } = WIRE[code]
  return {
    status,
    challenge,
    body,
    code,
    ran: false,
    ...more,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'Retry-After': status === 503 ? /^[1-9]\d?$/ : undefined,
      ...more.headers,
    },
  }
}

/** What a refusal with `scope_insufficient` says beside: the scopes that the route demands. */
export function missing(scope: string): Partial<Expected> {
  const { challenge } = INSUFFICIENT
  return {
    challenge: challenge?.replace('realm="api"', `realm="api", scope="${scope}"`),
    body: { status: 403, error: 'insufficient_scope', scope },
  }
}

/** What the answer of the handler looks like; `auth` is what it was given, at least. */
export function granted(auth: Partial<Auth> | null = {}, more: Partial<Expected> = {}): Expected {
  return { status: 200, challenge: undefined, body: { auth }, code: undefined, ran: true, ...more }
}

/** Makes the cases of one app. */
export function on(app: App): Cases {
  return {
    refuse: (name, sent, code, more) => ({
      name,
      scene: () => ({ app, sent: toSent(sent) }),
      expected: refusal(code, more),
    }),
    accept: (name, sent, auth, more) => ({
      name,
      scene: () => ({ app, sent: toSent(sent) }),
      expected: granted(auth, more),
    }),
  }
}

/** Makes cases of one app. */
export interface Cases {
  /** A string is a token, sent as `Authorization: Bearer`. */
  refuse(name: string, sent: string | Sent, code: AuthErrorCode, more?: Partial<Expected>): Case
  accept(name: string, sent: string | Sent, auth?: Partial<Auth> | null, more?: Partial<Expected>): Case
}

/** Sends a token as bearer credentials. */
export function bearer(token: string): Sent {
  return authorization(`Bearer ${token}`)
}

/** Sends values of `Authorization`, one line each. */
export function authorization(...values: readonly string[]): Sent {
  return { headers: values.map((value) => ['Authorization', value]) }
}

function toSent(sent: string | Sent): Sent {
  return typeof sent === 'string' ? bearer(sent) : sent
}

/** Turns a list of names and values into cases. */
export function each<T>(
  values: Readonly<Record<string, T>>,
  make: (name: string, value: T) => Case,
): readonly [Case, ...Case[]] {
  const [first, ...rest] = Object.entries(values).map(([name, value]) => make(name, value))
  if (!first) throw new Error('a row needs a case')
  return [first, ...rest]
}

/** Gives the events of one type. */
export function eventsOf<T extends AuthEvent['type']>(
  app: App,
  type: T,
): readonly Extract<AuthEvent, { type: T }>[] {
  return app.events.filter((event): event is Extract<AuthEvent, { type: T }> => event.type === type)
}
