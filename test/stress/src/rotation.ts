import { generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { Random } from './random.js'

/** A key of the issuer. */
interface IssuerKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly jwk: JsonWebKey
}

/** A change of the key that signs. */
export interface Change {
  readonly kid: string
  /** Milliseconds of the machine's clock. */
  readonly at: number
  /** The key was published before it signed, as careful issuers do; else it signed at once. */
  readonly announced: boolean
}

/** The keys of the issuer as time goes on. A key that no longer signs leaves the JWKS at once. */
export interface Rotation {
  signing(): IssuerKey
  /** The key that signed before; `undefined` before the first change. */
  withdrawn(): IssuerKey | undefined
  published(): readonly IssuerKey[]
  readonly changes: readonly Change[]
  stop(): void
}

const INTERVAL_MS = { least: 5_000, spread: 10_000 } as const

/** How long before it signs a key is announced: more than a ttl. */
const LEAD_MS = 4_000

/** Starts to change the key every 5 to 15 s; every other change is announced. */
export function createRotation(random: Random): Rotation {
  let made = 0
  const make = (): IssuerKey => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    made += 1
    const kid = `key-${made}`
    return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } }
  }

  let signing = make()
  let next: IssuerKey | undefined
  let withdrawn: IssuerKey | undefined
  let timer: NodeJS.Timeout
  const changes: Change[] = []

  const change = (): void => {
    const announced = next !== undefined
    withdrawn = signing
    signing = next ?? make()
    next = undefined
    changes.push({ kid: signing.kid, at: Date.now(), announced })
    plan()
  }
  const plan = (): void => {
    const interval = INTERVAL_MS.least + random() * INTERVAL_MS.spread
    if (made % 2 === 0) timer = setTimeout(change, interval)
    else
      timer = setTimeout(() => {
        next = make()
        timer = setTimeout(change, LEAD_MS)
      }, interval - LEAD_MS)
  }
  plan()

  return {
    signing: () => signing,
    withdrawn: () => withdrawn,
    published: () => (next === undefined ? [signing] : [signing, next]),
    changes,
    stop: () => clearTimeout(timer),
  }
}
