import type { SharedOptions, TenantsOptions, VerifierOptions } from '@require-jwt/core'
import { createApp, protect, protectTenants, TRUST, type App } from '../../conformance/support/app.js'
import { json, serveDocuments } from '../../conformance/support/issuers.js'
import { JWKS } from '../../conformance/support/keys.js'
import { on, type Cases } from '../../conformance/support/table.js'
import { ISSUER } from '../../conformance/support/tokens.js'
import { attackerHits } from './attacker.js'

const documents: Record<string, () => Response> = {}
const world = serveDocuments(documents)
const stray: string[] = []

// What verifiers of this suite fetch with: it knows the documents of the issuers, and remembers every question.
const { fetch } = world

/** Takes the place of the global `fetch`, which nothing here may call. */
export function strayFetch(input: string | URL | Request): Promise<Response> {
  stray.push(input instanceof Request ? input.url : String(input))
  return Promise.reject(new Error('nothing may be fetched'))
}

/** Gives every address that was asked for and is none of an issuer's. */
export function foreignCalls(): readonly string[] {
  return [...world.requests.filter((url) => !Object.hasOwn(documents, url)), ...stray, ...attackerHits()]
}

/** Tells how often a document was asked for. */
export function asked(url: string): number {
  return world.requests.filter((each) => each === url).length
}

let places = 0

/** Publishes a JWKS at a URL of its own. */
export function publish(
  keys: readonly object[] = JWKS.keys,
  answer: () => Response = json({ keys }),
): string {
  places += 1
  const url = `https://keys-${places}.example/jwks`
  documents[url] = answer
  return url
}

/** Makes an app that fetches the keys of its issuer. */
export function target(options: Partial<VerifierOptions> = {}, keys?: readonly object[]): App {
  return protect({ jwks: undefined, jwksUri: publish(keys), fetch, ...options })
}

/** The same, as cases. */
export function against(options?: Partial<VerifierOptions>, keys?: readonly object[]): Cases {
  return on(target(options, keys))
}

documents[`${ISSUER}/jwks`] = json(JWKS)
documents[`${ISSUER}/.well-known/oauth-authorization-server`] = json({
  issuer: ISSUER,
  jwks_uri: `${ISSUER}/jwks`,
})

/** Makes an app that finds the keys by the metadata of its issuer. */
export function discovering(): App {
  return protect({ jwks: undefined, fetch })
}

/** Makes an app whose issuers are tenants. */
export function tenants(options: Omit<TenantsOptions, 'audience'>): App {
  const shared: Pick<SharedOptions, 'fetch' | 'now'> = { fetch, now: TRUST.now }
  return protectTenants(options, shared)
}

/** Makes an app of several issuers. */
export function severalIssuers(issuers: readonly object[], options: Partial<SharedOptions> = {}): App {
  return createApp((verify) => {
    const verifier = verify({ now: TRUST.now, fetch, issuers, ...options } as unknown as VerifierOptions)
    return { steps: ({ requireJwt }) => [requireJwt(verifier)] }
  })
}
