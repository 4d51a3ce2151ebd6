import { join, optionError } from '../option-checks.js'
import { ALGORITHMS, type Algorithm } from '../signature/algorithms.js'
import type { KeySetOptions } from './options.js'
import { checkKeysUrl } from './url.js'

/** Where the keys of an issuer are. At most one; none: discovery from `issuer` (RFC 8414, OpenID Connect). */
export interface KeyOptions {
  /** URL of the JWKS: https, or http on a loopback host. Default: what the issuer's metadata says. */
  jwksUri?: string | undefined
  /** The JWK Set itself (RFC 7517 §5). Default: fetched. */
  jwks?: { readonly keys: readonly object[] } | undefined
  /**
   * The shared secret of HS256, HS384 or HS512: a string stands for its UTF-8 bytes, a list for a rotation. At
   * least as long as the hash (RFC 7518 §3.2): 32, 48 or 64 bytes. Default: none.
   */
  secret?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Windows and limits of the cached remote JWKS. Default: what each of its options says. */
  keySet?: KeySetOptions | undefined
}

/** Where keys are, checked. */
export type KeyLocation =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'jwksUri'; readonly url: string }
  | { readonly kind: 'jwks'; readonly jwks: { readonly keys: readonly object[] } }
  | { readonly kind: 'secret'; readonly secrets: readonly Uint8Array[] }

/** More secrets than a rotation needs would be as many guesses for every token. */
const MAX_SECRETS = 4

const PEM = /-----BEGIN [A-Z ]+-----/

/** Checks where the keys of an issuer are. @throws ConfigError */
export function resolveKeyLocation(
  options: Readonly<Record<string, unknown>>,
  issuer: string,
  path: string,
): KeyLocation {
  const given = ['jwksUri', 'jwks', 'secret'].filter((name) => options[name] !== undefined)
  const [name, other] = given
  if (name !== undefined && other !== undefined) {
    throw optionError(join(path, other), given, `Keys come from one place: leave out ${given.join(' or ')}.`)
  }
  if (name === 'jwksUri')
    return { kind: 'jwksUri', url: resolveUri(options['jwksUri'], join(path, 'jwksUri')) }
  if (name === 'jwks') return { kind: 'jwks', jwks: resolveJwks(options['jwks'], join(path, 'jwks')) }
  if (name === 'secret')
    return { kind: 'secret', secrets: resolveSecrets(options['secret'], join(path, 'secret')) }
  checkKeysUrl(issuer, join(path, 'issuer'))
  return { kind: 'discovery' }
}

/** Checks that every secret is long enough for every algorithm it may be used with. @throws ConfigError */
export function checkSecretLength(
  location: KeyLocation,
  algorithms: ReadonlySet<Algorithm>,
  path: string,
): void {
  if (location.kind !== 'secret') return
  for (const alg of algorithms) {
    const { secretBytes: bytes = 0 } = ALGORITHMS[alg]
    const short = location.secrets.find((secret) => secret.length < bytes)
    if (!short) continue
    throw optionError(
      join(path, 'secret'),
      `${short.length} bytes`,
      `${alg} needs at least ${bytes} random bytes (RFC 7518 §3.2); a password is no secret.`,
    )
  }
}

function resolveUri(value: unknown, option: string): string {
  if (typeof value !== 'string') throw optionError(option, value, 'Pass the URL of the JWKS.')
  return checkKeysUrl(value, option).href
}

function resolveJwks(value: unknown, option: string): { readonly keys: readonly object[] } {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'keys')) {
    const { keys } = value as { readonly keys: unknown }
    if (Array.isArray(keys) && keys.length > 0) return { keys: keys as readonly object[] }
  }
  throw optionError(option, value, 'Pass a JWK Set: { keys: [ … ] }.')
}

/**
 * Reads 1 to 4 secrets as bytes. Nothing of a secret is shown: the error says only what kind of value it is.
 *
 * @throws ConfigError
 */
export function resolveSecrets(value: unknown, option: string): readonly Uint8Array[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || list.length > MAX_SECRETS) {
    throw optionError(option, `${list.length} secrets`, `Pass 1 to ${MAX_SECRETS}.`)
  }
  return list.map((secret) => {
    if (secret instanceof Uint8Array) return secret.slice()
    if (typeof secret !== 'string') throw optionError(option, typeof secret, 'Pass a string or bytes.')
    if (PEM.test(secret)) {
      throw optionError(option, 'a PEM', 'A public key is no secret: pass the keys as jwks or jwksUri.')
    }
    return new TextEncoder().encode(secret)
  })
}
