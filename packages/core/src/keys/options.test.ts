import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { checkKeySetOptions } from './options.js'

const DEFAULTS = {
  ttlMs: undefined,
  staleWhileRevalidateMs: undefined,
  staleIfErrorMs: 3_600_000,
  waitMs: 5_000,
  fetchTimeoutMs: 15_000,
  maxBytes: 262_144,
  store: undefined,
}

function errorOf(options: unknown, path?: string): Error | undefined {
  try {
    checkKeySetOptions(options, path)
    return undefined
  } catch (error) {
    return isConfigError(error) ? error : undefined
  }
}

describe('checkKeySetOptions', () => {
  test('gives the defaults for nothing, and for options that are undefined', () => {
    expect(checkKeySetOptions(undefined)).toEqual(DEFAULTS)
    expect(checkKeySetOptions({})).toEqual(DEFAULTS)
    expect(checkKeySetOptions({ ttlMs: undefined, maxBytes: undefined })).toEqual(DEFAULTS)
  })

  test('does not make up what depends on the answer of the issuer: its windows are made with each key set', () => {
    expect(checkKeySetOptions({ ttlMs: 120_000 })).toEqual({ ...DEFAULTS, ttlMs: 120_000 })
    const off = { staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
    expect(checkKeySetOptions(off)).toEqual({ ...DEFAULTS, ...off })
  })

  test.each([
    ['ttlMs', 60_000, 3_600_000],
    ['staleIfErrorMs', 0, 86_400_000],
    ['staleWhileRevalidateMs', 0, 3_600_000],
    ['waitMs', 0, 30_000],
    ['fetchTimeoutMs', 1_000, 60_000],
    ['maxBytes', 1_024, 4_194_304],
  ])('%s is from %i to %i', (name, min, max) => {
    expect(checkKeySetOptions({ [name]: min })).toMatchObject({ [name]: min })
    expect(checkKeySetOptions({ [name]: max })).toMatchObject({ [name]: max })
    for (const wrong of [min - 1, max + 1, Number.NaN, '600000', null]) {
      expect(errorOf({ [name]: wrong })?.message).toContain(`keySet.${name}: got`)
    }
  })

  test('a window for background refreshes beyond the life of stale keys is an error', () => {
    const error = errorOf({ staleIfErrorMs: 60_000, staleWhileRevalidateMs: 60_001 })
    expect(error?.message).toContain('keySet.staleWhileRevalidateMs: got 60001')
  })

  test('names the option as the caller does', () => {
    expect(errorOf({ ttlMs: 1 }, 'issuers[1].keySet')?.message).toContain('issuers[1].keySet.ttlMs: got 1')
  })

  test('takes a store, the very object, and refuses what is none', () => {
    const store = { get: () => undefined, set: () => undefined }
    expect(checkKeySetOptions({ store }).store).toBe(store)
    expect(checkKeySetOptions({}).store).toBeUndefined()
    expect(errorOf({ store: '/tmp/keys' })?.message).toContain('keySet.store: got "/tmp/keys"')
    expect(errorOf({ store: null }, 'issuers[1].keySet')?.message).toContain(
      'issuers[1].keySet.store: got null',
    )
  })

  test('an unknown name is an error that names the right one', () => {
    expect(errorOf({ ttl: 600 })?.message).toContain('keySet.ttl')
    expect(errorOf({ ttlms: 600_000 })?.message).toContain('ttlMs')
  })

  test.each([null, 600_000, 'fast', []])('%j is no object', (options) => {
    expect(errorOf(options)?.message).toContain('keySet: got')
  })
})
