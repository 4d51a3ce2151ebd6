import { jwtVerify, type JWTVerifyOptions } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Check, Contender } from './contender.js'
import { CONTENDERS } from './contenders/all.js'
import { noop } from './contenders/limits.js'
import { mint } from './mint.js'
import { ALGORITHMS, makeSigner } from './policy.js'
import { vet } from './vet.js'

const quiet = (): void => undefined

describe.each(ALGORITHMS)('with %s', (alg) => {
  const signer = makeSigner(alg)
  const able = CONTENDERS.filter(({ algorithms }) => algorithms.includes(alg))

  test.each(able.map((each) => [each.name, each] as const))('%s is fit', async (_, contender) => {
    expect(await vet([contender], signer, quiet)).toEqual({ fit: [contender], thrownOut: [] })
  })

  test('tokens are as long as they are said to be, and no two are alike', () => {
    const [one, other] = [mint(signer), mint(signer)]
    expect(one).not.toBe(other)
    expect(one.length).toBeGreaterThan(1_450)
    expect(one.length).toBeLessThan(1_600)
  })
})

describe('a contender that is wrong is thrown out, aloud', () => {
  const signer = makeSigner('ES256')
  const { issuer, audience, key } = signer.policy
  const strict: JWTVerifyOptions = { issuer, audience, algorithms: ['ES256'], requiredClaims: ['exp'] }
  const loosened = (less: JWTVerifyOptions): Check => {
    const options = { ...strict, ...less }
    return (token) => jwtVerify(token, key.object, options)
  }
  const once = (): Check => {
    const seen = new Set<string>()
    const check = loosened({})
    return async (token) => {
      if (seen.has(token)) throw new Error('seen')
      seen.add(token)
      return check(token)
    }
  }

  test.each([
    ['accepts a token with claims that were changed after signing', async (token: string) => token],
    ['accepts a token that has expired', loosened({ clockTolerance: 3_600 })],
    ['accepts a token without an expiry', loosened({ requiredClaims: [] })],
    ['accepts a token of another issuer', loosened({ issuer: [issuer, 'https://evil.example'] })],
    ['accepts a token for another audience', loosened({ audience: [audience, 'https://other.example'] })],
    ['refuses a good token', () => Promise.reject(new Error('no'))],
    ['refuses a good token that it has seen before', once()],
  ] as const)('%s', async (why, check) => {
    const name = 'lax'
    const contender: Contender = { ...noop, name, kind: 'peer', make: async () => check }
    const said: string[] = []
    const vetted = await vet([contender], signer, (line) => said.push(line))
    expect(vetted).toEqual({ fit: [], thrownOut: [{ name, why }] })
    expect(said).toEqual([`!!! THROWN OUT (ES256): lax ${why}`])
  })
})
