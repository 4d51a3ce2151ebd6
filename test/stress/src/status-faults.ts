import type { Status } from '@require-jwt/core'
import { KEY_SET, LIMITS } from './settings.js'

const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs } = KEY_SET

/** For each state with keys: from which age, until which one, and the health that it means. FRESH may end earlier. */
const WINDOWS = {
  FRESH: [0, ttlMs * LIMITS.aheadTo, 'ok'],
  AHEAD: [ttlMs * LIMITS.aheadFrom, ttlMs, 'ok'],
  SWR: [ttlMs, ttlMs + staleWhileRevalidateMs, 'ok'],
  MUST_REVALIDATE: [ttlMs + staleWhileRevalidateMs, ttlMs + staleIfErrorMs, 'degraded'],
} as const

/** The state and the age are read one after the other, by a fast clock: 50 ms of the machine's. */
const TOLERANCE_MS = 1_000

/** Says what in a status contradicts itself, the windows of the key set, or the status before it. */
export function statusFaults(status: Status, before: Status | undefined): string[] {
  const source = status.sources[0]
  if (source === undefined || status.sources.length > 1) return ['there is not one source']
  const { state, ageMs, stateEndsMs, freshForMs, staleUntilMs, generation, kids } = source
  const faults: string[] = []
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(`${state}: ${fault}`)
  }

  expect(generation >= (before?.sources[0]?.generation ?? 0), 'the generation went down')
  expect(
    source.nextAttemptMs >= 0 && source.nextAttemptMs <= LIMITS.maxBackoffMs,
    'the pause is out of bounds',
  )
  expect(status.observerErrors === 0, 'an observer threw')
  if (state === 'EMPTY') {
    const times = [ageMs, stateEndsMs, freshForMs, staleUntilMs]
    expect(
      times.every((time) => time === undefined),
      'an age without keys',
    )
    expect(kids.length === 0 && generation === 0, 'keys in an empty set')
    expect(status.health === (source.failures > 0 ? 'down' : 'ok'), `health is ${status.health}`)
    return faults
  }
  if (!isWindow(state)) return [`${state}: no state of a run in which keys never run out`]
  const [from, until, health] = WINDOWS[state]
  expect(status.health === health, `health is ${status.health}`)
  expect(kids.length > 0, 'no keys')
  const age = ageMs ?? Number.NaN
  expect(age > from - TOLERANCE_MS && age < until + TOLERANCE_MS, `the age is ${age}`)
  const earliest = state === 'FRESH' ? ttlMs * LIMITS.aheadFrom : until
  const end = age + (stateEndsMs ?? Number.NaN)
  expect(end > earliest - TOLERANCE_MS && end < until + TOLERANCE_MS, `it ends at the age of ${end}`)
  expect(isNear(freshForMs, Math.max(0, ttlMs - age)), `fresh for ${freshForMs}, at the age of ${age}`)
  expect(
    isNear(staleUntilMs, ttlMs + staleIfErrorMs - age),
    `stale until ${staleUntilMs}, at the age of ${age}`,
  )
  return faults
}

function isWindow(state: string): state is keyof typeof WINDOWS {
  return Object.hasOwn(WINDOWS, state)
}

function isNear(value: number | undefined, expected: number): boolean {
  return value !== undefined && Math.abs(value - expected) < TOLERANCE_MS
}
