import type { Observer } from '../events.js'
import type { SourceStatus } from '../keys/key-source.js'
import type { Settings } from '../options.js'
import { ownMember } from '../own-member.js'
import { refuse, type Refusal } from '../refusal.js'
import type { UnverifiedToken } from '../token/decode.js'
import { createIssuer, type Issuer } from './issuer.js'
import { selectIssuer } from './select-issuer.js'
import { isTenantName } from './tenant-name.js'
import type { TenantSettings } from './tenants-options.js'

const MAX_HELD = 1_000

/** A tenant whose keys are held, and how many requests are at work with them. */
interface Tenant {
  readonly issuer: Issuer
  visits: number
}

/** What the tenants of a verifier are made of. */
export interface TenantsParts {
  readonly tenants: TenantSettings
  readonly settings: Settings
  readonly observer: Observer
}

/**
 * The issuers that are chosen per tenant. Keys are held for the 1,000 that were used last; whoever has to go goes when
 * no request is at work with its keys.
 */
export class Tenants {
  readonly #parts: TenantsParts
  readonly #held = new Map<string, Tenant>()
  /** Those held, and those that wait for their last request. */
  readonly #open = new Set<Tenant>()
  #closed = false

  constructor(parts: TenantsParts) {
    this.#parts = parts
  }

  /**
   * Runs `use` with the issuer that a token names, if it is a tenant: asked anew for every token, before anything is
   * fetched. What the user's function throws passes.
   *
   * Refuses with `issuer_unknown`.
   */
  async serve<T>(token: UnverifiedToken, use: (issuer: Issuer) => Promise<T>): Promise<T | Refusal> {
    const name = await this.#admit(token)
    if (typeof name !== 'string') return name
    const issuer = this.#issuerOf(name)
    let visited: Tenant | undefined
    const source: Issuer['source'] = () => {
      visited ??= this.#enter(issuer)
      return visited.issuer.source()
    }
    try {
      // Held from the moment that the keys are needed: a token that is refused before it displaces nobody.
      return await use({ ...issuer, source })
    } finally {
      if (visited) this.#leave(visited)
    }
  }

  /** Gives the issuer that the operator names; `undefined` where it cannot be a tenant. A function is not asked. */
  named(name: string): Issuer | undefined {
    const { allow } = this.#parts.tenants
    if (!(typeof allow === 'function' ? isTenantName(name) : allow.has(name))) return undefined
    const tenant = this.#enter(this.#issuerOf(name))
    this.#leave(tenant)
    return tenant.issuer
  }

  /** Tells of the keys that are held, those used last at the end. */
  status(): readonly SourceStatus[] {
    return [...this.#held.values()].map(({ issuer }) => issuer.source().status())
  }

  /** Gives up all key sources, for good. */
  close(): void {
    this.#closed = true
    this.#held.clear()
    for (const tenant of this.#open) this.#release(tenant)
  }

  async #admit(token: UnverifiedToken): Promise<string | Refusal> {
    const { allow } = this.#parts.tenants
    if (typeof allow !== 'function') return selectIssuer(token, allow)
    const iss = ownMember(token.claims, 'iss')
    if (!isTenantName(iss)) return refuse('issuer_unknown', 'iss is no https URL that a tenant may have')
    const verdict = await allow(iss)
    return verdict === true ? iss : refuse('issuer_unknown', 'tenants.allow did not give true for iss')
  }

  #issuerOf(name: string): Issuer {
    const { tenants, settings, observer } = this.#parts
    const { claims, rights, algorithms, keySet, tenancy } = tenants
    const keys = { kind: 'discovery' } as const
    const issuer = { issuer: name, names: [name], claims, rights, algorithms, keys, keySet, tenancy }
    return createIssuer(issuer, settings, observer)
  }

  #enter(issuer: Issuer): Tenant {
    const name = issuer.issuer
    const tenant = this.#held.get(name) ?? { issuer, visits: 0 }
    tenant.visits += 1
    this.#open.add(tenant)
    if (this.#closed) {
      this.#release(tenant)
      return tenant
    }
    this.#held.delete(name) // to the end of the line
    this.#held.set(name, tenant)
    if (this.#held.size > MAX_HELD) this.#dropOldest()
    return tenant
  }

  #leave(tenant: Tenant): void {
    tenant.visits -= 1
    if (tenant.visits === 0 && this.#held.get(tenant.issuer.issuer) !== tenant) this.#release(tenant)
  }

  #dropOldest(): void {
    for (const [name, tenant] of this.#held) {
      this.#held.delete(name)
      if (tenant.visits === 0) this.#release(tenant)
      return
    }
  }

  #release(tenant: Tenant): void {
    this.#open.delete(tenant)
    tenant.issuer.release()
  }
}
