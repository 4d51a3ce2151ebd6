import { describe, expect, test } from 'vitest'
import { isPublicName } from './host-names.js'

describe('isPublicName', () => {
  test.each(['a.example', 'a.example.', 'xn--bcher-kva.example', '1.example', 'a.b.c.example'])(
    '%s is one',
    (host) => {
      expect(isPublicName(host)).toBe(true)
    },
  )

  test.each(['internal.example', 'local.example', 'localhost.example', 'notlocalhost.example', 'a.arpa'])(
    '%s is one, although it looks like a local one',
    (host) => {
      expect(isPublicName(host)).toBe(true)
    },
  )

  test.each([
    ['no name', ['', '.', '..', 'a..example', 'a.example..', '.example']],
    ['an IPv4 address', ['127.0.0.1', '8.8.8.8', '8.8.8.8.']],
    ['an IPv6 address', ['[::1]', '[2606:4700::1]', '[::ffff:127.0.0.1]']],
    ['a single label', ['localhost', 'idp', 'idp.', 'internal']],
    ['under localhost', ['a.localhost', 'a.localhost.', 'a.b.localhost']],
    ['under local', ['printer.local', 'svc.cluster.local', 'printer.local.']],
    ['under internal', ['metadata.google.internal', 'host.docker.internal', 'metadata.google.internal.']],
    ['under home.arpa', ['home.arpa', 'nas.home.arpa', 'home.arpa.']],
  ])('%s is none', (_, hosts) => {
    expect(hosts.filter(isPublicName)).toEqual([])
  })
})
