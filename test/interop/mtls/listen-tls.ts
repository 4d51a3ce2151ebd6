import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Identity } from './certificates.js'

/** A server on loopback that ends TLS itself. */
export interface TlsServer {
  readonly server: Server
  readonly origin: string
  close(): Promise<void>
}

/**
 * Listens on a free port of 127.0.0.1. The server asks for a certificate and goes on with any, or none, as the recipe
 * has it; `ca` decides only what `socket.authorized` says.
 */
export async function listenTls(identity: Identity, ca?: string): Promise<TlsServer> {
  const server = createServer({
    ...identity,
    ...(ca && { ca }),
    requestCert: true,
    rejectUnauthorized: false,
  })
  server.keepAliveTimeout = 0 // a busy machine closes no connection that a test keeps
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    server,
    origin: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
