import { ConfigError } from '@require-jwt/core'
import { isSigningAlgorithm, SIGNING_ALGORITHMS, type SigningAlgorithm } from './keys/signing-key.js'

/** What a test issuer is made of. */
export interface TestIssuerOptions {
  /** The identifier of the API under test: `aud` of the tokens, and `audience` of `options`. */
  readonly audience: string | readonly string[]
  /**
   * The `iss` of the tokens: a URL, with or without a path. Default `https://issuer.test`; with `listen`, the
   * address of the server.
   */
  readonly issuer?: string | undefined
  /**
   * What signs the tokens; of several, the first. Default `RS256`.
   *
   * All of them have a key in the JWKS from the start. A key for any other comes into it when a token first
   * asks for one, and a verifier that fetched the JWKS before that looks for it at most twice a minute.
   */
  readonly algorithm?: SigningAlgorithm | readonly [SigningAlgorithm, ...SigningAlgorithm[]] | undefined
  /**
   * Milliseconds since the epoch at which the clock stands still; only `advanceSeconds` moves it. Default: the
   * clock runs with the real time, so that a test that forgets it notices nothing.
   */
  readonly now?: number | undefined
  /** Also serves over HTTP, on a free port of 127.0.0.1, for an API in another process. Default: in process. */
  readonly listen?: boolean | undefined
}

/** Checks the options, as far as a mistake in them would only show in the middle of a test. */
export function readOptions(options: TestIssuerOptions): {
  readonly audience: string | readonly string[]
  readonly algorithms: readonly [SigningAlgorithm, ...SigningAlgorithm[]]
} {
  const { audience, issuer, algorithm = 'RS256', now, listen } = options
  if (audience === undefined || audience.length === 0) {
    throw new ConfigError(
      'createTestIssuer({ audience }) is missing. Pass the identifier of the API under test.',
    )
  }
  if (issuer !== undefined && listen) {
    throw new ConfigError(
      'createTestIssuer({ issuer, listen }): with listen the issuer is the address of the server. Leave issuer out.',
    )
  }
  if (issuer !== undefined && !/^https?:\/\/[^?#]+$/.test(issuer)) {
    throw new ConfigError(
      `createTestIssuer({ issuer }): got ${JSON.stringify(issuer)}. Pass a URL without query and fragment.`,
    )
  }
  if (now !== undefined && !Number.isFinite(now)) {
    throw new ConfigError(`createTestIssuer({ now }): got ${String(now)}. Pass milliseconds since the epoch.`)
  }
  const [first, ...more] = typeof algorithm === 'string' ? ([algorithm] as const) : algorithm
  return { audience, algorithms: [checkAlgorithm(first), ...more.map(checkAlgorithm)] }
}

/** Refuses what no test issuer can sign with, for example `HS256`: an API that has a JWKS takes no secrets. */
export function checkAlgorithm(algorithm: unknown): SigningAlgorithm {
  if (isSigningAlgorithm(algorithm)) return algorithm
  throw new ConfigError(
    `algorithm: got ${String(algorithm)}. The test issuer signs with ${SIGNING_ALGORITHMS.join(', ')}.`,
  )
}
