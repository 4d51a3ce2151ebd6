import { describe, expect, test } from 'vitest'
import { failure, type Failure } from './fetch.js'
import { flush, Lab } from './lab.test-support.js'
import { Tenancy, type ResolveHost } from './tenancy.js'

const PUBLIC = '93.184.216.34'

function tenancyOf(resolveHost?: ResolveHost, isolated = false): Tenancy {
  return new Tenancy({ jwksOrigins: [], resolveHost, isolated })
}

class Stand {
  readonly asked: string[] = []
  readonly tenancy: Tenancy
  readonly gate

  constructor(resolveHost?: ResolveHost) {
    const asking: ResolveHost = (host) => {
      this.asked.push(host)
      return resolveHost?.(host) ?? Promise.resolve([])
    }
    this.tenancy = tenancyOf(resolveHost && asking)
    this.gate = this.tenancy.gate(new Lab().runtime)
  }

  pass(url: string, signal = new AbortController().signal): Promise<Failure | (() => void)> {
    return this.gate(new URL(url), signal)
  }
}

function answering(...addresses: readonly string[]): Stand {
  return new Stand(() => Promise.resolve(addresses))
}

describe('the gate of a tenancy', () => {
  test('lets a fetch pass whose host has public addresses only', async () => {
    const stand = answering(PUBLIC, '2606:4700::1')
    expect(await stand.pass('https://login.acme.example/jwks')).toBeTypeOf('function')
    expect(stand.asked).toEqual(['login.acme.example'])
  })

  test('asks again for each fetch: a name may have moved', async () => {
    const answers = [[PUBLIC], ['10.0.0.1']]
    const stand = new Stand(() => Promise.resolve(answers.shift() ?? []))
    expect(await stand.pass('https://a.example/')).toBeTypeOf('function')
    expect(await stand.pass('https://a.example/')).toMatchObject({ ok: false })
    expect(stand.asked).toHaveLength(2)
  })

  test.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    'x',
  ])('refuses a host that has the address %s, also beside a public one', async (address) => {
    const refused = failure('the host has an address that is not public')
    expect(await answering(address).pass('https://a.example/')).toEqual(refused)
    expect(await answering(PUBLIC, address).pass('https://a.example/')).toEqual(refused)
  })

  test.each([
    [
      'an exception',
      () => {
        throw new Error('10.0.0.1 said no')
      },
      'resolveHost failed',
    ],
    ['a rejection', () => Promise.reject(new Error('10.0.0.1 said no')), 'resolveHost failed'],
    ['an empty list', () => Promise.resolve([]), 'resolveHost gave no list of addresses'],
    ['one address', () => Promise.resolve(PUBLIC), 'resolveHost gave no list of addresses'],
    ['objects', () => Promise.resolve([{ address: PUBLIC }]), 'resolveHost gave no list of addresses'],
  ])('refuses where resolveHost gives %s', async (_, resolveHost, reason) => {
    const stand = new Stand(resolveHost as () => Promise<never>)
    expect(await stand.pass('https://a.example/')).toEqual(failure(reason))
  })

  test('waits for resolveHost no longer than the fetch may take', async () => {
    const stand = new Stand(() => new Promise(() => undefined))
    const fetch = new AbortController()
    const passed = stand.pass('https://a.example/', fetch.signal)
    await flush()
    fetch.abort()
    expect(await passed).toEqual(failure('resolveHost failed'))
  })

  test.each(['http://localhost:3000/', 'http://127.0.0.1/', 'https://idp/', 'https://keys.internal/'])(
    'does not ask for %s, which only the options can name',
    async (url) => {
      const stand = answering('127.0.0.1')
      expect(await stand.pass(url)).toBeTypeOf('function')
      expect(stand.asked).toEqual([])
    },
  )

  test('lets every host pass without resolveHost', async () => {
    expect(await new Stand().pass('https://a.example/')).toBeTypeOf('function')
  })

  test('looks no name up for a fetch that finds no place, and keeps no place for one that is refused', async () => {
    const answers = [[PUBLIC], ['10.0.0.1'], [PUBLIC]]
    const lab = new Lab()
    let asked = 0
    const tenancy = tenancyOf(() => {
      asked += 1
      return Promise.resolve(answers.shift() ?? [])
    })
    const gate = tenancy.gate(lab.runtime)
    const pass = (): ReturnType<typeof gate> =>
      gate(new URL('https://a.example'), new AbortController().signal)
    expect(await pass()).toBeTypeOf('function')
    expect(await pass()).toMatchObject({ ok: false })
    expect(await pass()).toBeTypeOf('function')
    const third = pass()
    await lab.advance(1_000)
    expect(await third).toEqual(failure('too many fetches for tenants at once'))
    expect(asked).toBe(3)
  })

  test('counts the places of all its sources together, not those of another verifier', async () => {
    const lab = new Lab()
    const [one, other] = [tenancyOf(), tenancyOf()]
    const pass = (tenancy: Tenancy): ReturnType<ReturnType<Tenancy['gate']>> =>
      tenancy.gate(lab.runtime)(new URL('https://a.example'), new AbortController().signal)
    expect(await pass(one)).toBeTypeOf('function')
    expect(await pass(one)).toBeTypeOf('function')
    const third = pass(one)
    expect(await pass(other)).toBeTypeOf('function')
    await lab.advance(1_000)
    expect(await third).toMatchObject({ ok: false })
  })

  test('has no places where requests share no promises, and still looks names up', async () => {
    const gate = tenancyOf(() => Promise.resolve(['10.0.0.1']), true).gate(new Lab().runtime)
    const open = tenancyOf(undefined, true).gate(new Lab().runtime)
    const { signal } = new AbortController()
    const all = Array.from({ length: 20 }, () => open(new URL('https://a.example'), signal))
    for (const passed of await Promise.all(all)) expect(passed).toBeTypeOf('function')
    expect(await gate(new URL('https://a.example'), signal)).toMatchObject({ ok: false })
  })
})
