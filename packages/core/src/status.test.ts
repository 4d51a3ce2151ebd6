import { describe, expect, test } from 'vitest'
import type { SourceStatus } from './keys/key-source.js'
import { summarizeStatus } from './status.js'

function sourceIn(state: SourceStatus['state'], failures = 0): SourceStatus {
  return {
    issuer: 'https://login.example',
    state,
    stateEndsMs: undefined,
    generation: 0,
    kids: [],
    ageMs: undefined,
    freshForMs: undefined,
    staleUntilMs: undefined,
    failures,
    lastError: undefined,
    fetching: false,
    nextAttemptMs: 0,
  }
}

describe('summarizeStatus', () => {
  test.each([
    ['STATIC', 0, 'ok'],
    ['FRESH', 0, 'ok'],
    ['FRESH', 3, 'ok'],
    ['AHEAD', 3, 'ok'],
    ['SWR', 3, 'ok'],
    ['MUST_REVALIDATE', 0, 'degraded'],
    ['MUST_REVALIDATE', 3, 'degraded'],
    ['EMPTY', 0, 'ok'],
    ['EMPTY', 1, 'down'],
    ['EXPIRED', 0, 'down'],
    ['CLOSED', 0, 'down'],
  ] as const)('calls a source in the state %s after %d failures %s', (state, failures, health) => {
    expect(summarizeStatus([sourceIn(state, failures)], [], 0).health).toBe(health)
  })

  test('is as well as the worst of the sources', () => {
    const [ok, degraded, down] = [sourceIn('FRESH'), sourceIn('MUST_REVALIDATE'), sourceIn('EXPIRED')]
    expect(summarizeStatus([ok, degraded, ok], [], 0).health).toBe('degraded')
    expect(summarizeStatus([degraded, down, ok], [], 0).health).toBe('down')
    expect(summarizeStatus([ok, ok], [], 0).health).toBe('ok')
  })

  test('tenants are shown, and change nothing of it', () => {
    const tenants = [sourceIn('EXPIRED')]
    expect(summarizeStatus([sourceIn('FRESH')], tenants, 0)).toMatchObject({ health: 'ok', tenants })
  })

  test('shows the sources and the count of swallowed exceptions', () => {
    const sources = [sourceIn('FRESH')]
    expect(summarizeStatus(sources, [], 2)).toEqual({ health: 'ok', sources, tenants: [], observerErrors: 2 })
  })
})
