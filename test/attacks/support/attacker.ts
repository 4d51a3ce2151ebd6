import { createServer } from 'node:http'
import { STRANGER } from '../../conformance/support/keys.js'

const hits: string[] = []
const server = createServer((req, res) => {
  hits.push(req.url ?? '')
  res.setHeader('Content-Type', 'application/json')
  res.end(JSON.stringify({ keys: [STRANGER.jwk], issuer: ATTACKER, jwks_uri: `${ATTACKER}/jwks` }))
})
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve)
})
// It ends with the process: every file that makes tokens needs it from the start.
server.unref()

/** Where the attacker's own server is: it publishes the attacker's key. */
export const ATTACKER: string = urlOf(server.address())

/** Gives the paths that somebody asked the attacker for. */
export function attackerHits(): readonly string[] {
  return hits
}

function urlOf(address: ReturnType<typeof server.address>): string {
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}`
}
