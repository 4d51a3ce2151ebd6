import { expect, test, vi } from 'vitest'

test('imported as a library it exports nothing and says once which package to install', async () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue()
  expect(Object.keys(await import('./index.js'))).toEqual([])
  await import('./index.js')
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('npm install @require-jwt/express'))
})
