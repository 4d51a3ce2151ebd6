import { describe, expect, test, vi } from 'vitest'
import { elapsed, RUNTIME, stamp } from './clock.js'

function clockAt(wall: number, monotonic: number): { now: () => number; monotonic: () => number } {
  return { now: () => wall, monotonic: () => monotonic }
}

const START = stamp(clockAt(1_000, 50))

describe('elapsed', () => {
  test('is what both clocks say where they agree', () => {
    expect(START).toEqual({ wall: 1_000, monotonic: 50 })
    expect(elapsed(clockAt(1_300, 350), START)).toBe(300)
  })

  test.each([
    ['a wall clock that is further: the machine was suspended', 9_000, 60, 8_000],
    ['a monotonic clock that is further: the wall clock was stepped back', 500, 90, 40],
    ['never less than nothing', 500, 20, 0],
    ['a wall clock that says no number leaves it to the monotonic one', Number.NaN, 150, 100],
  ])('%s', (_, wall, monotonic, ms) => {
    expect(elapsed(clockAt(wall, monotonic), START)).toBe(ms)
  })
})

describe('RUNTIME', () => {
  test('calls back once after the time, or not at all when it is called off', () => {
    vi.useFakeTimers()
    const run = vi.fn<() => void>()
    RUNTIME.after(100, run, true)
    const callOff = RUNTIME.after(100, run, true)
    callOff()
    vi.advanceTimersByTime(99)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1_000)
    expect(run).toHaveBeenCalledOnce()
    vi.useRealTimers()
  })

  test.each([true, false])('a timer keeps the event loop alive only where it holds: %s', (hold) => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout')
    const callOff = RUNTIME.after(1_000, () => undefined, hold)
    const timers = timeouts.mock.results.map(({ value }) => value as NodeJS.Timeout)
    expect(timers.map((timer) => timer.hasRef())).toEqual([hold])
    callOff()
  })

  test('has a clock that goes on and numbers from 0 up to 1', () => {
    const before = RUNTIME.monotonic()
    expect(RUNTIME.monotonic()).toBeGreaterThanOrEqual(before)
    expect(RUNTIME.random()).toBeGreaterThanOrEqual(0)
    expect(RUNTIME.random()).toBeLessThan(1)
  })
})
