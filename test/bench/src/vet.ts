import { isRefusal } from '@require-jwt/core'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import type { Check, Contender } from './contender.js'
import { mint, signText } from './mint.js'
import { makeSigner, type Signer } from './policy.js'

/** Why a contender may not take part. */
export interface Expulsion {
  readonly name: string
  readonly why: string
}

/** Contenders that did what the policy says, and those that did not. */
export interface Vetted {
  readonly fit: readonly Contender[]
  readonly thrownOut: readonly Expulsion[]
}

/** Lets each contender check good and bad tokens, and throws out, loudly, whoever is wrong about one of them. */
export async function vet(
  contenders: readonly Contender[],
  signer: Signer,
  tell: (line: string) => void,
): Promise<Vetted> {
  const fit: Contender[] = []
  const thrownOut: Expulsion[] = []
  for (const contender of contenders) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: there is no hurry
    const why = contender.kind === 'noop' ? undefined : await faultOf(contender, signer)
    if (why === undefined) fit.push(contender)
    else thrownOut.push({ name: contender.name, why })
  }
  for (const { name, why } of thrownOut) tell(`!!! THROWN OUT (${signer.policy.alg}): ${name} ${why}`)
  return { fit, thrownOut }
}

async function faultOf(contender: Contender, signer: Signer): Promise<string | undefined> {
  const check = await contender.make(signer.policy)
  const ask = (token: string): Promise<boolean> => accepts(check, contender.field ? `Bearer ${token}` : token)
  return findFault(ask, signer, contender.kind === 'limit')
}

/** Says what somebody does wrong who accepts or refuses tokens. A bare signature check looks at nothing else. */
export async function findFault(
  ask: (token: string) => Promise<boolean>,
  signer: Signer,
  bare = false,
): Promise<string | undefined> {
  // The first token may import a key, later ones find it.
  for (const token of [mint(signer), mint(signer), mint(signer)]) {
    // oxlint-disable no-await-in-loop -- a cache is only seen in turn
    if (!(await ask(token))) return 'refuses a good token'
    if (!(await ask(token))) return 'refuses a good token that it has seen before'
  }
  for (const [what, token] of badTokens(signer)) {
    if (bare && !SIGNATURES.includes(what)) continue
    if (await ask(token)) return `accepts a token ${what}`
    // oxlint-enable no-await-in-loop
  }
  return undefined
}

/** Says whether a token is accepted. */
export async function accepts(check: Check, token: string): Promise<boolean> {
  try {
    return !isRefusal(await check(token))
  } catch {
    return false
  }
}

const FORGED = 'with claims that were changed after signing'
const FOREIGN = 'that was signed with another key'
const SIGNATURES: readonly string[] = [FORGED, FOREIGN]

function badTokens(signer: Signer): readonly (readonly [what: string, token: string])[] {
  const now = Math.floor(Date.now() / 1000)
  const [header, , signature] = mint(signer).split('.')
  const [, otherClaims] = mint(signer).split('.')
  const { policy } = signer
  return [
    [FORGED, `${header}.${otherClaims}.${signature}`],
    [FOREIGN, mint({ ...signer, privateKey: makeSigner(policy.alg).privateKey })],
    ['that has expired', mint(signer, { claims: { exp: now - 600 } })],
    ['without an expiry', mint(signer, { claims: { exp: undefined } })],
    ['of another issuer', mint(signer, { claims: { iss: 'https://evil.example' } })],
    ['for another audience', mint(signer, { claims: { aud: 'https://other.example' } })],
    ['with `alg: none`', unsigned(signer)],
    ['of another algorithm', ofAnotherAlgorithm(signer)],
  ]
}

function unsigned(signer: Signer): string {
  const [header, claims] = mint(signer, { header: { alg: 'none' } }).split('.')
  return `${header}.${claims}.`
}

/** Made by whoever knows the public key: its text as a secret. Of a secret: by any key. */
function ofAnotherAlgorithm(signer: Signer): string {
  const { alg, key } = signer.policy
  const other = alg === 'HS256' ? 'ES256' : 'HS256'
  const [header, claims] = mint(signer, { header: { alg: other } }).split('.')
  const input = `${header}.${claims}`
  const forger =
    other === 'HS256'
      ? createSecretKey(key.text, 'utf8')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return `${input}.${signText(other, input, forger)}`
}
