import * as crypto from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { checkPassword, hashPassword } from './passwords.js'

vi.mock('node:crypto', async (importOriginal) => {
  const actual = await importOriginal<typeof crypto>()
  return { ...actual, scrypt: vi.fn<typeof actual.scrypt>(actual.scrypt) }
})

const scrypt = vi.mocked(crypto.scrypt)

test('takes the right password and no other', async () => {
  const stored = await hashPassword('carla-drinks-tea')
  expect(await checkPassword('carla-drinks-tea', stored)).toBe(true)
  expect(await checkPassword('Carla-drinks-tea', stored)).toBe(false)
})

test('keeps two users with the same password apart', async () => {
  const [one, other] = [await hashPassword('the same'), await hashPassword('the same')]
  expect(one.hash.equals(other.hash)).toBe(false)
})

test('does the same work where there is no user, and takes no password for one', async () => {
  const stored = await hashPassword('carla-drinks-tea')
  scrypt.mockClear()
  expect(await checkPassword('a guess', stored)).toBe(false)
  expect(await checkPassword('a guess', undefined)).toBe(false)
  const [known, unknown] = scrypt.mock.calls.map(([password, salt, length, cost]) => [
    password,
    (salt as Buffer).length,
    length,
    cost,
  ])
  expect(scrypt).toHaveBeenCalledTimes(2)
  expect(unknown).toEqual(known)
})
