import {
  createVerifier,
  type Auth,
  type AuthEvent,
  type Check,
  type Guards,
  type JwtClaims,
  type Requirement,
  type ResponseOptions,
  type SharedOptions,
  type TenantsOptions,
  type Verifier,
  type VerifierOptions,
} from '@require-jwt/core'
import { AUDIENCE, ISSUER, NOW } from './tokens.js'
import { JWKS } from './keys.js'

/** What every adapter exports, as far as the table uses it. */
export interface Api<Handler> extends Omit<Guards<Handler, never>, 'requireThat'> {
  readonly requireJwt: (verifier: Verifier, response?: ResponseOptions) => Handler
  readonly optionalJwt: (verifier: Verifier, response?: ResponseOptions) => Handler
  readonly shadow: (verifier: Verifier, options: { readonly compareWith: Handler }) => Handler
  readonly requireThat: {
    (verifier: Verifier, check: Requirement | Check<JwtClaims, object>): Handler
    (check: Requirement | Check<JwtClaims, object>): Handler
  }
}

/** What a handler can read of its request. */
interface Reader {
  readonly getAuth: (verifier?: Verifier) => Auth
  readonly getOptionalAuth: (verifier?: Verifier) => Auth | undefined
}

/** An app in words that every framework has. */
export interface Parts {
  /** The middlewares in front of the handler, in order. */
  readonly steps: <Handler>(api: Api<Handler>) => readonly Handler[]
  /** What the handler answers as JSON. Default: the result, as `auth`. */
  readonly handler?: (read: Reader) => unknown
  /** Headers that a middleware of somebody else set before ours. */
  readonly before?: Readonly<Record<string, string>>
  /** The middleware that answers preflights stands before ours. */
  readonly cors?: boolean
  /** The app has the error handler that its framework's users write. */
  readonly ownErrors?: boolean
}

/** An app and what came to pass in it. Adapters serve it; it can be served several times. */
export interface App extends Parts {
  /** What the verifiers told their observer. */
  readonly events: AuthEvent[]
  /** Fetches keys ahead of the first request. */
  ready(): Promise<void>
  /** What an operator may do: its verifiers, in the order of their making. */
  readonly verifiers: readonly Verifier[]
  /** How often the handler ran. */
  runs: number
  handle(read: Reader): unknown
}

/** Makes a verifier that tells the app of its events. */
export type Verify = (options: VerifierOptions) => Verifier

/** Makes an app. */
export function createApp(build: (verify: Verify) => Parts): App {
  const events: AuthEvent[] = []
  const verifiers: Verifier[] = []
  const parts = build((options) => {
    const verifier = createVerifier({ observer: (event) => void events.push(event), ...options })
    verifiers.push(verifier)
    return verifier
  })
  const { handler = ({ getOptionalAuth }) => ({ auth: getOptionalAuth() ?? null }) } = parts
  return {
    ...parts,
    events,
    verifiers,
    runs: 0,
    async ready() {
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
    },
    handle(read) {
      this.runs += 1
      return handler(read)
    },
  }
}

/** What every app of the table trusts, unless its row says otherwise. */
export const TRUST: { issuer: string; audience: string; jwks: typeof JWKS; now: () => number } = {
  issuer: ISSUER,
  audience: AUDIENCE,
  jwks: JWKS,
  now: () => NOW * 1000,
}

/** Makes the app that most rows need: `requireJwt` in front of the handler. */
export function protect(
  options: Partial<VerifierOptions> = {},
  response?: ResponseOptions,
  more?: Omit<Parts, 'steps'>,
): App {
  return createApp((verify) => {
    const verifier = verify({ ...TRUST, ...options } as VerifierOptions)
    return { steps: ({ requireJwt }) => [requireJwt(verifier, response)], ...more }
  })
}

/** Makes an app whose issuers are tenants. `options` are those that hold for all issuers. */
export function protectTenants(
  tenants: Omit<TenantsOptions, 'audience'>,
  options: Pick<SharedOptions, 'fetch' | 'now'>,
): App {
  return createApp((verify) => {
    const verifier = verify({ tenants: { audience: AUDIENCE, ...tenants }, ...options })
    return { steps: ({ requireJwt }) => [requireJwt(verifier)] }
  })
}

/** Makes an app with guards behind `requireJwt`. */
export function guarded(
  guards: <Handler>(api: Api<Handler>) => Handler | readonly Handler[],
  more?: Omit<Parts, 'steps'>,
): App {
  return createApp((verify) => {
    const verifier = verify(TRUST)
    return {
      steps: <Handler>(api: Api<Handler>) => {
        const made = guards(api)
        return [api.requireJwt(verifier), ...(isList(made) ? made : [made])]
      },
      ...more,
    }
  })
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value)
}
