import { encode } from 'jose/base64url'
import { optionError } from '../option-checks.js'
import { decodeBase64url } from '#base64url'
import { resolveSecrets } from './location.js'
import { checkKeyStore, type KeyStore } from './store.js'

/** 32 bytes in base64url, and what they seal. */
const SEALED = /^([\w-]{43})\.([^]*)$/
const HMAC = { name: 'HMAC', hash: 'SHA-256' }
/** As long as the hash (RFC 2104 §3). */
const MIN_SECRET_BYTES = 32

/** Says what the seal is for: a MAC that the secret made for something else opens nothing here. */
const PURPOSE = 'require-jwt key store v1'

/**
 * Seals what goes into a store with HMAC-SHA-256, so that one who can write to the store, but has not the secret,
 * can put no key of his own there. What bears no seal, or that of another entry, is as if it were not there.
 *
 * The first secret seals, every one opens: for a rotation put the new one in front, at most 4. At least 32 random
 * bytes each; a string stands for its UTF-8 bytes. The seal hides nothing, and an older entry that was put back
 * opens: its age is checked where it is used.
 *
 * @throws ConfigError for no store, and for secrets that are none, too short or too many. Never shows them.
 */
export function sealedKeyStore(
  store: KeyStore,
  secret: string | Uint8Array | readonly (string | Uint8Array)[],
): KeyStore {
  const inner = checkKeyStore(store, 'sealedKeyStore: store')
  const secrets = checkSecrets(secret, 'sealedKeyStore: secret')
  return {
    async get(key) {
      const text = await inner.get(key)
      const [, seal = '', value = ''] = SEALED.exec(text ?? '') ?? []
      const mac = decodeBase64url(seal)
      return mac !== undefined && (await opens(secrets, mac, sealedBytes(key, value))) ? value : undefined
    },
    async set(key, value, ttlMs) {
      await inner.set(key, `${await sign(secrets, sealedBytes(key, value))}.${value}`, ttlMs)
    },
  }
}

type Secrets = readonly [current: Uint8Array, ...former: Uint8Array[]]

function checkSecrets(value: unknown, option: string): Secrets {
  const secrets = resolveSecrets(value, option)
  const short = secrets.find(({ length }) => length < MIN_SECRET_BYTES)
  if (short === undefined) return secrets as Secrets
  throw optionError(
    option,
    `${short.length} bytes`,
    `A seal needs at least ${MIN_SECRET_BYTES} random bytes; a password is no secret.`,
  )
}

/** What is sealed, so written that no key and value read as another key and value. */
function sealedBytes(key: string, value: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify([PURPOSE, key, value]))
}

async function sign([current]: Secrets, data: Uint8Array): Promise<string> {
  return encode(new Uint8Array(await crypto.subtle.sign('HMAC', await importSecret(current, 'sign'), data)))
}

async function opens(secrets: Secrets, mac: Uint8Array, data: Uint8Array): Promise<boolean> {
  const opened = secrets.map(async (secret) =>
    crypto.subtle.verify('HMAC', await importSecret(secret, 'verify'), mac, data),
  )
  return (await Promise.all(opened)).includes(true)
}

// Imported each time, and seldom: some runtimes let no request wait for the promise of another.
async function importSecret(secret: Uint8Array, usage: 'sign' | 'verify') {
  return crypto.subtle.importKey('raw', secret, HMAC, false, [usage])
}
