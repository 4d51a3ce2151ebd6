import { lookup } from 'node:dns/promises'

/**
 * Gives every address of a host, as the system's own resolver does for a connection: for `tenants.resolveHost`.
 *
 * @throws what `dns.lookup` throws, for a host that has none
 */
export async function resolveHost(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}
