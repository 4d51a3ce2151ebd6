import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plant } from './settings.js'

/** Meets a request before the app does; `true`: it has answered it. */
type Meet = (req: IncomingMessage, res: ServerResponse) => boolean

const EVERY = 50

/** Makes the planted fault of a server: what each request meets. `wait` is an option of the key set instead. */
export function plantIn(plant: Plant | undefined, issuer: string): Meet {
  let met = 0
  const kept: object[] = []
  if (plant === 'open') setInterval(() => undefined, 1_000)
  return (req, res) => {
    met += 1
    if (plant === 'leak') kept.push(req)
    if (met % EVERY > 0) return false
    if (plant === 'flood')
      fetch(`${issuer}/jwks`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
    if (plant === 'tell') process.stderr.write(`${req.headers.authorization}\n`)
    if (plant === 'accept') res.end('planted')
    return plant === 'accept'
  }
}
