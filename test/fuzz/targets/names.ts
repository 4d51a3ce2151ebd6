import { BlockList, isIP } from 'node:net'
import { isTenantName } from '../../../packages/core/src/issuers/tenant-name.js'
import { isPublicAddress } from '../../../packages/core/src/keys/addresses.js'
import { parseUrl } from '../reference.js'
import { below, mutateText, pick } from '../mutate.js'
import type { Random } from '../../stress/src/random.js'
import type { Target } from '../target.js'

const NAMES = [
  'https://idp.example/t1',
  'https://a.idp.example:8443/t/',
  'https://idp.example',
  'https://idp.example./x',
  'https://10.0.0.1/',
  'https://localhost/',
  'https://a.internal/',
  'https://idp.example/a/../b',
  'https://xn--bcher-kva.example/',
  'https://0x7f.1/',
  `https://idp.example/${'x'.repeat(492)}`,
]
const PATH = /^[\w.~!$&'()*+,;=:@/-]*$/

/** Names of tenants, which a stranger chooses. */
export const tenantName: Target = {
  name: 'tenant-name',
  rooms: ['issuers/tenant-name.ts', 'keys/host-names.ts'],
  words: [
    '/',
    '//',
    '.',
    '..',
    '%2e',
    '@',
    '?',
    '#',
    ':',
    ':443',
    ':0',
    '\\',
    'é',
    'A',
    '127.0.0.1',
    '.local',
    'http:',
    '[::1]',
  ],
  maxLength: 65_536,
  generate: (random) => mutateText(pick(NAMES, random), tenantName.words, random),
  run: isTenantName,
  check(input) {
    const taken = isTenantName(input)
    return taken === slowTenantName(input)
      ? undefined
      : `${taken ? 'takes' : 'refuses'} what the reference does not`
  },
}

function slowTenantName(text: string): boolean {
  if (text.length > 512 || !text.startsWith('https://')) return false
  const url = parseUrl(text)
  if (url === undefined) return false
  const { href, hostname, pathname, username, password, host } = url
  // To the letter what the parser makes of it, but for the slash that it puts behind a bare host.
  if (href !== text && href !== `${text}/`) return false
  if (username || password || href !== `https://${host}${pathname}`) return false
  if (!PATH.test(pathname) || /\/\//.test(pathname) || !/^[a-z0-9.-]+$/.test(hostname)) return false
  const labels = hostname.replace(/\.$/, '').split('.')
  if (labels.length < 2 || labels.includes('') || isIP(labels.join('.')) !== 0) return false
  return (
    !['localhost', 'local', 'internal'].includes(labels.at(-1) ?? '') &&
    labels.slice(-2).join('.') !== 'home.arpa'
  )
}

const ADDRESSES = [
  '8.8.8.8',
  '10.1.2.3',
  '169.254.169.254',
  '172.31.0.1',
  '192.0.0.9',
  '100.127.255.255',
  '2606:4700::1111',
  'fd00:ec2::254',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::a00:1',
  '2002:0a00:0001::1',
  '2001:db8::1',
  '3fff:fff::1',
  'fe80::1%eth0',
  '::8.8.8.8',
]

/** Addresses, as resolvers and others write them. */
export const address: Target = {
  name: 'address',
  rooms: ['keys/addresses.ts'],
  words: [
    ':',
    '::',
    '.',
    '0',
    '00',
    'ffff',
    '127',
    '255',
    '256',
    '2002',
    '64:ff9b::',
    '::ffff:',
    '%',
    '0x7f',
    ' ',
    '2001:',
  ],
  maxLength: 65_536,
  generate: (random) =>
    mutateText(random() < 0.5 ? anyAddress(random) : pick(ADDRESSES, random), address.words, random),
  run: isPublicAddress,
  check(input) {
    const isPublic = isPublicAddress(input)
    return isPublic === slowIsPublic(input)
      ? undefined
      : `${isPublic ? 'takes' : 'refuses'} what the reference does not`
  },
}

// Whole octets and groups by chance: most of a block's edges are met within a minute.
function anyAddress(random: Random): string {
  const first = pick([0, 10, 100, 127, 168, 169, 172, 192, 198, 203, 224, 240, 8], random)
  const octets = [first, ...[63, 64, 16, 31, 0, 254, 168, 18, 51].toSorted(() => random() - 0.5).slice(0, 3)]
  if (random() < 0.5) return octets.map((octet) => (random() < 0.8 ? octet : below(256, random))).join('.')
  const groups = Array.from({ length: 8 }, () => (random() < 0.5 ? 0 : below(65_536, random)).toString(16))
  const head = pick(
    ['2001', '2002', '64:ff9b', '3fff', '::ffff', 'fc00', '2620', '2001:db8', '2001:1ff'],
    random,
  )
  return head.startsWith('::')
    ? `${head}:${octets.join('.')}`
    : [...head.split(':'), ...groups].slice(0, 8).join(':')
}

// Two lists: one alone would look up an IPv4 address as the IPv6 address that it is mapped to.
const FORBIDDEN = { v4: new BlockList(), v6: new BlockList() }
// The IANA registries of special-purpose addresses, IPv4; 168.63.129.16 is the host below every Azure machine.
for (const range of `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12
  192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4
  240.0.0.0/4`.split(/\s+/)) {
  const [network = '', bits] = range.split('/')
  FORBIDDEN.v4.addSubnet(network, Number(bits), 'ipv4')
}
for (const range of ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '3fff::/20']) {
  const [network = '', bits] = range.split('/')
  FORBIDDEN.v6.addSubnet(network, Number(bits), 'ipv6')
}

function slowIsPublic(text: string): boolean {
  const version = text.includes('%') ? 0 : isIP(text)
  if (version === 0) return false
  if (version === 4) return !FORBIDDEN.v4.check(text, 'ipv4')
  const groups = groupsOf(text)
  const prefix = groups.slice(0, 6).join(':')
  const at =
    groups[0] === '2002' ? 1 : prefix === '0:0:0:0:0:ffff' || prefix === '64:ff9b:0:0:0:0' ? 6 : undefined
  if (at === undefined) return !FORBIDDEN.v6.check(text, 'ipv6')
  const octets = groups.slice(at, at + 2).flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
  return !FORBIDDEN.v4.check(octets.join('.'), 'ipv4')
}

// The URL parser writes each address in its one short form (RFC 5952), without an IPv4 part.
function groupsOf(text: string): readonly string[] {
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::')
  const [front, back] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [
    string[],
    string[],
  ]
  return tail === undefined
    ? front
    : [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back]
}
