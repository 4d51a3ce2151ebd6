// RFC 6890 and the registries of special-purpose addresses that it began; what no host on the Internet has.
const INSIDE_V4: readonly AddressBlock[] = [
  block('0.0.0.0', 8), // this network: many systems reach themselves by it
  block('10.0.0.0', 8), // private (RFC 1918)
  block('100.64.0.0', 10), // shared by carriers (RFC 6598)
  block('127.0.0.0', 8), // loopback
  block('168.63.129.16', 32), // public to look at, but the platform behind every Azure machine
  block('169.254.0.0', 16), // link-local (RFC 3927): metadata of cloud machines
  block('172.16.0.0', 12), // private
  block('192.0.0.0', 24), // protocol assignments
  block('192.0.2.0', 24), // documentation (RFC 5737)
  block('192.88.99.0', 24), // 6to4 relays (RFC 7526)
  block('192.168.0.0', 16), // private
  block('198.18.0.0', 15), // benchmarks (RFC 2544)
  block('198.51.100.0', 24), // documentation
  block('203.0.113.0', 24), // documentation
  block('224.0.0.0', 4), // multicast
  block('240.0.0.0', 4), // reserved, and broadcast
]

// RFC 4291 §2.4: global unicast. Loopback, unique-local, link-local and multicast are all outside of it.
const GLOBAL_V6 = block('2000::', 3)
const INSIDE_V6: readonly AddressBlock[] = [
  block('2001::', 23), // protocol assignments: Teredo, benchmarks, ORCHID
  block('2001:db8::', 32), // documentation (RFC 3849)
  block('3fff::', 20), // documentation (RFC 9637)
]

// An IPv4 address within one of IPv6: it is where the packets go, so it is what counts.
const EMBEDDING: readonly { readonly block: AddressBlock; readonly at: number }[] = [
  { block: block('::ffff:0:0', 96), at: 12 }, // mapped (RFC 4291 §2.5.5.2)
  { block: block('64:ff9b::', 96), at: 12 }, // NAT64 (RFC 6052 §2.1)
  { block: block('2002::', 16), at: 2 }, // 6to4 (RFC 3056 §2)
]

/** The addresses that begin with these bits. */
export interface AddressBlock {
  readonly bytes: Bytes
  readonly bits: number
}

/** 4 bytes of IPv4, 16 of IPv6. */
type Bytes = readonly number[]

/**
 * Tells whether an IP address, as a resolver writes it, is one of the Internet: not private, loopback, link-local or
 * of any other special use, and not an IPv6 form of such a one. What cannot be read is none.
 */
export function isPublicAddress(text: string): boolean {
  const bytes = readAddress(text)
  if (bytes === undefined) return false
  if (bytes.length === 4) return !INSIDE_V4.some((inside) => isWithin(bytes, inside))
  const embedding = EMBEDDING.find((form) => isWithin(bytes, form.block))
  if (embedding) return isPublicAddress(bytes.slice(embedding.at, embedding.at + 4).join('.'))
  return isWithin(bytes, GLOBAL_V6) && !INSIDE_V6.some((inside) => isWithin(bytes, inside))
}

/** Tells whether an address begins with the bits of a block of its own version. */
export function isWithin(bytes: Bytes, { bytes: first, bits }: AddressBlock): boolean {
  return first.every((byte, index) => {
    const mask = (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))) & 0xff
    return ((bytes[index] ?? 0) & mask) === (byte & mask)
  })
}

function block(first: string, bits: number): AddressBlock {
  return { bytes: readAddress(first) ?? [], bits }
}

/** Reads an IP address into its bytes; `undefined` for anything else, as for one with a zone. */
export function readAddress(text: string): Bytes | undefined {
  return text.includes(':') ? readV6(text) : readV4(text)
}

// No leading zeros: to some readers they make it octal.
function readV4(text: string): Bytes | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte < 256) ? bytes : undefined
}

/** RFC 4291 §2.2: eight groups, `::` for those that are 0, the last two perhaps as IPv4. No zone. */
function readV6(text: string): Bytes | undefined {
  const [head = '', tail, more] = text.split('::')
  if (more !== undefined) return undefined
  const front = readGroups(head, tail === undefined)
  const back = readGroups(tail ?? '', true)
  if (front === undefined || back === undefined) return undefined
  const missing = 16 - front.length - back.length
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined
  return [...front, ...Array<number>(missing).fill(0), ...back]
}

function readGroups(text: string, isEnd: boolean): Bytes | undefined {
  const bytes: number[] = []
  if (text === '') return bytes
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    const v4 = isEnd && index === groups.length - 1 && group.includes('.') ? readV4(group) : undefined
    if (v4 === undefined && !/^[\da-f]{1,4}$/i.test(group)) return undefined
    const value = Number.parseInt(group, 16)
    bytes.push(...(v4 ?? [value >> 8, value & 0xff]))
  }
  return bytes
}
