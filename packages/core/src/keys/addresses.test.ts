import { describe, expect, test } from 'vitest'
import { isPublicAddress } from './addresses.js'

describe('isPublicAddress', () => {
  // Beside the first and last address of each block: the first after it and the last before it, which are public.
  test.each([
    ['this network', '0.0.0.0', '0.255.255.255', undefined, '1.0.0.0'],
    ['private, 10/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
    ['carriers', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
    ['loopback', '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
    ['the platform of Azure', '168.63.129.16', '168.63.129.16', '168.63.129.15', '168.63.129.17'],
    ['link-local', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
    ['private, 172.16/12', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
    ['protocol assignments', '192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
    ['documentation, 192.0.2/24', '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
    ['6to4 relays', '192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
    ['private, 192.168/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
    ['benchmarks', '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
    ['documentation, 198.51.100/24', '198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
    ['documentation, 203.0.113/24', '203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
    ['multicast', '224.0.0.0', '239.255.255.255', '223.255.255.255', undefined],
    ['reserved', '240.0.0.0', '255.255.255.255', undefined, undefined],
    ['loopback and unspecified, ::/127', '::', '::1', undefined, undefined],
    ['outside of global unicast', '1fff:ffff::', '1fff::1', undefined, '2000::'],
    ['unique-local', 'fc00::', 'fdff:ffff::1', '3ffe:ffff::', undefined],
    ['link-local, fe80::/10', 'fe80::1', 'febf::1', undefined, undefined],
    ['site-local', 'fec0::1', 'feff::1', undefined, undefined],
    ['multicast, ff00::/8', 'ff00::', 'ff02::1', undefined, undefined],
    ['protocol assignments, 2001::/23', '2001::', '2001:1ff:ffff::', '2000:ffff::', '2001:200::'],
    ['documentation, 2001:db8::/32', '2001:db8::', '2001:db8:ffff::', '2001:db7:ffff::', '2001:db9::'],
    ['documentation, 3fff::/20', '3fff::', '3fff:fff:ffff::', '3ffe:ffff::', '3fff:1000::'],
    ['beyond global unicast', '4000::', '5f00::1', '3fff:ffff::', undefined],
  ])('refuses %s and nothing beside it', (_, first, last, before, after) => {
    expect([first, last].map(isPublicAddress)).toEqual([false, false])
    const neighbours = [before, after].filter((address) => address !== undefined)
    expect(neighbours.filter((address) => !isPublicAddress(address))).toEqual([])
  })

  test.each([
    '8.8.8.8',
    '1.1.1.1',
    '93.184.216.34',
    '2606:4700:4700::1111',
    '2a00:1450:4001:081b:0000:0000:0000:200e',
    '2A00:1450::200E',
    '2606:4700::1.2.3.4',
  ])('accepts %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  test.each([
    ['mapped', (hex: string) => `::ffff:${hex}`],
    ['mapped, in full', (hex: string) => `0:0:0:0:0:FFFF:${hex}`],
    ['NAT64', (hex: string) => `64:ff9b::${hex}`],
    ['6to4', (hex: string) => `2002:${hex}::1`],
  ])('goes by the IPv4 address within one of IPv6: %s', (_, write) => {
    const inside = ['7f00:1', 'a00:1', 'a9fe:a9fe', 'c0a8:101', 'ac10:1', '6440:1', '0:0', 'ffff:ffff']
    expect(inside.map((hex) => isPublicAddress(write(hex)))).toEqual(inside.map(() => false))
    expect(isPublicAddress(write('808:808'))).toBe(true)
  })

  test.each([
    '::ffff:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::10.0.0.1',
    '::127.0.0.1', // IPv4-compatible, deprecated
    '::ffff:0:127.0.0.1', // IPv4-translated (RFC 2765)
    '64:ff9b:1::8.8.8.8', // NAT64 within one network (RFC 8215)
    '2001:0:4136:e378:8000:63bf:3fff:fdd2', // Teredo
    'fd00:ec2::254', // metadata of cloud machines
    '100.100.100.200',
    '192.0.0.192',
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each([
    '',
    'localhost',
    '8.8.8',
    '8.8.8.8.8',
    '8.8.8.256',
    '08.8.8.8',
    '0x8.8.8.8',
    '134744072',
    '0x08080808',
    ' 8.8.8.8',
    '8.8.8.8\n',
    '8.8.8.8/32',
    '[2606:4700::1]',
    '2606:4700::1%eth0',
    '2606:4700:::1',
    '2606::4700::1',
    '2606:4700:1:2:3:4:5',
    '2606:4700:1:2:3:4:5:6:7',
    '2606:4700:1:2:3:4:5:6::',
    '26060:4700::1',
    '2606:4700::g',
    '2606:4700::1.2.3.4:1',
    '2606:4700:1.2.3.4::',
    '2606:4700::1.2.3',
    ':2606:4700:1:2:3:4:5:6',
    '2606:4700:1:2:3:4:5:6:',
  ])('takes no %j for an address', (text) => {
    expect(isPublicAddress(text)).toBe(false)
  })
})
