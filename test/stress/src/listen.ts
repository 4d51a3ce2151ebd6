import { once } from 'node:events'
import type { Server } from 'node:http'

/** A server that listens, on this machine alone. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

/** Listens on a free port of loopback. Connections stay open as long as the other side likes. */
export async function listen(server: Server): Promise<Listening> {
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
