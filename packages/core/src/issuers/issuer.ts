import type { Observer } from '../events.js'
import type { KeySource } from '../keys/key-source.js'
import { openKeySource, type Lease } from '../keys/registry.js'
import type { IssuerSettings, Settings } from '../options.js'

/** A configured issuer and its keys. */
export interface Issuer extends IssuerSettings {
  /** Gives the key source; the lease on it is taken the first time. Touches no network. */
  source(): KeySource
  /** Ends the lease: the source answers `keys_unavailable` from now on. */
  release(): void
}

/** Joins the settings of an issuer with a lease on its key source, which other verifiers may share. */
export function createIssuer(issuer: IssuerSettings, settings: Settings, observer: Observer): Issuer {
  let lease: Lease | undefined
  const open = (): Lease => {
    lease ??= openKeySource({
      issuer: issuer.issuer,
      where: issuer.keys,
      keySet: issuer.keySet,
      fetch: settings.fetch,
      now: settings.now,
      isolated: settings.isolated,
      tenancy: issuer.tenancy,
      observer,
    })
    return lease
  }
  return { ...issuer, source: () => open().source, release: () => open().release() }
}
