import { expect, test } from 'vitest'
import { resolveHost } from './resolve-host.js'

test('resolveHost gives all addresses of a host', async () => {
  const addresses = await resolveHost('localhost')
  expect(addresses.length).toBeGreaterThan(0)
  expect(addresses.filter((address) => !['127.0.0.1', '::1'].includes(address))).toEqual([])
})

test.each(['127.0.0.1', '::1'])('resolveHost gives an address as it is: %s', async (address) => {
  expect(await resolveHost(address)).toEqual([address])
})

test('resolveHost throws for what is no host', async () => {
  await expect(resolveHost('not a host')).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/)
})
