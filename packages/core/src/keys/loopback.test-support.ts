import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Servers of a test file on free ports of loopback. */
export interface Loopback {
  /** Starts one; gives its origin. */
  readonly serve: (listener: RequestListener) => Promise<string>
  /** Has something ended together with the servers. */
  readonly onEnd: (end: () => void) => void
  /** Ends all of them. */
  readonly end: () => void
}

/** Makes the servers of a test file. */
export function createLoopback(): Loopback {
  const ends: (() => void)[] = []
  return {
    async serve(listener) {
      const server = createServer(listener)
      ends.push(() => {
        server.closeAllConnections()
        server.close()
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    onEnd: (end) => void ends.push(end),
    end() {
      for (const end of ends.splice(0)) end()
    },
  }
}
