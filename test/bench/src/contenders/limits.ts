import { createHmac, timingSafeEqual, verify, webcrypto } from 'node:crypto'
import type { Check, Contender } from '../contender.js'
import { ALGORITHMS, type Algorithm, type Policy } from '../policy.js'

/** The harness around a function that does nothing: taken from every other figure. */
export const noop: Contender = {
  name: 'noop',
  kind: 'noop',
  packages: [],
  setup: 'an async function that returns the token',
  algorithms: ALGORITHMS,
  make: async () => async (token) => token,
}

/** One synchronous signature check with Node's fastest call for the algorithm. */
export const bareVerify: Contender = {
  name: 'crypto.verify',
  kind: 'limit',
  packages: [],
  setup: 'a `KeyObject`, the signature from base64url, nothing else (HS256: `createHmac`)',
  algorithms: ALGORITHMS,
  make: async ({ alg, key }) => {
    const bare = synchronous(alg, key.object)
    return async (token) => {
      const dot = token.lastIndexOf('.')
      const data = Buffer.from(token.slice(0, dot), 'latin1')
      if (!bare(data, Buffer.from(token.slice(dot + 1), 'base64url')))
        throw new Error('the signature is wrong')
    }
  },
}

/** One signature check by WebCrypto. */
export const subtleVerify: Contender = {
  name: 'subtle.verify',
  kind: 'limit',
  packages: [],
  setup: 'a `CryptoKey`, the signature from base64url, nothing else',
  algorithms: ALGORITHMS,
  make: bySubtle,
}

function synchronous(
  alg: Algorithm,
  key: Policy['key']['object'],
): (data: Buffer, signature: Buffer) => boolean {
  switch (alg) {
    case 'RS256':
      return (data, signature) => verify('sha256', data, key, signature)
    case 'EdDSA':
      return (data, signature) => verify(undefined, data, key, signature)
    case 'ES256':
      // With `dsaEncoding` the call is slower on Node 24 than this conversion.
      return (data, signature) => verify('sha256', data, key, toDer(signature))
    case 'HS256':
      return (data, signature) => timingSafeEqual(createHmac('sha256', key).update(data).digest(), signature)
  }
}

/** RFC 7518 §3.4 has r and s side by side; OpenSSL wants a sequence of two integers. */
function toDer(signature: Buffer): Buffer {
  const [r, s] = [integer(signature.subarray(0, 32)), integer(signature.subarray(32))]
  return Buffer.concat([Buffer.of(0x30, r.length + s.length), r, s])
}

function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1
  const digits = bytes.subarray(start)
  const sign = (digits[0] ?? 0) >= 0x80 ? [0] : []
  return Buffer.concat([Buffer.of(0x02, digits.length + sign.length, ...sign), digits])
}

const WEB_ALGORITHMS = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
} as const satisfies Record<Algorithm, object>

/** Imports the key of a policy for WebCrypto. */
export function webKey({ alg, key }: Policy): Promise<webcrypto.CryptoKey> {
  const jwk = key.object.export({ format: 'jwk' })
  return webcrypto.subtle.importKey('jwk', jwk, WEB_ALGORITHMS[alg], false, ['verify'])
}

async function bySubtle(policy: Policy): Promise<Check> {
  const key = await webKey(policy)
  const algorithm = WEB_ALGORITHMS[policy.alg]
  return async (token) => {
    const dot = token.lastIndexOf('.')
    const data = Buffer.from(token.slice(0, dot), 'latin1')
    const signature = Buffer.from(token.slice(dot + 1), 'base64url')
    if (!(await webcrypto.subtle.verify(algorithm, key, signature, data)))
      throw new Error('the signature is wrong')
  }
}
