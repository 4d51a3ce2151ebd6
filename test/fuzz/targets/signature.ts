import { createPublicKey } from 'node:crypto'
import { publishedKey, type PublicJwk } from '../../../packages/core/src/keys/published-key.js'
import { isRefusal } from '../../../packages/core/src/refusal.js'
import { verifySignature } from '../../../packages/core/src/signature/verify-signature.js'
import { decode } from '../../../packages/core/src/token/decode.js'
import { SIGNERS, signToken } from '../documents.js'
import { below, mutateText, pick } from '../mutate.js'
import type { Target } from '../target.js'

const LAST = ['A', 'Q', 'g', 'w', 'B', 'R', 'h', 'x', 'E', 'I', 'M', 'U', 'Y', 'c', 'k', 's']
const ORDERS = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
}

const TOKENS = SIGNERS.map((by) => {
  const text = signToken(JSON.stringify({ alg: by.alg }), '{"sub":"me"}', by)
  const { kty, crv, x, y, n, e } = createPublicKey(by.privateKey).export({ format: 'jwk' })
  const jwk = (
    kty === 'RSA' ? { kty, n, e } : kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x }
  ) as PublicJwk
  const key = publishedKey({ kid: undefined, alg: by.alg, thumbprint: by.alg, jwk })
  return { alg: by.alg, text, twin: twinOf(text, by.alg), key }
})

/**
 * The token itself: no other text verifies in its place, except (r, n − s) of ECDSA. An input is the number of a token
 * and a text.
 */
export const signature: Target = {
  name: 'signature',
  rooms: ['signature/verify-signature.ts'],
  words: ['A', 'B', '-', '.', '=', 'AAAA', '\n', ' '],
  maxLength: 16_384,
  generate(random) {
    const number = below(TOKENS.length, random)
    const { text, twin } = pick([TOKENS[number] as (typeof TOKENS)[number]], random)
    const chosen = twin !== undefined && random() < 0.2 ? twin : text
    const end = chosen.lastIndexOf('.') + 1
    const bytes = Buffer.from(chosen.slice(end), 'base64url')
    const at = below(bytes.length, random)
    switch (below(4, random)) {
      case 0:
        return number + mutateText(chosen, signature.words, random)
      case 1:
        bytes[at] = below(256, random)
        return number + chosen.slice(0, end) + bytes.toString('base64url')
      case 2:
        return number + chosen.slice(0, -1) + pick(LAST, random)
      default:
        return number + chosen.slice(0, end) + mutateText(chosen.slice(end), signature.words, random)
    }
  },
  run: verify,
  wrap: (text) => `0${text}`,
  async check(input) {
    const { text, twin } = TOKENS[Number(input[0])] ?? {}
    const isItself = text === input.slice(1) || twin === input.slice(1)
    const verified = await verify(input)
    if (verified && !isItself) return 'two texts verify as one token'
    return isItself && !verified ? 'a token does not verify' : undefined
  },
}

async function verify(input: string): Promise<boolean> {
  const signed = TOKENS[Number(input[0])]
  const decoded = decode(input.slice(1))
  if (signed === undefined || isRefusal(decoded)) return false
  return !isRefusal(await verifySignature(decoded, signed.alg, [signed.key]))
}

function twinOf(text: string, alg: string): string | undefined {
  const order = alg === 'ES256' ? ORDERS.ES256 : alg === 'ES384' ? ORDERS.ES384 : undefined
  if (order === undefined) return undefined
  const end = text.lastIndexOf('.') + 1
  const hex = Buffer.from(text.slice(end), 'base64url').toString('hex')
  const half = hex.length / 2
  const other = (order - BigInt(`0x${hex.slice(half)}`)).toString(16).padStart(half, '0')
  return text.slice(0, end) + Buffer.from(hex.slice(0, half) + other, 'hex').toString('base64url')
}
