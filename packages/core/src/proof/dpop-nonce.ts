import { encode } from 'jose/base64url'
import { join, numberOption, optionError, optionsObject, refuseUnknownOptions } from '../option-checks.js'

/** The nonces that this API gives out for DPoP proofs. */
export interface NonceOptions {
  /**
   * At least 32 random bytes, the same in every process that serves this API; a string stands for its UTF-8 bytes.
   * An authorization server has a secret of its own: its nonces are not those of an API (RFC 9449 §9).
   */
  readonly secret: string | Uint8Array
  /** Seconds after which there is a new nonce; the one before it holds as long again. Default 300; 10 to 3,600. */
  readonly lifetime?: number | undefined
}

/** The options of nonces, checked. */
export interface ResolvedNonce {
  readonly secret: string | Uint8Array
  /** Seconds. */
  readonly lifetime: number
}

/** Server nonces that no process has to remember (RFC 9449 §8, §9). */
export interface Nonces {
  /** Gives the nonce of this time: base64url, 43 characters. */
  current(): Promise<string>
  /** Tells whether this is the nonce of this time or of the time before. */
  accepts(nonce: string): Promise<boolean>
  /** Tells whether this is the nonce of this time; where not, the client should get the new one. */
  isCurrent(nonce: string): Promise<boolean>
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' }
/** As long as the hash (RFC 2104 §3). */
const MIN_SECRET_BYTES = 32

/** Says what the MAC is for: what the secret made for something else is no nonce. */
const PURPOSE = 'require-jwt DPoP nonce v1'

/**
 * Makes nonces out of the time: HMAC-SHA-256 over the number of the bucket of `lifetime` seconds that `now`,
 * milliseconds since the epoch, is in. Who has not the secret cannot tell the next one, and every process that has it
 * makes the same. They are computed once per bucket: a request costs a comparison, in constant time.
 */
export function createNonces({ secret, lifetime }: ResolvedNonce, now: () => number): Nonces {
  const bytes = secretBytes(secret)
  let latest: { readonly bucket: number; readonly current: string; readonly previous: string } | undefined

  async function nonces(): Promise<{ readonly current: string; readonly previous: string }> {
    const bucket = Math.floor(now() / 1000 / lifetime)
    if (latest?.bucket === bucket) return latest
    // Not a promise but what came of it is kept: some runtimes let no request wait for the promise of another.
    const [current, previous] = await Promise.all([sign(bytes, bucket), sign(bytes, bucket - 1)])
    latest = { bucket, current, previous }
    return latest
  }

  return {
    async current() {
      return (await nonces()).current
    },
    async accepts(nonce) {
      const { current, previous } = await nonces()
      const isCurrent = isSame(nonce, current)
      const isPrevious = isSame(nonce, previous)
      return isCurrent || isPrevious
    },
    async isCurrent(nonce) {
      return isSame(nonce, (await nonces()).current)
    },
  }
}

/**
 * Checks the options of nonces; `undefined` where there are none. Never shows the secret.
 *
 * @throws ConfigError for no secret or one under 32 bytes, a lifetime out of bounds, and names that are no option.
 */
export function resolveNonce(value: unknown, option: string): ResolvedNonce | undefined {
  if (value === undefined) return undefined
  const options = optionsObject(
    value,
    option,
    'Pass { secret }, or leave it out: then no nonce is asked for.',
  )
  refuseUnknownOptions(options, ['secret', 'lifetime'], option)
  const lifetime = numberOption(options['lifetime'], join(option, 'lifetime'), {
    default: 300,
    min: 10,
    max: 3600,
    unit: 'seconds',
  })
  return { secret: checkSecret(options['secret'], join(option, 'secret')), lifetime }
}

function checkSecret(secret: unknown, option: string): Uint8Array {
  if (typeof secret !== 'string' && !(secret instanceof Uint8Array)) {
    throw optionError(option, Array.isArray(secret) ? 'a list' : typeof secret, 'Pass a string or bytes.')
  }
  const bytes = secretBytes(secret)
  if (bytes.length >= MIN_SECRET_BYTES) return bytes
  throw optionError(
    option,
    `${bytes.length} bytes`,
    `A nonce needs at least ${MIN_SECRET_BYTES} random bytes; a password is no secret.`,
  )
}

/** Reads a secret as bytes of its own: its owner may wipe what was passed. */
function secretBytes(secret: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof secret === 'string' ? new TextEncoder().encode(secret) : new Uint8Array(secret)
}

async function sign(secret: Uint8Array<ArrayBuffer>, bucket: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, HMAC, false, ['sign'])
  const data = new TextEncoder().encode(JSON.stringify([PURPOSE, bucket]))
  return encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, data)))
}

/** Compares in a time that tells nothing of where two texts differ. That all nonces are of one length is no secret. */
function isSame(given: string, nonce: string): boolean {
  let difference = given.length ^ nonce.length
  for (let at = 0; at < nonce.length; at += 1) difference |= given.charCodeAt(at) ^ nonce.charCodeAt(at)
  return difference === 0
}
