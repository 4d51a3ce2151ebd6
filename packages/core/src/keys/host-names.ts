// RFC 6761 §6.3, RFC 6762 §3, RFC 8375, and the name that ICANN keeps for private use.
const LOCAL = ['localhost', 'local', 'home.arpa', 'internal']
const IP = /^(?:\[.*\]|\d+\.\d+\.\d+\.\d+)$/

/**
 * Tells whether a host is a name of the public DNS: no IP address, no single label, nothing under `localhost`, `local`,
 * `internal` or `home.arpa`. `hostname` is that of a parsed URL, where every spelling of an address has become one.
 * Does not ask the DNS: a public name may have a private address.
 */
export function isPublicName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '')
  if (IP.test(name) || !/^[^.]+(?:\.[^.]+)+$/.test(name)) return false
  return !LOCAL.some((local) => name === local || name.endsWith(`.${local}`))
}
