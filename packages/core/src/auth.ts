import { readClientId } from './claims/refuse-claims.js'
import type { JwtClaims } from './claims/standard-schema.js'
import { abortAt } from './lifetime.js'
import type { Fields } from './proof/proof-method.js'
import { readClaim } from './rights/claim-path.js'
import type { RightsRules } from './rights/options.js'
import { readRights, type Rights } from './rights/read-rights.js'
import type { VerifiedToken } from './signature/verify-signature.js'

/** Who may do what: the frozen result of a verified access token. */
export interface Auth<Claims = JwtClaims> extends Rights {
  /** What the schema returned; without a schema the deeply frozen claims set. */
  readonly claims: Claims
  /** The token itself. On the prototype: not in `JSON.stringify`, `util.inspect` or a spread. */
  readonly token: string
  /** The protected header. */
  readonly header: Readonly<Record<string, unknown>>
  /** `iss`: one of the configured names of the issuer that made the token, or the tenant's. */
  readonly issuer: string
  /** `sub`; an empty one counts as none. Unique only together with `issuer`. */
  readonly subject: string | undefined
  /** The identifier that stays the same when a login name changes: `oid`, else `uid`, else `subject`. */
  readonly userId: string | undefined
  /** Whom the token speaks for; `unknown` unless the claims say so. */
  readonly kind: 'user' | 'client' | 'workload' | 'unknown'
  /** `client_id`, else `cid`, else `appid`, else `azp`. */
  readonly clientId: string | undefined
  /** `tid`, else `org_id`. */
  readonly tenant: string | undefined
  /** `iat`, seconds since the epoch. */
  readonly issuedAt: number | undefined
  /** `exp`, seconds since the epoch. */
  readonly expiresAt: number
  /** The outermost `act` (RFC 8693 §4.1): who acts for the subject. */
  readonly actor: Actor | undefined
  /** Which proof of possession was checked. */
  readonly proof: 'none' | ProofKind
  /**
   * Aborts at `expiresAt`, with an `AuthError` as reason. Made on first use. A token that only `clockTolerance` lets
   * in has an aborted one from the start.
   */
  readonly signal: AbortSignal
}

/** The kinds of proof of possession. */
export type ProofKind = 'dpop' | 'mtls'

/** What a request has proven beside its token: that it has the keys which the token is bound to. */
export interface Possession {
  readonly kinds: readonly ProofKind[]
  /** Fields for the answer of the API. */
  readonly fields: Fields | undefined
}

/** Who acts for a subject (RFC 8693 §4.1). Actors within `actor` are information only, no ground for rights. */
export interface Actor {
  readonly subject: string | undefined
  readonly issuer: string | undefined
  readonly actor: Actor | undefined
}

/** What a token says, read once: all that follows from it and the options. Its parts are frozen: requests share them. */
export type Facts = Omit<Auth<unknown>, 'claims' | 'token' | 'signal' | 'proof'>

/** Reads what a verified token says. */
export function readFacts(token: VerifiedToken, rules: RightsRules): Facts {
  const set: JwtClaims = token.claims
  const subject = text(set, 'sub')
  const clientId = nonEmpty(readClientId(set)) ?? text(set, 'azp')
  const { scopes, roles, permissions, groups, groupsOverage } = readRights(set, rules)
  return {
    header: token.header,
    issuer: set.iss as string,
    subject,
    userId: text(set, 'oid') ?? text(set, 'uid') ?? subject,
    kind: kindOf(set, subject, clientId),
    clientId,
    tenant: text(set, 'tid') ?? text(set, 'org_id'),
    scopes,
    roles,
    permissions,
    groups,
    groupsOverage,
    issuedAt: set.iat,
    expiresAt: set.exp as number,
    actor: actorOf(set),
  }
}

/**
 * Makes the result of a verified token for one request; `claims` are the schema's output, `now` gives milliseconds
 * since the epoch.
 */
export function createAuth(
  token: VerifiedToken,
  facts: Facts,
  claims: unknown,
  now: () => number,
  possession?: Possession,
): Auth<unknown> {
  return new VerifiedAuth(token, facts, claims, now, possession)
}

/** Tells what a request has proven beside its token; `undefined`: nothing, or a result that somebody made up. */
export function possessionOf(auth: Auth<unknown>): Possession | undefined {
  return VerifiedAuth.possessionOf(auth)
}

/** Gives the claims of the token itself, whatever a schema made of them. */
export function tokenClaims(auth: Auth<unknown>): unknown {
  return VerifiedAuth.claimsOf(auth)
}

class VerifiedAuth implements Auth<unknown> {
  readonly claims: unknown
  readonly header: Readonly<Record<string, unknown>>
  readonly issuer: string
  readonly subject: string | undefined
  readonly userId: string | undefined
  readonly kind: 'user' | 'client' | 'workload' | 'unknown'
  readonly clientId: string | undefined
  readonly tenant: string | undefined
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
  readonly groupsOverage: boolean
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly actor: Actor | undefined
  readonly proof: 'none' | ProofKind
  readonly #token: VerifiedToken
  readonly #now: () => number
  readonly #possession: Possession | undefined
  #signal: AbortSignal | undefined

  constructor(
    token: VerifiedToken,
    facts: Facts,
    claims: unknown,
    now: () => number,
    possession: Possession | undefined,
  ) {
    this.claims = claims
    this.header = facts.header
    this.issuer = facts.issuer
    this.subject = facts.subject
    this.userId = facts.userId
    this.kind = facts.kind
    this.clientId = facts.clientId
    this.tenant = facts.tenant
    this.scopes = facts.scopes
    this.roles = facts.roles
    this.permissions = facts.permissions
    this.groups = facts.groups
    this.groupsOverage = facts.groupsOverage
    this.issuedAt = facts.issuedAt
    this.expiresAt = facts.expiresAt
    this.actor = facts.actor
    this.proof = possession?.kinds[0] ?? 'none'
    this.#token = token
    this.#now = now
    this.#possession = possession
    Object.freeze(this)
  }

  static claimsOf(auth: Auth<unknown>): unknown {
    return #token in auth ? auth.#token.claims : auth.claims
  }

  static possessionOf(auth: Auth<unknown>): Possession | undefined {
    return #token in auth ? auth.#possession : undefined
  }

  get token(): string {
    return this.#token.text
  }

  get signal(): AbortSignal {
    this.#signal ??= abortAt(this.expiresAt, this.#now)
    return this.#signal
  }
}

// Only from evidence: a client may choose an identifier that looks like a user's (RFC 9068 §5).
function kindOf(set: JwtClaims, subject: string | undefined, clientId: string | undefined): Auth['kind'] {
  if (subject?.startsWith('spiffe://') || subject?.startsWith('system:serviceaccount:')) return 'workload'
  const idtyp = text(set, 'idtyp')
  if (idtyp === 'app' || text(set, 'gty') === 'client-credentials') return 'client'
  // OpenID Connect Core §2: auth_time is when the end-user authenticated.
  if (idtyp === 'user' || Object.hasOwn(set, 'auth_time')) return 'user'
  return subject !== undefined && subject === clientId ? 'client' : 'unknown'
}

// From the innermost to the outermost: a token may nest as deeply as its length allows.
function actorOf(set: JwtClaims): Actor | undefined {
  const chain: unknown[] = []
  for (let act = readClaim(set, 'act'); isObject(act); act = readClaim(act, 'act')) chain.push(act)
  return chain.reduceRight<Actor | undefined>(
    (actor, act) => Object.freeze({ subject: text(act, 'sub'), issuer: text(act, 'iss'), actor }),
    undefined,
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(claims: unknown, name: string): string | undefined {
  return nonEmpty(readClaim(claims, name))
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
