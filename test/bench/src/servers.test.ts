import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Load, requestOf, statusOf } from './load.js'
import { startLoopback, type Loopback } from './loopback.js'
import { mint, mintAll } from './mint.js'
import { SERVERS } from './servers/all.js'
import { findFault } from './vet.js'

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe.each(['RS256', 'ES256'] as const)('with %s', (alg) => {
  let issuer: Loopback
  beforeAll(async () => {
    issuer = await startLoopback(alg)
  })
  afterAll(() => issuer.close())

  test.each(SERVERS.map((each) => [each.name, each] as const))('%s is fit', async (_, server) => {
    const port = await listen(await server.make(issuer.where))
    const ask = async (token: string): Promise<boolean> => (await statusOf(port, requestOf(token))) === 200
    const open = 'accepts a token with claims that were changed after signing'
    expect(await findFault(ask, issuer.signer)).toBe(server.kind === 'limit' ? open : undefined)
  })

  const bare = SERVERS.filter(({ kind }) => kind === 'limit')
  test.each(bare.map((each) => [each.name, each] as const))('%s answers the load', async (_, server) => {
    const port = await listen(await server.make(issuer.where))
    const requests = mintAll(issuer.signer, 20).map(requestOf)
    const load = await Load.open(port, 4, requestOf(mint(issuer.signer)))
    onTestFinished(() => load.close())
    await expect(load.send(requests, 0, 50)).resolves.toBeUndefined()
  })
})

describe('the load', () => {
  test('sends as many requests as it is told, in turn', async () => {
    const seen: (string | undefined)[] = []
    const port = await listen((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{}')
    })
    const load = await Load.open(port, 1, requestOf('probe'))
    onTestFinished(() => load.close())
    await load.send([requestOf('a'), requestOf('b'), requestOf('c')], 1, 4)
    expect(seen).toEqual(['probe', 'b', 'c', 'a', 'b'].map((token) => `Bearer ${token}`))
  })

  test('fails where a request is refused: a refusal is not to be counted as an answer', async () => {
    let count = 0
    const port = await listen((_, response) => {
      response.writeHead((count += 1) > 3 ? 401 : 200).end('{}')
    })
    const load = await Load.open(port, 1, requestOf('probe'))
    onTestFinished(() => load.close())
    await expect(load.send([requestOf('a')], 0, 5)).rejects.toThrow('HTTP/1.1 401 Unauthorized')
  })
})
