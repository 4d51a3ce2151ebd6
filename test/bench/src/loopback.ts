import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSigner, type Algorithm, type Signer } from './policy.js'
import type { Where } from './servers/server.js'

/** An issuer on 127.0.0.1 that publishes its key. */
export interface Loopback {
  readonly signer: Signer
  readonly where: Where
  close(): void
}

/** Starts one. */
export async function startLoopback(alg: Algorithm): Promise<Loopback> {
  let body = ''
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const signer = makeSigner(alg, `http://127.0.0.1:${port}`)
  const { issuer, audience, key } = signer.policy
  const jwks = { keys: [key.jwk] }
  body = JSON.stringify(jwks)
  return {
    signer,
    where: { issuer, audience, alg, jwks, jwksUri: `${issuer}/jwks` },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
