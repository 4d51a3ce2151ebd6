import { describe, expect, test } from 'vitest'
import type { ProofMethod, Scheme } from './proof/proof-method.js'
import { BEARER_ONLY, schemesOf } from './schemes.js'

const ALGS = [['algs', 'ES256']] as const

function methodOf(own: Pick<ProofMethod, 'kind' | 'scheme' | 'required' | 'challenge'>): ProofMethod {
  return { ...own, member: own.kind, check: () => ({ fields: undefined }) }
}

const DPOP = methodOf({ kind: 'dpop', scheme: 'DPoP', required: false, challenge: ALGS })
const MTLS = methodOf({ kind: 'mtls', scheme: 'Bearer', required: false, challenge: [['never', 'shown']] })
const DPOP_DEMANDED: ProofMethod = { ...DPOP, required: true }
const MTLS_DEMANDED: ProofMethod = { ...MTLS, required: true }

const BEARER_OFFER = { scheme: 'Bearer', params: [] }
const DPOP_OFFER = { scheme: 'DPoP', params: ALGS }

const USED: readonly (Scheme | undefined)[] = ['Bearer', 'DPoP', undefined]

describe('schemesOf', () => {
  test.each([
    ['no proof is checked', []],
    ['a bearer token is proven', [MTLS]],
    ['every bearer token must be proven', [MTLS_DEMANDED]],
  ])('offers Bearer alone, without parameters, where %s', (_, methods) => {
    for (const used of USED) expect(schemesOf(methods, used)).toBe(BEARER_ONLY)
  })

  test.each([
    ['the one method is allowed', [DPOP]],
    ['another one is demanded of bearer tokens', [DPOP, MTLS_DEMANDED]],
    ['another one stands first', [MTLS, DPOP]],
  ])('offers Bearer first, then the scheme of a method, where %s', (_, methods) => {
    for (const used of USED)
      expect(schemesOf(methods, used)).toEqual({ offered: [BEARER_OFFER, DPOP_OFFER], used })
  })

  test('offers no Bearer where no bearer token gets in', () => {
    for (const used of ['DPoP', undefined] as const) {
      expect(schemesOf([DPOP_DEMANDED], used)).toEqual({ offered: [DPOP_OFFER], used })
      expect(schemesOf([MTLS, DPOP_DEMANDED], used)).toEqual({ offered: [DPOP_OFFER], used })
    }
  })

  test('offers it also there to who used it: its challenge says what is wrong', () => {
    expect(schemesOf([DPOP_DEMANDED], 'Bearer')).toEqual({
      offered: [BEARER_OFFER, DPOP_OFFER],
      used: 'Bearer',
    })
  })
})

describe('BEARER_ONLY', () => {
  test('is one frozen value, by which others know that nothing was set', () => {
    expect(BEARER_ONLY).toEqual({ offered: [BEARER_OFFER], used: 'Bearer' })
    for (const part of [BEARER_ONLY, BEARER_ONLY.offered, BEARER_ONLY.offered[0]?.params])
      expect(Object.isFrozen(part)).toBe(true)
  })
})
