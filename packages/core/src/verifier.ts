import { createAuth, readFacts, type Auth, type Facts, type Possession, type ProofKind } from './auth.js'
import { AuthError } from './auth-error.js'
import { refuseClaims, refuseTimes } from './claims/refuse-claims.js'
import { refuseType } from './claims/refuse-type.js'
import type { ClaimsOf, JwtClaims, StandardSchema } from './claims/standard-schema.js'
import { validateClaims, type ValidClaims } from './claims/validate-claims.js'
import { readCredentials, type Credentials } from './credentials/read-credentials.js'
import { isSchemeToken, isToken68, NO_TOKEN68 } from './credentials/token-source.js'
import type { AuthEvent } from './events.js'
import { createIssuer, type Issuer } from './issuers/issuer.js'
import { selectIssuer } from './issuers/select-issuer.js'
import { Tenants } from './issuers/tenants.js'
import type { KeyLookup, KeyQuery, KeySource } from './keys/key-source.js'
import { refuseClosed } from './keys/source.js'
import { optionError } from './option-checks.js'
import { ownMember } from './own-member.js'
import { methodsFor, refuseBinding } from './proof/binding.js'
import type { Fields, ProofContext, ProofMethod, Scheme } from './proof/proof-method.js'
import { schemesOf, type Schemes } from './schemes.js'
import { noticesOf } from './notices.js'
import { resolveOptions, type Settings, type VerifierOptions } from './options.js'
import { isRefusal, refuse, type Refusal } from './refusal.js'
import { summarize, type RequestView } from './request.js'
import { usesFunction } from './rights/options.js'
import { ALGORITHM_REJECTED } from './signature/allowed-algorithm.js'
import type { Algorithm } from './signature/algorithms.js'
import { keepReading, signedAgain, SignatureMemo, type Remembered } from './signature/memo.js'
import { verifySignature, type Signed } from './signature/verify-signature.js'
import { summarizeStatus, type Status } from './status.js'
import { decode, type UnverifiedToken } from './token/decode.js'
import { HeaderMemo } from './token/header-memo.js'
import type { FrozenJson } from './token/json.js'

/** Checks access tokens: one object for a whole API, or one for each of its audiences. */
export interface Verifier<Claims = JwtClaims> {
  /**
   * Verifies a token that came without an HTTP request: from a queue, a message, an event.
   *
   * @throws AuthError with the code of the refusal
   */
  verify(token: string): Promise<Auth<Claims>>
  /** Finds the token of a request and verifies it: what adapters call. Never throws for what a caller sent. */
  authenticate(request: RequestView): Promise<Auth<Claims> | Refusal>
  /**
   * Fetches keys ahead of the first request and reports. With `failFast` it throws where keys are missing.
   *
   * @throws ConfigError where keys given as an option cannot be used; AuthError `keys_unavailable` with `failFast`
   */
  ready(options?: { readonly failFast?: boolean | undefined }): Promise<Status>
  /** Tells in which state the keys of each issuer are, and until when. */
  status(): Status
  /**
   * Asks the issuers for their keys now, or one of them, whatever the windows and the back-off say. Once it resolves
   * a key that the issuer has withdrawn is refused. A tenant is asked where it is named.
   *
   * @throws AuthError `keys_unavailable` where that fails, with the keys as they were; ConfigError for an unknown
   * issuer
   */
  refreshKeys(issuer?: string): Promise<void>
  /**
   * Trusts the keys that an issuer publishes under a `kid` no more, at once and until the process ends, whatever
   * the issuer still lists. Holds for every verifier of this issuer in the process.
   *
   * @throws ConfigError for an unknown issuer, and for one whose keys are a `secret`
   */
  revokeKey(key: { readonly issuer: string; readonly kid: string }): void
  /** Gives up the key sources, and a fetch under way with the last lease on it. Every token after it is 503. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a verifier. Touches no network: keys are fetched when the first token needs them, or by `ready()`.
 *
 * @example
 * const verifier = createVerifier({ issuer: 'https://login.example', audience: 'https://api.example' })
 *
 * @throws ConfigError for any option that is wrong
 */
export function createVerifier<const S extends StandardSchema | undefined = undefined>(
  options: VerifierOptions<S>,
): Verifier<ClaimsOf<S>> {
  const verifier: Verifier<unknown> = new CoreVerifier(resolveOptions(options))
  // The schema of the options made the claims; nothing but its type says what they are.
  return verifier as Verifier<ClaimsOf<S>>
}

/** A verifier, or the options to make one. */
export type VerifierInput = Verifier<unknown> | VerifierOptions<StandardSchema | undefined>

/** Gives the verifier, or makes one of the options. @throws ConfigError */
export function toVerifier(input: VerifierInput): Verifier<unknown> {
  return isVerifier(input) ? input : createVerifier(input)
}

/** Tells a verifier from anything else. */
export function isVerifier(value: unknown): value is Verifier<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'authenticate' in value &&
    typeof value.authenticate === 'function'
  )
}

/** A refusal, and the issuer, configured or a tenant, that the token named, for the event. */
export interface Rejection {
  readonly refusal: Refusal
  readonly issuer: string | undefined
  /** The scheme under which the token came; `undefined` where there is none. */
  readonly scheme?: Scheme | undefined
}

/** Tells whether an attempt ended with a refusal. */
export function isRejection(outcome: Auth<unknown> | Rejection): outcome is Rejection {
  return Object.hasOwn(outcome, 'refusal')
}

/** One token on its way. */
interface Attempt {
  readonly issuer: Issuer
  readonly token: UnverifiedToken
  /** What is remembered of it: its signature was checked before. */
  remembered: Remembered | undefined
  readonly request: RequestView | undefined
  /** The scheme under which the token came; `undefined` where it came without a request. */
  readonly scheme: Scheme | undefined
  readonly startMs: number
  /** Time has passed since keys and clock were asked. */
  hasWaited: boolean
}

type Outcome = Auth<unknown> | Rejection

/** The verifier itself, with what `createAdapter` needs beside its public face. */
export class CoreVerifier implements Verifier<unknown> {
  readonly #settings: Settings
  readonly #issuers: readonly Issuer[]
  readonly #byName: ReadonlyMap<string, Issuer>
  readonly #tenants: Tenants | undefined
  /** What some issuer allows. */
  readonly #algorithms: ReadonlySet<Algorithm>
  readonly #memo: SignatureMemo | undefined
  readonly #headers = new HeaderMemo()
  readonly #proofs: readonly ProofMethod[]
  #observerErrors = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#issuers = settings.issuers.map((issuer) =>
      createIssuer(issuer, settings, (event) => this.emit(event)),
    )
    this.#byName = new Map(
      this.#issuers.flatMap((issuer) => issuer.names.map((name) => [name, issuer] as const)),
    )
    const { tenants, memo } = settings
    this.#algorithms = new Set(
      [...settings.issuers, ...(tenants ? [tenants] : [])].flatMap(({ algorithms }) => [...algorithms]),
    )
    this.#memo = memo && new SignatureMemo(memo)
    this.#proofs = settings.proofs
    this.#tenants = tenants && new Tenants({ tenants, settings, observer: (event) => this.emit(event) })
    for (const notice of noticesOf(settings)) this.emit(notice)
  }

  // Neither awaits: a function with an `await` costs more, also where it does not come to it.
  async verify(token: string): Promise<Auth<unknown>> {
    const give = (outcome: Outcome): Auth<unknown> => {
      if (!isRejection(outcome)) return outcome
      this.report(outcome, undefined)
      throw new AuthError(outcome.refusal)
    }
    const checked = this.#check(token, undefined, undefined)
    return checked instanceof Promise ? checked.then(give) : give(checked)
  }

  async authenticate(request: RequestView): Promise<Auth<unknown> | Refusal> {
    const give = (outcome: Outcome): Auth<unknown> | Refusal => {
      if (!isRejection(outcome)) return outcome
      this.report(outcome, request)
      return outcome.refusal
    }
    const attempted = this.attempt(request)
    return attempted instanceof Promise ? attempted.then(give) : give(attempted)
  }

  async ready(options?: { readonly failFast?: boolean | undefined }): Promise<Status> {
    await Promise.all(this.#issuers.map((issuer) => issuer.source().ready()))
    const status = this.status()
    if (options?.failFast === true && status.health === 'down') {
      throw new AuthError(refuse('keys_unavailable', 'an issuer has no keys that may be used: see status()'))
    }
    return status
  }

  status(): Status {
    const sources = this.#issuers.map((issuer) => issuer.source().status())
    return summarizeStatus(sources, this.#tenants?.status() ?? [], this.#observerErrors)
  }

  async refreshKeys(issuer?: string): Promise<void> {
    const issuers = issuer === undefined ? this.#issuers : [this.#issuerNamed(issuer, 'refreshKeys')]
    const refusals = await Promise.all(issuers.map((each) => each.source().refresh()))
    const refusal = refusals.find((each) => each !== undefined)
    if (refusal) throw new AuthError(refusal)
  }

  revokeKey({ issuer, kid }: { readonly issuer: string; readonly kid: string }): void {
    if (typeof kid !== 'string') throw optionError('revokeKey({ kid })', kid, 'Pass the kid of a key.')
    this.#issuerNamed(issuer, 'revokeKey').source().revoke(kid)
  }

  async close(): Promise<void> {
    for (const issuer of this.#issuers) issuer.release()
    this.#tenants?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Whether preflights are let through. */
  get preflight(): 'pass' | undefined {
    return this.#settings.preflight
  }

  /**
   * As `authenticate`, without the event: whether a refusal is one is for the caller to say. Gives a promise only where
   * there is something to wait for.
   */
  attempt(request: RequestView): Outcome | Promise<Outcome> {
    const token = readCredentials(request, this.#settings.tokenSources)
    return token instanceof Promise
      ? token.then((found) => this.#checkFound(found, request))
      : this.#checkFound(token, request)
  }

  #checkFound(found: Credentials, request: RequestView): Outcome | Promise<Outcome> {
    if (isRefusal(found)) return { refusal: found, issuer: undefined }
    if (isSchemeToken(found)) return this.#check(found.token, request, found.scheme)
    return this.#check(found, request, 'Bearer')
  }

  /** Tells which schemes a challenge of this verifier offers, and under which one the token came. */
  schemes(used: Scheme | undefined): Schemes {
    return schemesOf(this.#proofs, used)
  }

  /** Tells the observer of a refusal. */
  report({ refusal, issuer }: Rejection, request: RequestView | undefined): void {
    if (!this.#settings.observer) return
    const { code, detail } = refusal
    this.emit({ type: 'rejected', code, detail, issuer, request: request && summarize(request) })
  }

  #issuerNamed(name: string, method: string): Issuer {
    const issuer = this.#byName.get(name) ?? this.#tenants?.named(name)
    if (issuer) return issuer
    const names = [...this.#byName.keys(), ...(this.#tenants ? ['a tenant'] : [])]
    throw optionError(`${method}: issuer`, name, `Pass one of the verifier: ${names.join(', ')}.`)
  }

  #check(
    text: string,
    request: RequestView | undefined,
    scheme: Scheme | undefined,
  ): Outcome | Promise<Outcome> {
    const startMs = this.#settings.observer ? performance.now() : 0
    const remembered = typeof text === 'string' ? this.#memo?.find(text) : undefined
    const token = remembered?.token ?? decode(text, this.#algorithms, this.#headers)
    if (isRefusal(token)) return { refusal: refuseText(text, token, request), issuer: undefined, scheme }
    const begin = (issuer: Issuer): Outcome | Promise<Outcome> =>
      this.#attempt({ issuer, token, remembered, request, scheme, startMs, hasWaited: false })
    const issuer = selectIssuer(token, this.#byName)
    if (!isRefusal(issuer)) return begin(issuer)
    if (!this.#tenants) return { refusal: issuer, issuer: undefined, scheme }
    return this.#tenants
      .serve(token, async (tenant) => begin(tenant))
      .then((outcome) => (isRefusal(outcome) ? { refusal: outcome, issuer: undefined, scheme } : outcome))
  }

  // What can only refuse comes before the keys, what can admit after the signature.
  #attempt(attempt: Attempt): Outcome | Promise<Outcome> {
    const { issuer, token, remembered, request } = attempt
    const early = remembered ? this.#refuseAgain(attempt, token) : this.#refuseEarly(attempt, token)
    if (early) {
      if (remembered) this.#memo?.forget(token.text)
      return rejection(attempt, early)
    }
    const found = issuer.source().find(queryOf(attempt), request)
    if (!(found instanceof Promise)) return this.#prove(attempt, found)
    attempt.hasWaited = true
    return found.then((candidates) => this.#prove(attempt, candidates))
  }

  #refuseEarly(
    { issuer: { algorithms, claims }, scheme }: Attempt,
    token: UnverifiedToken,
  ): Refusal | undefined {
    if (!algorithms.has(token.alg)) return ALGORITHM_REJECTED
    const { time, now } = this.#settings
    return (
      refuseType(token, claims.profile) ??
      refuseClaims(token.claims, claims, time, now() / 1000) ??
      refuseBinding(token.claims, scheme, this.#proofs, claims.profile === 'fapi2')
    )
  }

  /** Of a token that is remembered only what can have changed: the time, and the scheme it comes under. */
  #refuseAgain({ issuer: { claims }, scheme }: Attempt, token: UnverifiedToken): Refusal | undefined {
    const late = this.#refuseTimes(token)
    if (late || this.#proofs.length === 0) return late
    return refuseBinding(token.claims, scheme, this.#proofs, claims.profile === 'fapi2')
  }

  #refuseTimes({ claims }: UnverifiedToken): Refusal | undefined {
    const { time, now } = this.#settings
    return refuseTimes(claims, time, now() / 1000)
  }

  #prove(attempt: Attempt, candidates: KeyLookup): Outcome | Promise<Outcome> {
    if (isRefusal(candidates)) return rejection(attempt, candidates)
    const { token, remembered } = attempt
    // The key must still be one of those that may have signed the token; then its signature still holds.
    const known =
      remembered && candidates.includes(remembered.key) ? signedAgain(remembered, token) : undefined
    if (known) return this.#possess(attempt, known)
    const signed = verifySignature(token, candidates, this.#settings.offload)
    if (!(signed instanceof Promise)) return this.#accept(attempt, signed)
    attempt.hasWaited = true
    return signed.then((result) => this.#accept(attempt, result))
  }

  #accept(attempt: Attempt, signed: Signed | Refusal): Outcome | Promise<Outcome> {
    const { issuer, request } = attempt
    attempt.remembered = undefined
    if (isRefusal(signed)) {
      issuer.source().suspect(request)
      return rejection(attempt, signed)
    }
    if (!signed.token.isHeaderKnown) this.#headers.add(signed.token.text, signed.token)
    return this.#possess(attempt, signed)
  }

  #possess(attempt: Attempt, signed: Signed): Outcome | Promise<Outcome> {
    const { request } = attempt
    const methods = this.#proofs.length === 0 ? NO_METHODS : methodsFor(signed.token.claims, this.#proofs)
    if (methods.length === 0 || !request) return this.#validate(attempt, signed, undefined)
    attempt.hasWaited = true
    const confirmation = ownMember(signed.token.claims, 'cnf') as FrozenJson
    return checkAll(methods, { request, token: signed.token.text, confirmation }).then((proven) =>
      isRefusal(proven) ? rejection(attempt, proven) : this.#validate(attempt, signed, proven),
    )
  }

  #validate(attempt: Attempt, signed: Signed, proof: Possession | undefined): Outcome | Promise<Outcome> {
    const valid = validateClaims(signed.token.claims, this.#settings.schema)
    if (!(valid instanceof Promise)) return this.#admit(attempt, signed, proof, valid)
    attempt.hasWaited = true
    return valid.then((result) => this.#admit(attempt, signed, proof, result))
  }

  #admit(
    attempt: Attempt,
    signed: Signed,
    proof: Possession | undefined,
    valid: ValidClaims | Refusal,
  ): Outcome {
    if (attempt.hasWaited) {
      // Both may have changed meanwhile: the key may have been withdrawn, the token may have run out.
      const source = attempt.issuer.source()
      if (!source.holds(queryOf(attempt), signed.key)) return rejection(attempt, refuseLost(source))
      const late = this.#refuseTimes(signed.token)
      if (late) return rejection(attempt, late)
    }
    if (isRefusal(valid)) return rejection(attempt, valid)
    const facts = this.#factsOf(attempt, signed)
    if (this.#settings.observer) this.#tellAuthenticated(attempt)
    return createAuth(signed.token, facts, valid.output, this.#settings.now, proof)
  }

  /** Reads what the token says, or remembers it. */
  #factsOf({ issuer, remembered }: Attempt, { token, key }: Signed): Facts {
    if (remembered?.facts) return remembered.facts
    const facts = readFacts(token, issuer.rights)
    if (!remembered) this.#memo?.add(token.text, key)
    else keepReading(remembered, token, usesFunction(issuer.rights) ? undefined : facts)
    return facts
  }

  #tellAuthenticated({ issuer, remembered, request, startMs }: Attempt): void {
    this.emit({
      type: 'authenticated',
      issuer: issuer.issuer,
      memo: remembered !== undefined,
      durationMs: performance.now() - startMs,
      request: request && summarize(request),
    })
  }

  /** Tells the observer. What it throws is swallowed and counted. */
  emit(event: AuthEvent): void {
    const swallow = (): void => {
      this.#observerErrors += 1
    }
    try {
      // The type allows an async function; its rejection would end the process.
      const returned: unknown = this.#settings.observer?.(event)
      if (returned instanceof Promise) returned.catch(swallow)
    } catch {
      swallow()
    }
  }
}

/** A text that cannot be read may be no token68 at all, which a request is told. Whatever can be read is one. */
function refuseText(text: string, refusal: Refusal, request: RequestView | undefined): Refusal {
  return request && !isToken68(text) ? NO_TOKEN68 : refusal
}

function rejection({ issuer, scheme }: Attempt, refusal: Refusal): Rejection {
  return { refusal, issuer: issuer.issuer, scheme }
}

const NO_METHODS: readonly ProofMethod[] = []

/** Asks one method after the other: the later ones may write, and only for who has proven the others. */
async function checkAll(
  methods: readonly ProofMethod[],
  context: ProofContext,
): Promise<Possession | Refusal> {
  const kinds: ProofKind[] = []
  let fields: Fields | undefined
  for (const method of methods) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const proven = await method.check(context)
    if (isRefusal(proven)) return proven
    kinds.push(method.kind)
    fields = proven.fields ? { ...fields, ...proven.fields } : fields
  }
  return { kinds, fields }
}

function queryOf({ issuer, token }: Attempt): KeyQuery {
  return { kid: token.kid, alg: token.alg, algorithms: issuer.algorithms }
}

/** Says why a key that was there a moment ago is no candidate any more. */
function refuseLost(source: KeySource): Refusal {
  const { state } = source.status()
  if (state === 'CLOSED') return refuseClosed()
  return state === 'EXPIRED'
    ? refuse('keys_unavailable', 'the keys ran out while we checked', { retryAfter: 1 })
    : refuse('key_unknown', 'the key was withdrawn while we checked')
}
