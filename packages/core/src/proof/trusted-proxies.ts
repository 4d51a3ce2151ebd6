import { isWithin, readAddress, type AddressBlock } from '../keys/addresses.js'
import { optionError } from '../option-checks.js'

/** IPv4 as IPv6 writes it (RFC 4291 §2.5.5.2): what a socket that takes both says of its peer. */
const MAPPED: AddressBlock = { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], bits: 96 }

/**
 * Reads the addresses of proxies, and gives a function that tells whether an address is one of them. Each is an IP
 * address or a range (`10.0.0.0/8`, `2001:db8::/32`). An IPv4 address that is written as one of IPv6
 * (`::ffff:10.0.0.1`) is one of IPv4. No address, as on a Unix socket, is none of them.
 *
 * @throws ConfigError for anything but a list of at least one, and for a range that does not begin with its first
 *   address.
 */
export function resolveTrustedProxies(
  value: unknown,
  option: string,
): (address: string | undefined) => boolean {
  if (!Array.isArray(value) || value.length === 0) {
    throw optionError(option, value, 'Pass the addresses of your proxies: [ "10.0.0.0/8", … ].')
  }
  const ranges = value.map((item: unknown, index) => readRange(item, `${option}[${index}]`))
  return (text) => {
    const whole = text === undefined ? undefined : readAddress(text)
    const bytes = whole && withoutMapping({ bytes: whole, bits: 8 * whole.length }).bytes
    return (
      bytes !== undefined &&
      ranges.some((range) => range.bytes.length === bytes.length && isWithin(bytes, range))
    )
  }
}

function readRange(value: unknown, option: string): AddressBlock {
  const [address = '', length, more] = typeof value === 'string' ? value.split('/') : []
  const bytes = readAddress(address)
  const size = 8 * (bytes?.length ?? 0)
  const isLength = length === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= size)
  if (bytes === undefined || !isLength || more !== undefined) {
    throw optionError(option, value, 'Pass an IP address or a range of them, for example 10.0.0.0/8.')
  }
  const range = withoutMapping({ bytes, bits: Number(length ?? size) })
  if (isFirst(range)) return range
  throw optionError(option, value, 'Write a range with its first address, the other bits zero.')
}

function withoutMapping({ bytes, bits }: AddressBlock): AddressBlock {
  const isMapped = bytes.length === 16 && bits >= MAPPED.bits && isWithin(bytes, MAPPED)
  return isMapped ? { bytes: bytes.slice(12), bits: bits - MAPPED.bits } : { bytes, bits }
}

/** Tells whether no bit of the address is set behind those that the range is about. */
function isFirst({ bytes, bits }: AddressBlock): boolean {
  return bytes.every((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, bits - 8 * index)))) === 0)
}
