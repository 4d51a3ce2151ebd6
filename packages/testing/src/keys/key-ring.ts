import type { JWK } from 'jose'
import { type SigningAlgorithm, type SigningKey, generateSigningKey } from './signing-key.js'

/** The keys of an issuer: made when first asked for, because an RSA key is slow to generate. */
export interface KeyRing {
  /** The key that signs now. */
  current(algorithm: SigningAlgorithm): Promise<SigningKey>
  /** What the JWKS lists now. */
  published(): Promise<JWK[]>
  /** Replaces every key; `keepOld` leaves the replaced ones in the JWKS. */
  rotate(keepOld: boolean): Promise<void>
  /** Lists other keys under the same `kid`s, until the next rotation. */
  publishForeign(): Promise<void>
}

/** Makes a key ring that publishes a key for each of the algorithms, and for any that is asked for later. */
export function createKeyRing(algorithms: readonly SigningAlgorithm[]): KeyRing {
  let generation = 1
  let signing = new Map<SigningAlgorithm, Promise<SigningKey>>()
  let retired: SigningKey[] = []
  let foreign: SigningKey[] | undefined

  function current(algorithm: SigningAlgorithm): Promise<SigningKey> {
    const key = signing.get(algorithm) ?? generateSigningKey(algorithm, `${algorithm}-${generation}`)
    signing.set(algorithm, key)
    return key
  }

  async function trusted(): Promise<SigningKey[]> {
    for (const algorithm of algorithms) void current(algorithm)
    return [...retired, ...(await Promise.all(signing.values()))]
  }

  return {
    current,
    async published() {
      return (foreign ?? (await trusted())).map((key) => key.publicJwk)
    },
    async rotate(keepOld) {
      retired = keepOld ? await trusted() : []
      foreign = undefined
      generation += 1
      const replaced = [...signing.keys()]
      signing = new Map()
      await Promise.all(replaced.map(current))
    },
    async publishForeign() {
      foreign = await Promise.all((await trusted()).map((key) => generateSigningKey(key.algorithm, key.kid)))
    },
  }
}
