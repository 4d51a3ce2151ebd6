import type { Status } from '@require-jwt/core'
import { describe, expect, test } from 'vitest'
import { KEY_SET } from './settings.js'
import { statusFaults } from './status-faults.js'

type Source = Status['sources'][number]

const fresh: Source = {
  issuer: 'https://issuer.test',
  state: 'FRESH',
  stateEndsMs: 40_000,
  generation: 1,
  kids: ['a'],
  ageMs: 10_000,
  freshForMs: 50_000,
  staleUntilMs: 350_000,
  failures: 0,
  lastError: undefined,
  fetching: false,
  nextAttemptMs: 0,
}
const at = (state: Source['state'], ageMs: number, endsAt: number): Source => ({
  ...fresh,
  state,
  ageMs,
  stateEndsMs: endsAt - ageMs,
  freshForMs: Math.max(0, KEY_SET.ttlMs - ageMs),
  staleUntilMs: KEY_SET.ttlMs + KEY_SET.staleIfErrorMs - ageMs,
})
const empty: Source = {
  ...fresh,
  state: 'EMPTY',
  stateEndsMs: undefined,
  generation: 0,
  kids: [],
  ageMs: undefined,
  freshForMs: undefined,
  staleUntilMs: undefined,
}
const status = (source: Source, health: Status['health'] = 'ok'): Status => ({
  health,
  sources: [source],
  tenants: [],
  observerErrors: 0,
})
const faultsOf = (source: Source, health?: Status['health']): string[] =>
  statusFaults(status(source, health), undefined)

describe('a status without fault', () => {
  test.each([
    [empty, 'ok'],
    [{ ...empty, failures: 1 }, 'down'],
    [fresh, 'ok'],
    [at('AHEAD', 55_000, 60_000), 'ok'],
    [at('SWR', 70_000, 100_000), 'ok'],
    [at('MUST_REVALIDATE', 120_000, 360_000), 'degraded'],
  ] as const)('%o', (source, health) => {
    expect(faultsOf(source, health)).toEqual([])
  })
})

describe('a fault', () => {
  test.each([
    ['an age that is not of the state', at('FRESH', 58_000, 58_000), 'ok'],
    ['a state that ends too early', { ...fresh, stateEndsMs: 10_000 }, 'ok'],
    ['a state that ends too late', { ...fresh, stateEndsMs: 60_000 }, 'ok'],
    ['a state that never ends', { ...fresh, stateEndsMs: undefined }, 'ok'],
    ['keys that are fresh for too long', { ...fresh, freshForMs: 60_000 }, 'ok'],
    ['keys that are used for too long', { ...fresh, staleUntilMs: 400_000 }, 'ok'],
    ['no keys', { ...fresh, kids: [] }, 'ok'],
    ['a health that is not of the state', fresh, 'degraded'],
    ['a pause beyond its bound', { ...fresh, nextAttemptMs: 61_000 }, 'ok'],
    ['an empty set with an age', { ...empty, ageMs: 1 }, 'ok'],
    ['an empty set with keys', { ...empty, kids: ['a'] }, 'ok'],
    ['a set that failed and is well', { ...empty, failures: 1 }, 'ok'],
    ['keys that ran out', { ...empty, state: 'EXPIRED' }, 'down'],
  ] as const)('%s', (_, source, health) => {
    expect(faultsOf(source, health)).not.toEqual([])
  })

  test('a generation that goes down', () => {
    expect(statusFaults(status(fresh), status({ ...fresh, generation: 2 }))).toEqual([
      'FRESH: the generation went down',
    ])
  })

  test('an observer that threw, and a second source', () => {
    expect(statusFaults({ ...status(fresh), observerErrors: 1 }, undefined)).toHaveLength(1)
    expect(statusFaults({ ...status(fresh), sources: [fresh, fresh] }, undefined)).toHaveLength(1)
  })
})
