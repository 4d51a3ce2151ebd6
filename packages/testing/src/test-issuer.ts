import type { FetchLike } from '@require-jwt/core'
import type { JSONWebKeySet } from 'jose'
import { createClock } from './clock.js'
import type { Fault } from './faults.js'
import { makeFaulty } from './faulty-token.js'
import { createIssuerApp } from './issuer-app.js'
import { createKeyRing } from './keys/key-ring.js'
import type { SigningAlgorithm } from './keys/signing-key.js'
import { listenOnLoopback } from './listen.js'
import { checkAlgorithm, readOptions, type TestIssuerOptions } from './options.js'
import { type Draft, sign, type TokenClaims } from './token.js'
import { createInProcessFetch, type Traffic } from './traffic.js'

/** How a token differs from what the issuer would mint by default. */
export interface TokenOptions {
  /** What signs it. Default: the issuer's (first) `algorithm`. */
  readonly algorithm?: SigningAlgorithm | undefined
  /** Seconds from `iat` to `exp`. Default 300. */
  readonly expiresIn?: number | undefined
  /** Header parameters to add or replace; one that is `undefined` is left out. `typ` is `at+jwt` by default. */
  readonly header?: Readonly<Record<string, unknown>> | undefined
}

/** An authorization server for tests: it mints tokens, and serves metadata and keys. */
export interface TestIssuer {
  /** The exact `iss` of its tokens. */
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** Ready for `requireJwt` and `createVerifier`, alone or spread into more options. */
  readonly options: {
    readonly issuer: string
    readonly audience: string | readonly string[]
    readonly fetch: FetchLike
    readonly now: () => number
  }
  /** Reaches the issuer, and nothing else, without a network; with `listen`, the runtime's own `fetch`. */
  readonly fetch: FetchLike
  /** The issuer's clock: milliseconds since the epoch. */
  readonly now: () => number
  /** The URLs that were fetched, in order: also those that failed, and those of other hosts. */
  readonly requests: readonly string[]
  /**
   * Mints an access token that both profiles accept: `iss`, `aud`, `sub`, `client_id`, `iat`, `exp` and `jti`.
   *
   * `claims` are added to these or replace them; one that is `undefined` is left out.
   */
  token(claims?: TokenClaims, options?: TokenOptions): Promise<string>
  /** Mints a token as `token` does and puts it into the headers of a request. */
  headers(claims?: TokenClaims, options?: TokenOptions): Promise<{ readonly authorization: string }>
  /** Mints a token that has exactly one fault of `FAULTS`. */
  faultyToken(fault: Fault, claims?: TokenClaims): Promise<string>
  /** The keys that its JWKS lists now. */
  jwks(): Promise<JSONWebKeySet>
  /**
   * Replaces its keys. The old ones leave the JWKS; with `keepOld` they stay in it, as where a real issuer
   * still has tokens about.
   */
  rotate(options?: { readonly keepOld?: boolean | undefined }): Promise<void>
  /** Sabotage: until the next `rotate()`, its JWKS lists other keys under the same `kid`s. */
  publishForeignKeys(): Promise<void>
  /** From now on it cannot be reached. It still mints tokens. */
  goOffline(): void
  goOnline(): void
  /** Moves its clock. */
  advanceSeconds(seconds: number): void
  /** Ends its HTTP server, where it has one. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes an authorization server for tests: real keys and tokens, no network, no account, a clock you control.
 *
 * Keys are generated when they are first needed.
 *
 * @example
 * const issuer = await createTestIssuer({ audience: 'https://api.example' })
 * const app = createApp(issuer.options)
 * await app.request('/orders', { headers: await issuer.headers({ scope: 'orders:read' }) })
 *
 * @throws ConfigError for a wrong option.
 */
export async function createTestIssuer(options: TestIssuerOptions): Promise<TestIssuer> {
  const { audience, algorithms } = readOptions(options)
  const [defaultAlgorithm] = algorithms
  const clock = createClock(options.now)
  const keys = createKeyRing(algorithms)
  const jwks = async (): Promise<JSONWebKeySet> => ({ keys: await keys.published() })

  const traffic: Traffic = { offline: false, requests: [] }
  const listener = options.listen
    ? await listenOnLoopback((request) => app.fetch(request), traffic)
    : undefined
  const issuer = listener?.url ?? options.issuer ?? 'https://issuer.test'
  const app = createIssuerApp(issuer, jwks)
  const fetch = listener ? globalThis.fetch : createInProcessFetch(app, issuer, traffic)

  async function draft(claims: TokenClaims = {}, wish: TokenOptions = {}): Promise<Draft> {
    const key = await keys.current(checkAlgorithm(wish.algorithm ?? defaultAlgorithm))
    const iat = Math.floor(clock.now() / 1000)
    const standard = { iss: issuer, aud: audience, sub: 'user-1', client_id: 'client-1', iat }
    const exp = iat + (wish.expiresIn ?? 300)
    return {
      header: { alg: key.algorithm, typ: 'at+jwt', kid: key.kid, ...wish.header },
      claims: { ...standard, exp, jti: crypto.randomUUID(), ...claims },
      key,
    }
  }

  async function token(claims?: TokenClaims, wish?: TokenOptions): Promise<string> {
    return sign(await draft(claims, wish))
  }

  async function close(): Promise<void> {
    await listener?.close()
  }

  return {
    issuer,
    audience,
    options: Object.freeze({ issuer, audience, fetch, now: clock.now }),
    fetch,
    now: clock.now,
    requests: traffic.requests,
    token,
    async headers(claims, wish) {
      return { authorization: `Bearer ${await token(claims, wish)}` }
    },
    async faultyToken(fault, claims) {
      return makeFaulty(fault, await draft(claims), Math.floor(clock.now() / 1000))
    },
    jwks,
    rotate: (how) => keys.rotate(how?.keepOld ?? false),
    publishForeignKeys: () => keys.publishForeign(),
    goOffline() {
      traffic.offline = true
    },
    goOnline() {
      traffic.offline = false
    },
    advanceSeconds: (seconds) => clock.advanceSeconds(seconds),
    close,
    [Symbol.asyncDispose]: close,
  }
}
