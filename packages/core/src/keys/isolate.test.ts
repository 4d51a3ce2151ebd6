import { afterEach, expect, test, vi } from 'vitest'
import { isIsolate } from './isolate.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('Cloudflare Workers are an isolate', () => {
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
  expect(isIsolate()).toBe(true)
})

test.each([
  undefined,
  null,
  {},
  { userAgent: undefined },
  { userAgent: 'Node.js/24' },
  { userAgent: 'Deno/2.5.0' },
  { userAgent: 'Mozilla/5.0 (like Cloudflare-Workers)' },
])('%j is none', (navigator) => {
  vi.stubGlobal('navigator', navigator)
  expect(isIsolate()).toBe(false)
})

test('this runtime is none', () => {
  expect(isIsolate()).toBe(false)
})
