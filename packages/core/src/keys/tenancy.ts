import { isPublicAddress } from './addresses.js'
import type { Runtime } from './clock.js'
import { failure, type Failure, type Gate } from './fetch.js'
import { isPublicName } from './host-names.js'
import { Slots } from './slots.js'

/** Gives the addresses of a host. */
export type ResolveHost = (host: string) => Promise<readonly string[]>

/** What the fetches of tenants are held to. */
export interface TenancyOptions {
  /** Where a tenant's JWKS may be, beside the origin of its issuer. */
  readonly jwksOrigins: readonly string[]
  readonly resolveHost: ResolveHost | undefined
  /** Requests share no promises on this runtime: none waits for the place of another, so there are none. */
  readonly isolated: boolean
}

/** What the key sources of all tenants of one verifier share. */
export class Tenancy {
  readonly jwksOrigins: readonly string[]
  readonly #resolveHost: ResolveHost | undefined
  readonly #slots: Slots | undefined

  constructor({ jwksOrigins, resolveHost, isolated }: TenancyOptions) {
    this.jwksOrigins = jwksOrigins
    this.#resolveHost = resolveHost
    this.#slots = isolated ? undefined : new Slots()
  }

  /** Makes the gate of a source: a place first, so that look-ups of names are bounded as well, then the name. */
  gate(runtime: Runtime): Gate {
    return async (url, signal) => {
      const leave = this.#slots ? await this.#slots.take(url.origin, runtime, signal) : () => undefined
      if (leave === undefined) return failure('too many fetches for tenants at once')
      const refused = await this.#refuseHost(url.hostname, signal)
      if (refused === undefined) return leave
      leave()
      return refused
    }
  }

  // A name that is not public is one that the operator wrote down: an issuer or an origin of the options.
  async #refuseHost(host: string, signal: AbortSignal): Promise<Failure | undefined> {
    if (this.#resolveHost === undefined || !isPublicName(host)) return undefined
    const answer = await askUntil(signal, this.#resolveHost, host)
    if (answer === undefined) return failure('resolveHost failed')
    if (!isList(answer)) return failure('resolveHost gave no list of addresses')
    // Which of them a connection takes is not for us to say.
    return answer.every(isPublicAddress) ? undefined : failure('the host has an address that is not public')
  }
}

async function askUntil(signal: AbortSignal, resolveHost: ResolveHost, host: string): Promise<unknown> {
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined))
  })
  try {
    return await Promise.race([resolveHost(host), aborted])
  } catch {
    return undefined
  }
}

function isList(answer: unknown): answer is readonly string[] {
  return Array.isArray(answer) && answer.length > 0 && answer.every((item) => typeof item === 'string')
}
