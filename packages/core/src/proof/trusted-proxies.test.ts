import { describe, expect, test } from 'vitest'
import { isConfigError } from '../errors.js'
import { messageOf, thrownBy } from '../tokens.test-support.js'
import { resolveTrustedProxies } from './trusted-proxies.js'

describe('resolveTrustedProxies', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ['10.0.0.1', ['10.0.0.1', '::ffff:10.0.0.1', '::FFFF:a00:1'], ['10.0.0.2', '::10.0.0.1', '2002:a00:1::']],
    ['::ffff:10.0.0.1', ['10.0.0.1', '0:0:0:0:0:ffff:a00:1'], ['10.0.0.2']],
    ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.9.8.7'], ['9.255.255.255', '11.0.0.0', 'a00::']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.0.0.0']],
    ['192.0.2.128/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127', '192.0.3.0']],
    ['192.0.2.7/32', ['192.0.2.7'], ['192.0.2.6']],
    ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255', '::ffff:1.2.3.4'], ['::1', '2001:db8::1', '::1.2.3.4']],
    ['::/0', ['::', '::1', '2001:db8::1'], ['10.0.0.1', '::ffff:10.0.0.1']],
    ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::', '::2', '0.0.0.1', '127.0.0.1']],
    ['2001:db8::/32', ['2001:db8::', '2001:DB8:ffff::1'], ['2001:db7::', '2001:db9::']],
    ['2001:db8:0:8000::/49', ['2001:db8:0:8000::1'], ['2001:db8:0:7fff::1', '2001:db8:1::']],
    ['fe80::1', ['fe80::1'], ['fe80::1%eth0', '[fe80::1]']],
  ])('%s holds %j and not %j', (range, inside, outside) => {
    const isTrusted = resolveTrustedProxies([range], 'o')
    expect(inside.filter((address) => !isTrusted(address))).toEqual([])
    expect(outside.filter((address) => isTrusted(address))).toEqual([])
  })

  test('one of several is enough', () => {
    const isTrusted = resolveTrustedProxies(['10.0.0.0/8', '::1'], 'o')
    expect(['10.1.1.1', '::1', '127.0.0.1'].map(isTrusted)).toEqual([true, true, false])
  })

  test.each([
    undefined,
    '',
    'proxy',
    '0',
    '1',
    '10.0.0',
    '010.0.0.1',
    '0x0a.0.0.1',
    '10.0.0.1:80',
    '256.0.0.1',
  ])('the address %j is none of them, whatever they are', (address) => {
    expect(resolveTrustedProxies(['0.0.0.0/0', '::/0'], 'o')(address)).toBe(false)
  })

  test.each<[unknown, RegExp]>([
    [undefined, /^o: got undefined\. Pass the addresses/],
    ['10.0.0.1', /^o: got "10\.0\.0\.1"/],
    [[], /^o: got an empty array/],
    [{ 0: '::1', length: 1 }, /^o: got an object/],
    [['::1', 5], /^o\[1\]: got 5\. Pass an IP address/],
    [[''], /^o\[0\]: got ""/],
    [['proxy.example'], /^o\[0\]: got "proxy\.example"/],
    [['loopback'], /^o\[0\]/],
    [['10.0.0.0/33'], /^o\[0\]/],
    [['10.0.0.0/'], /^o\[0\]/],
    [['10.0.0.0/08'], /^o\[0\]/],
    [['10.0.0.0/-1'], /^o\[0\]/],
    [['10.0.0.0/8/8'], /^o\[0\]/],
    [['10.0.0.0/255.0.0.0'], /^o\[0\]/],
    [['010.0.0.0/8'], /^o\[0\]/],
    [['10.0.0/8'], /^o\[0\]/],
    [['::/129'], /^o\[0\]/],
    [['1::2::3'], /^o\[0\]/],
    [['fe80::1%eth0'], /^o\[0\]/],
    [['10.0.0.1/8'], /^o\[0\]: got "10\.0\.0\.1\/8"\. Write a range with its first address/],
    [['2001:db8::1/64'], /^o\[0\]: got .* Write a range/],
  ])('refuses %j', (value, message) => {
    expect(isConfigError(thrownBy(() => resolveTrustedProxies(value, 'o')))).toBe(true)
    expect(messageOf(() => resolveTrustedProxies(value, 'o'))).toMatch(message)
  })
})
