import { createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto'
import type { VerificationKey } from '../../../packages/core/src/keys/verification-key.js'
import { isRefusal } from '../../../packages/core/src/refusal.js'
import type { Algorithm } from '../../../packages/core/src/signature/algorithms.js'
import type { SignatureCrypto } from '../../../packages/core/src/signature/crypto.js'
import * as node from '../../../packages/core/src/signature/crypto.node.js'
import * as web from '../../../packages/core/src/signature/crypto.web.js'
import type { Offload } from '../../../packages/core/src/signature/options.js'
import { verifySignature } from '../../../packages/core/src/signature/verify-signature.js'
import { decode } from '../../../packages/core/src/token/decode.js'
import { macToken, MORE_SIGNERS, SIGNERS, signToken, type Signer } from '../documents.js'
import { below, mutateText, pick } from '../mutate.js'
import type { Target } from '../target.js'

const CLAIMS = '{"sub":"me"}'
const LAST = ['A', 'Q', 'g', 'w', 'B', 'R', 'h', 'x', 'E', 'I', 'M', 'U', 'Y', 'c', 'k', 's']
const WORDS = ['A', 'B', '-', '.', '=', 'AAAA', '\n', ' ']
const ORDERS: Readonly<Record<string, bigint>> = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
}

/** A token that is signed, and what it is checked with. */
interface Signed {
  readonly alg: Algorithm
  readonly text: string
  /** The other text that verifies in its place. */
  readonly twin: string | undefined
  readonly key: webcrypto.CryptoKey | Uint8Array
}

const SECRET = randomBytes(32)
const TOKENS: readonly Signed[] = [
  ...(await Promise.all([...SIGNERS, ...MORE_SIGNERS].map(signedBy))),
  { alg: 'HS256', text: macToken('{"alg":"HS256"}', CLAIMS, SECRET), twin: undefined, key: SECRET },
]
const ALGORITHMS: ReadonlySet<Algorithm> = new Set(TOKENS.map(({ alg }) => alg))

/**
 * The token itself: no other text verifies in its place, except (r, n − s) of ECDSA. An input is the number of a token
 * and a text. Node's crypto says the same in place and in the thread pool.
 */
export const signature: Target = signatureOf('signature', 'crypto.node.ts', node, ['never', 'always'])
export const signatureWeb: Target = signatureOf('signature-web', 'crypto.web.ts', web, ['auto'])

function signatureOf(
  name: string,
  room: string,
  crypto: SignatureCrypto,
  offloads: readonly [Offload, ...Offload[]],
): Target {
  const keys = TOKENS.map(({ alg, key }): VerificationKey => {
    const check = crypto.signatureCheck(key, alg)
    return { kid: undefined, thumbprint: undefined, alg, forAlgorithm: () => check }
  })

  async function verify(input: string, offload: Offload): Promise<boolean> {
    const key = keys[Number(input[0])]
    const decoded = decode(input.slice(1), ALGORITHMS)
    // A key is for its own algorithm: those that are not are never asked.
    if (key === undefined || isRefusal(decoded) || decoded.alg !== key.alg) return false
    return !isRefusal(await verifySignature(decoded, [key], offload))
  }

  return {
    name,
    rooms: ['signature/verify-signature.ts', `signature/${room}`],
    words: WORDS,
    maxLength: 16_384,
    generate(random) {
      const number = below(TOKENS.length, random)
      const { alg, text, twin } = TOKENS[number] as Signed
      const chosen = twin !== undefined && random() < 0.2 ? twin : text
      const end = chosen.lastIndexOf('.') + 1
      const bytes = Buffer.from(chosen.slice(end), 'base64url')
      const at = below(bytes.length, random)
      switch (below(5, random)) {
        case 0:
          return number + mutateText(chosen, WORDS, random)
        case 1:
          bytes[at] = below(256, random)
          return number + chosen.slice(0, end) + bytes.toString('base64url')
        case 2:
          return number + chosen.slice(0, -1) + pick(LAST, random)
        case 3:
          return number + chosen.slice(0, end) + widened(bytes, alg).toString('base64url')
        default:
          return number + chosen.slice(0, end) + mutateText(chosen.slice(end), WORDS, random)
      }
    },
    run: (input) => verify(input, offloads[0]),
    wrap: (text) => `0${text}`,
    async check(input) {
      const { text, twin } = TOKENS[Number(input[0])] ?? {}
      const isItself = text === input.slice(1) || twin === input.slice(1)
      const verdicts = await Promise.all(offloads.map((offload) => verify(input, offload)))
      if (!verdicts.includes(isItself))
        return isItself ? 'a token does not verify' : 'two texts verify as one token'
      return verdicts.includes(!isItself) ? 'the thread pool finds something else' : undefined
    },
  }
}

/** Writes the numbers of a signature with a zero more each: the same numbers. */
function widened(bytes: Buffer, alg: Algorithm): Buffer {
  const half = alg.startsWith('ES') ? bytes.length / 2 : bytes.length
  const zero = Buffer.alloc(1)
  return Buffer.concat([zero, bytes.subarray(0, half), zero, bytes.subarray(half)])
}

async function signedBy(by: Signer): Promise<Signed> {
  const text = signToken(JSON.stringify({ alg: by.alg }), CLAIMS, by)
  const key = await importKey(by.alg, createPublicKey(by.privateKey))
  return { alg: by.alg, text, twin: twinOf(text, by.alg), key }
}

function importKey(alg: Signer['alg'], key: KeyObject): Promise<webcrypto.CryptoKey> {
  const params = {
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    ES384: { name: 'ECDSA', namedCurve: 'P-384' },
    ES512: { name: 'ECDSA', namedCurve: 'P-521' },
    RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
    Ed25519: { name: 'Ed25519' },
  }
  const der = key.export({ type: 'spki', format: 'der' })
  return webcrypto.subtle.importKey('spki', der, params[alg], true, ['verify'])
}

function twinOf(text: string, alg: string): string | undefined {
  const order = ORDERS[alg]
  if (order === undefined) return undefined
  const end = text.lastIndexOf('.') + 1
  const hex = Buffer.from(text.slice(end), 'base64url').toString('hex')
  const half = hex.length / 2
  const other = (order - BigInt(`0x${hex.slice(half)}`)).toString(16).padStart(half, '0')
  return text.slice(0, end) + Buffer.from(hex.slice(0, half) + other, 'hex').toString('base64url')
}
