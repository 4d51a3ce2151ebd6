import crypto, { createPrivateKey, createSecretKey, KeyObject, webcrypto } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { overhear } from './overhear.js'
import type { Secrets } from './secrets.js'
import { claimTextsOf } from './texts.js'

/** What a JWS signs (RFC 7515 §5.1). */
const SIGNING_INPUT = /^([\w-]+)\.([\w-]+)$/

/** Members of a JWK that nobody publishes (RFC 7518 §6.2.2, §6.3.2, §6.4.1). */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'] as const

/** A shorter secret for HMAC may be a word that anybody says. */
const MIN_SECRET_BYTES = 16

/** Learns the tokens that this process signs, and the keys, whatever signs them: all of it ends in these three. */
export function learnTokens(secrets: Secrets): void {
  const known = new WeakSet<object>()

  function learn(input: unknown, key: unknown, toKey: () => KeyObject): boolean {
    const [, header, payload] = SIGNING_INPUT.exec(Buffer.from(input as Uint8Array).toString('latin1')) ?? []
    if (header === undefined || payload === undefined) return false
    secrets.add(header, 'the header of a token')
    secrets.add(payload, 'the claims set of a token')
    for (const text of claimTextsOf(payload)) secrets.add(text, 'the value of a claim')
    const object = typeof key === 'object' && key !== null ? key : undefined
    if (object && known.has(object)) return true
    if (object) known.add(object)
    learnKey(toKey())
    return true
  }

  function learnKey(key: KeyObject): void {
    if (key.type === 'secret') {
      const bytes = key.export()
      if (bytes.length < MIN_SECRET_BYTES) return
      secrets.add(bytes.toString(), 'a secret for HMAC')
      secrets.add(bytes.toString('hex'), 'a secret for HMAC')
    }
    const jwk = key.export({ format: 'jwk' })
    for (const member of PRIVATE) secrets.add(jwk[member] ?? '', `the member ${member} of a key`)
  }

  function learnSignature(signature: ArrayBuffer | Uint8Array): void {
    secrets.add(Buffer.from(signature as Uint8Array).toString('base64url'), 'the signature of a token')
  }

  overhear(crypto, 'sign', ([, input, key], signature) => {
    if (learn(input, key, () => privateKeyOf(key))) learnSignature(signature as Uint8Array)
  })
  overhear(crypto, 'createHmac', ([, key], hmac) => {
    overhear(hmac as object, 'update', ([input]) => void learn(input, key, () => secretKeyOf(key)))
  })
  syncBuiltinESMExports()
  overhear(webcrypto.subtle, 'sign', ([, key, input], signature) => {
    if (learn(input, key, () => KeyObject.from(key as webcrypto.CryptoKey)))
      (signature as Promise<ArrayBuffer>).then(learnSignature, () => undefined)
  })
}

function privateKeyOf(key: unknown): KeyObject {
  if (key instanceof KeyObject) return key
  const { key: inner = key } = key as { readonly key?: unknown }
  return inner instanceof KeyObject ? inner : createPrivateKey(inner as string)
}

function secretKeyOf(key: unknown): KeyObject {
  return key instanceof KeyObject ? key : createSecretKey(Buffer.from(key as Uint8Array))
}
