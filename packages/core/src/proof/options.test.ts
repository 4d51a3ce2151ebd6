import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { dpop } from './dpop.js'
import { resolveProofs } from './options.js'
import type { ProofFactory, ProofMethod, ProofParts } from './proof-method.js'

const PARTS: ProofParts = { now: () => 0, baseUrl: { origin: 'https://api.example', path: '' } }

function methodOf(kind: ProofMethod['kind']): ProofMethod {
  return {
    kind,
    scheme: 'Bearer',
    member: kind,
    required: false,
    challenge: [],
    check: () => ({ fields: undefined }),
  }
}

const FIX = "Pass a list of proof methods: [dpop('required')]."

describe('resolveProofs', () => {
  test('absent is none', () => {
    expect(resolveProofs(undefined, PARTS)).toEqual([])
  })

  test('makes the methods in their order, each with what the verifier gives', () => {
    const [first, second] = [methodOf('mtls'), methodOf('dpop')]
    const factories = [vi.fn<ProofFactory>(() => first), vi.fn<ProofFactory>(() => second)]
    const methods = resolveProofs(factories, PARTS)
    expect(methods).toHaveLength(2)
    expect(methods[0]).toBe(first)
    expect(methods[1]).toBe(second)
    for (const factory of factories) expect(factory).toHaveBeenCalledExactlyOnceWith(PARTS)
  })

  test.each<[unknown, string]>([
    [null, 'null'],
    [[], 'an empty array'],
    ['dpop', '"dpop"'],
    [true, 'true'],
    [{ dpop: 'required' }, 'an object'],
    [dpop('required'), 'a function'],
  ])('refuses what is no list of them: %s', (value, got) => {
    const error = thrownBy(() => resolveProofs(value, PARTS))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toHaveProperty('message', `proofs: got ${got}. ${FIX}`)
  })

  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    ['required', '"required"'],
    [dpop('required')(PARTS), 'an object'],
  ])('refuses what is no method, and says which: %s', (value, got) => {
    expect(messageOf(() => resolveProofs([value], PARTS))).toBe(`proofs[0]: got ${got}. ${FIX}`)
    expect(messageOf(() => resolveProofs([dpop('allowed'), value], PARTS))).toBe(
      `proofs[1]: got ${got}. ${FIX}`,
    )
  })

  test('refuses a method that is there twice, also with other options', () => {
    const error = thrownBy(() => resolveProofs([dpop('allowed'), dpop('required')], PARTS))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toHaveProperty('message', 'proofs: dpop is there twice. Pass each method once.')
    const mixed = [() => methodOf('dpop'), () => methodOf('mtls'), () => methodOf('mtls')]
    expect(messageOf(() => resolveProofs(mixed, PARTS))).toBe(
      'proofs: mtls is there twice. Pass each method once.',
    )
  })

  test('lets a method say what it lacks', () => {
    expect(messageOf(() => resolveProofs([dpop('allowed')], { ...PARTS, baseUrl: undefined }))).toMatch(
      /^baseUrl: got undefined\. dpop needs it: /,
    )
  })
})
