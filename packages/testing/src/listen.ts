import type { Traffic } from './traffic.js'

/** An HTTP server on loopback. */
export interface Listener {
  readonly url: string
  close(): Promise<void>
}

/** Serves over HTTP on a free port of 127.0.0.1. Offline, it hangs up on whoever connects. */
export async function listenOnLoopback(
  serve: (request: Request) => Response | Promise<Response>,
  traffic: Traffic,
): Promise<Listener> {
  // Only here, so that the in-process issuer runs where there is no node:http.
  const [{ createServer }, { getRequestListener }] = await Promise.all([
    import('node:http'),
    import('@hono/node-server'),
  ])
  const answer = getRequestListener(serve)
  const server = createServer((req, res) => {
    traffic.requests.push(`${url}${req.url}`)
    if (traffic.offline) req.socket.destroy()
    else void answer(req, res)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The test issuer has no port.')
  const url = `http://127.0.0.1:${address.port}`
  return {
    url,
    async close() {
      if (!server.listening) return
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}
