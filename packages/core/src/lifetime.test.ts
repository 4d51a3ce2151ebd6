import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isAuthError } from './auth-error.js'
import { abortAt } from './lifetime.js'
import { NOW } from './tokens.test-support.js'

const now = (): number => Date.now()
const DAY = 86_400

describe('abortAt', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: NOW * 1000 })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  test('aborts at the moment and not before, with an AuthError token_expired as the reason', () => {
    const signal = abortAt(NOW + 60, now)
    vi.advanceTimersByTime(59_999)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.aborted).toBe(true)
    expect(isAuthError(signal.reason)).toBe(true)
    expect(signal.reason).toMatchObject({ code: 'token_expired', status: 401, detail: 'exp has passed' })
  })

  test('tells whoever listens', () => {
    const listener = vi.fn<() => void>()
    abortAt(NOW + 1, now).addEventListener('abort', listener)
    vi.advanceTimersByTime(1_000)
    expect(listener).toHaveBeenCalledOnce()
  })

  test.each([NOW, NOW - 1, 0])(
    'is aborted from the beginning where the moment has passed: %d',
    (expiresAt) => {
      expect(abortAt(expiresAt, now).aborted).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('aborts at a fraction of a second', () => {
    const signal = abortAt(NOW + 0.5, now)
    vi.advanceTimersByTime(499)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.aborted).toBe(true)
  })

  test('waits also longer than 2^31 milliseconds, which is as long as one timer takes', () => {
    const signal = abortAt(NOW + 100 * DAY, now)
    vi.advanceTimersByTime(1)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(100 * DAY * 1000 - 2)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal.aborted).toBe(true)
  })

  test('never asks a timer for more than it takes, up to the last date there is', () => {
    const timer = vi.spyOn(globalThis, 'setTimeout')
    abortAt(253_402_300_799, now)
    expect(timer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 2_147_483_647)
  })

  test('goes by the clock that it is given: a timer that comes early waits again', () => {
    let clock = NOW * 1000
    const signal = abortAt(NOW + 60, () => clock)
    vi.advanceTimersByTime(60_000)
    expect(signal.aborted).toBe(false)
    clock += 60_000
    vi.advanceTimersByTime(60_000)
    expect(signal.aborted).toBe(true)
  })

  test('never keeps the process alive', () => {
    const unref = vi.fn<() => void>()
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as unknown as NodeJS.Timeout)
    abortAt(NOW + 60, now)
    expect(unref).toHaveBeenCalledOnce()
  })

  test('runs where a timer is a number, or has no unref', () => {
    const timer = vi.spyOn(globalThis, 'setTimeout')
    for (const made of [1, {}]) {
      timer.mockReturnValueOnce(made as unknown as NodeJS.Timeout)
      expect(abortAt(NOW + 60, now).aborted).toBe(false)
    }
  })
})
