import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on 127.0.0.1 whose address is known before what it answers with is made. */
export interface Server {
  readonly url: string
  answer(listener: RequestListener): void
  stop(): Promise<void>
  /** Listens again where it did. */
  start(): Promise<void>
}

/** Opens a port; 0 stands for a free one. */
export async function openServer(port: number): Promise<Server> {
  const server = createServer()
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(port)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${taken}`,
    answer: (listener) => server.on('request', listener),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    start: () => listen(taken),
  }
}
