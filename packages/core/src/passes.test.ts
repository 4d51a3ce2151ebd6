import { describe, expect, test } from 'vitest'
import { isConfigError } from './errors.js'
import { demandPass, findPass, rememberPass, type Pass } from './passes.js'
import { resolveResponse } from './response-options.js'
import { messageOf, OPTIONS, thrownBy } from './tokens.test-support.js'
import { createVerifier, type Verifier } from './verifier.js'

const first = createVerifier(OPTIONS)
const second = createVerifier(OPTIONS)

function passOf(request: object, verifier: Verifier<unknown>): Pass {
  return rememberPass(request, verifier, { kind: 'preflight' }, resolveResponse())
}

describe('findPass', () => {
  test('finds nothing on a request that no verifier has seen', () => {
    expect(findPass({})).toBeUndefined()
    expect(findPass({}, first)).toBeUndefined()
  })

  test('finds the latest pass, and the latest of a verifier', () => {
    const request = {}
    const passes = [first, second, second, first].map((verifier) => passOf(request, verifier))
    expect(findPass(request)).toBe(passes[3])
    expect(findPass(request, first)).toBe(passes[3])
    expect(findPass(request, second)).toBe(passes[2])
    expect(findPass(request, createVerifier(OPTIONS))).toBeUndefined()
  })

  test('keeps requests apart and writes nothing on them', () => {
    const request = Object.freeze({})
    passOf(request, first)
    expect(findPass(request)).toBeDefined()
    expect(findPass({})).toBeUndefined()
    expect(Reflect.ownKeys(request)).toEqual([])
  })
})

describe('demandPass', () => {
  test('gives the pass', () => {
    const request = {}
    const pass = passOf(request, first)
    expect(demandPass(request, undefined, 'getAuth')).toBe(pass)
    expect(demandPass(request, first, 'getAuth')).toBe(pass)
  })

  test('names the two usual causes where no middleware ran', () => {
    expect(isConfigError(thrownBy(() => demandPass({}, undefined, 'getAuth')))).toBe(true)
    expect(messageOf(() => demandPass({}, undefined, 'getAuth'))).toBe(
      'getAuth: neither requireJwt nor optionalJwt ran on this request. Mount the middleware before this handler; ' +
        'if it is there, two copies of @require-jwt/core are installed: see `npm ls @require-jwt/core`.',
    )
    expect(messageOf(() => demandPass({}, first, 'A guard'))).toMatch(/^A guard: neither requireJwt nor/)
  })

  test('says that the verifier which was named did not run', () => {
    const request = {}
    passOf(request, first)
    expect(messageOf(() => demandPass(request, second, 'getAuth'))).toMatch(
      /^getAuth: the verifier that was named did not run on this request\. Mount the middleware/,
    )
  })
})
